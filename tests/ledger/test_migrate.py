import gzip
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from bot.domain.ids import RunId
from ledger.backup import BACKUPS_NAME
from ledger.chain import Head
from ledger.connection import DATABASE_NAME
from ledger.errors import LedgerAbsent, LedgerCorrupt, LedgerHeld, LedgerOlder, LedgerUnwritable
from ledger.migrate import STEPS, Migrated, migrate
from ledger.read import open_reader
from ledger.schema import SCHEMA_VERSION
from ledger.verify import verify, verify_file
from tests.ledger.faulty import FaultyFiles, broken
from tests.ledger.making import intent, note, opened

ROOT = Path(__file__).resolve().parents[2]
# Written by the version that knew schema 1 and no reserve file: ten records, a snapshot at the
# seventh. Its head was printed by that version.
OLD = Path(__file__).with_name("v1.db.gz")
OLD_HEAD = Head(10, "26c51df42ec0359b5a3a6750bd82d4c52132d1df46f4d9c5b8a4c4e154dda4e8")


def old_home(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DATABASE_NAME).write_bytes(gzip.decompress(OLD.read_bytes()))
    return folder


def migrated(
    home: Path, *, is_rehearsal: bool = False, vfs: str | None = None, now_ms: int = 7
) -> Migrated:
    return migrate(home, run_id=RunId("m"), now_ms=now_ms, is_rehearsal=is_rehearsal, vfs=vfs)


@pytest.mark.rule("C-211")
def test_an_older_ledger_is_refused_with_the_command_that_helps(tmp_path: Path) -> None:
    home = old_home(tmp_path)
    before = (home / DATABASE_NAME).read_bytes()
    with pytest.raises(LedgerOlder, match="bot ledger migrate") as caught:
        opened(home)
    assert (caught.value.was, caught.value.known) == (1, SCHEMA_VERSION)
    with pytest.raises(LedgerOlder):
        open_reader(home)
    assert (home / DATABASE_NAME).read_bytes() == before
    assert verify(home, with_fold=False).is_good  # looking at it is always possible


@pytest.mark.rule("C-211")
def test_a_real_old_ledger_is_migrated_with_every_record_as_it_was(tmp_path: Path) -> None:
    home = old_home(tmp_path)
    done = migrated(home)
    assert (done.was, done.now, done.head) == (1, SCHEMA_VERSION, OLD_HEAD)
    assert len(done.steps) == SCHEMA_VERSION - 1
    with opened(home) as ledger:
        assert ledger.head == OLD_HEAD
        ledger.commit([intent(50), note(1)])
    assert verify(home).is_good
    assert done.backup is not None
    kept = verify_file(done.backup, with_fold=False)
    assert (kept.is_good, kept.head) == (True, OLD_HEAD)
    again = migrated(home)
    assert (again.was, again.steps, again.backup) == (SCHEMA_VERSION, (), None)


@pytest.mark.rule("C-211")
def test_a_rehearsal_does_all_of_it_on_a_copy_and_changes_nothing(tmp_path: Path) -> None:
    home = old_home(tmp_path)
    before = (home / DATABASE_NAME).read_bytes()
    done = migrated(home, is_rehearsal=True)
    assert (done.was, done.now, done.head, done.backup) == (1, SCHEMA_VERSION, OLD_HEAD, None)
    assert (home / DATABASE_NAME).read_bytes() == before
    assert {path.name for path in home.iterdir()} <= {
        DATABASE_NAME,
        f"{DATABASE_NAME}-wal",
        f"{DATABASE_NAME}-shm",
        "ledger.lock",
    }
    with pytest.raises(LedgerOlder):
        opened(home)


@pytest.mark.rule("C-210")
@pytest.mark.rule("C-211")
def test_a_migration_killed_anywhere_leaves_the_old_version_or_the_new_one(tmp_path: Path) -> None:
    seen: list[int] = []
    for nth in range(1, 60):
        home = old_home(tmp_path / str(nth))
        child = subprocess.run(  # noqa: S603  # our own interpreter and module
            [sys.executable, "-m", "tests.ledger.migrating_child", str(home), str(nth)],
            cwd=ROOT,
            capture_output=True,
            check=False,
            timeout=60,
        )
        verdict = verify(home, with_fold=False)
        assert verdict.is_good, (nth, verdict.faults)
        assert verdict.head == OLD_HEAD
        connection = apsw.Connection(str(home / DATABASE_NAME))
        seen.append(int(connection.pragma("user_version") or 0))
        connection.close()
        assert migrated(home).now == SCHEMA_VERSION
        with opened(home) as ledger:
            assert ledger.head == OLD_HEAD
        if child.stdout == b"done\n":
            break
    assert child.stdout == b"done\n"
    assert seen == sorted(seen)
    assert set(seen) == {1, SCHEMA_VERSION}
    assert len(seen) > 5


@pytest.mark.rule("C-211")
@pytest.mark.parametrize("what", ["write", "sync"])
def test_a_disk_that_fails_leaves_the_old_version_or_the_new_one(tmp_path: Path, what: str) -> None:
    for nth in range(8):
        home = old_home(tmp_path / str(nth))
        files = FaultyFiles()
        calls = iter(range(1_000))
        setattr(
            files,
            f"on_{what}",
            lambda name, calls=calls, nth=nth: broken(name) if next(calls) == nth else None,
        )
        try:
            migrated(home, vfs=files.name)
        except LedgerUnwritable:
            files.heal()
            assert verify(home).head == OLD_HEAD
            migrated(home, now_ms=8)
        assert verify(home).is_good
        opened(home).close()


@pytest.mark.rule("C-211")
def test_a_damaged_old_ledger_is_not_migrated(tmp_path: Path) -> None:
    home = old_home(tmp_path)
    content = bytearray((home / DATABASE_NAME).read_bytes())
    at = content.index(b"number 6")
    content[at] ^= 1
    (home / DATABASE_NAME).write_bytes(content)
    for is_rehearsal in (True, False):
        with pytest.raises(LedgerCorrupt, match="record 10"):
            migrated(home, is_rehearsal=is_rehearsal)
    assert (home / DATABASE_NAME).read_bytes() == content
    assert list((home / BACKUPS_NAME).iterdir()) == []


@pytest.mark.rule("C-202")
def test_nothing_is_migrated_beside_an_engine(tmp_path: Path) -> None:
    with pytest.raises(LedgerAbsent):
        migrated(tmp_path)
    with opened(tmp_path), pytest.raises(LedgerHeld):
        migrated(tmp_path)


def test_there_is_one_step_from_each_version_to_the_next() -> None:
    assert [step.was for step in STEPS] == list(range(1, SCHEMA_VERSION))
