import random
from pathlib import Path

import apsw
import pytest

from drills.world.disk import Disk
from drills.world.process import Doom, Killed, Process

LABEL = "bd-0123abcd-" + "a" * 48


# SQLite rolls back after the death, which fails too and has nobody to be told.
dying = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def opened(home: Path) -> tuple[Disk, apsw.Connection, Process]:
    disk = Disk(home, draw=random.Random(1), told=lambda *_: None)  # noqa: S311
    process = Process(1, Doom.KILLED, lambda _: None)
    disk.owner = process
    (home / "ledger.db").touch()
    connection = apsw.Connection(str(home / "ledger.db"), vfs=disk.name)
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", "full")
    connection.execute("CREATE TABLE t (label TEXT)")
    return disk, connection, process


@pytest.mark.rule("C-201")
def test_a_label_is_durable_only_below_a_barrier(tmp_path: Path) -> None:
    disk, connection, _ = opened(tmp_path)
    connection.execute("BEGIN")
    connection.execute("INSERT INTO t VALUES (?)", (LABEL,))
    assert disk.durable_labels == set()
    connection.execute("COMMIT")
    assert disk.durable_labels == {LABEL}


@pytest.mark.rule("C-201")
def test_without_barriers_no_label_is_durable(tmp_path: Path) -> None:
    disk, connection, _ = opened(tmp_path)
    connection.pragma("synchronous", "off")
    connection.execute("INSERT INTO t VALUES (?)", (LABEL,))
    assert disk.durable_labels == set()


@dying
def test_a_dead_process_changes_nothing(tmp_path: Path) -> None:
    disk, connection, process = opened(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("ledger.db*")}
    process.die()
    with pytest.raises(Killed):
        connection.execute("INSERT INTO t VALUES (?)", (LABEL,))
    after = {path.name: path.read_bytes() for path in tmp_path.glob("ledger.db*")}
    before.pop("ledger.db-shm")
    after.pop("ledger.db-shm")
    assert after == before
    assert disk.durable_labels == set()


@dying
def test_a_process_dies_in_the_very_act(tmp_path: Path) -> None:
    _, connection, process = opened(tmp_path)
    process.dies_at_act = process.acts + 2
    with pytest.raises(Killed):
        connection.execute("INSERT INTO t VALUES (?)", (LABEL,))
    assert process.is_dead


@pytest.mark.rule("C-210")
def test_a_power_cut_keeps_what_a_barrier_covered(tmp_path: Path) -> None:
    disk, connection, process = opened(tmp_path)
    connection.execute("INSERT INTO t VALUES (?)", (LABEL,))
    process.die()
    disk.cut()
    again = apsw.Connection(str(tmp_path / "ledger.db"))
    assert again.execute("SELECT label FROM t").fetchall() == [(LABEL,)]


def test_a_fault_fails_the_act_it_is_asked_for(tmp_path: Path) -> None:
    disk, connection, _ = opened(tmp_path)
    disk.fault = lambda what, file: "full" if (what, file) == ("write", "ledger.db-wal") else None
    with pytest.raises(apsw.FullError):
        connection.execute("INSERT INTO t VALUES (?)", (LABEL,))
