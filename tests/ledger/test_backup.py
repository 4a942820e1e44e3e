import stat
import threading
from pathlib import Path

import pytest

from ledger.backup import backup, backup_before
from ledger.connection import DATABASE_NAME
from ledger.errors import InTheWay, LedgerAbsent, LedgerCorrupt, LedgerUnwritable
from ledger.verify import verify, verify_file
from tests.ledger.making import fill, intent, note, opened
from tests.ledger.tampering import tamper


@pytest.mark.rule("C-211")
def test_a_copy_stands_alone_and_is_the_ledger_of_one_moment(tmp_path: Path) -> None:
    with opened(tmp_path / "home") as ledger:
        ledger.commit([intent(1), fill(2)])
        copied = backup(tmp_path / "home", to=tmp_path / "copy.db")
        assert (copied.head, copied.records) == (ledger.head, 2)
        ledger.commit([note(3)])
    assert verify_file(tmp_path / "copy.db").head == copied.head
    assert copied.bytes == (tmp_path / "copy.db").stat().st_size
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"home", "copy.db"}


@pytest.mark.rule("C-211")
def test_a_copy_is_whole_however_busy_the_engine_is(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with opened(home) as ledger:
        for number in range(200):
            ledger.commit([note(number)])
        is_over = threading.Event()
        heads = {ledger.head}

        def go_on() -> None:
            number = 1_000
            while not is_over.is_set():
                heads.add(ledger.commit([intent(number), note(number)]).head)
                if number % 20 == 0:
                    ledger.checkpoint(truncate=False)
                number += 1

        busy = threading.Thread(target=go_on)
        busy.start()
        try:
            copies = [backup(home, to=tmp_path / f"{nth}.db") for nth in range(5)]
        finally:
            is_over.set()
            busy.join()
    for copied in copies:
        assert copied.head in heads
    assert [copied.records for copied in copies] == sorted(copied.records for copied in copies)
    assert verify(home).is_good


def test_nothing_is_written_over(tmp_path: Path) -> None:
    with pytest.raises(LedgerAbsent):
        backup(tmp_path, to=tmp_path / "copy.db")
    opened(tmp_path).close()
    (tmp_path / "there").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("there", "link", DATABASE_NAME):
        with pytest.raises(InTheWay):
            backup(tmp_path, to=tmp_path / name)
    assert (tmp_path / "there").read_text() == "x"
    with pytest.raises(LedgerUnwritable):
        backup(tmp_path, to=tmp_path / "no folder" / "copy.db")


@pytest.mark.rule("C-211")
def test_a_copy_of_a_damaged_ledger_is_not_kept(tmp_path: Path) -> None:
    with opened(tmp_path / "home") as ledger:
        ledger.commit([intent(1), note(2)])
    tamper(tmp_path / "home", "UPDATE journal SET run_id = 'x' WHERE seq = 2")
    with pytest.raises(LedgerCorrupt, match="record 2: the copy does not verify"):
        backup(tmp_path / "home", to=tmp_path / "copy.db")
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_a_rehearsal_leaves_no_file_and_tells_what_it_would_be(tmp_path: Path) -> None:
    with opened(tmp_path / "home") as ledger:
        ledger.commit([note(1)])
    told: list[tuple[int, int]] = []
    copied = backup(
        tmp_path / "home",
        to=tmp_path / "copy.db",
        is_rehearsal=True,
        progress=lambda done, of: told.append((done, of)),
    )
    assert copied.records == 1
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    assert told[-1][0] == told[-1][1] > 0


def test_a_copy_from_before_is_kept_in_the_home(tmp_path: Path) -> None:
    opened(tmp_path).close()
    copied = backup_before(tmp_path, what="rebuild", now_ms=5)
    assert copied.path.relative_to(tmp_path) == Path("backups/ledger-before-rebuild-5.db")
    assert verify_file(copied.path).is_good
