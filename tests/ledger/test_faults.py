"""What can happen to a disk, a file or a lock: opens stop, exits go on, nothing is invented.

The faults under a running ledger are one table; each also has to leave the next opening with every
acknowledged record, with the exit, and with nothing else but what the failed commit wrote.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.core.durable import encode_state
from bot.domain.order import Role
from ledger.connection import DATABASE_NAME
from ledger.errors import LedgerCorrupt, LedgerError, LedgerHeld, LedgerUnwritable, NotForReserve
from ledger.ledger import Ledger
from ledger.lock import LOCK_NAME
from ledger.read import open_reader
from ledger.reserve_file import read_frames
from ledger.verify import verify
from tests.ledger.faulty import FaultyFiles, broken, full, read_only
from tests.ledger.making import fill, intent, note, opened

ROOT = Path(__file__).resolve().parents[2]
OPEN, LATER, EXIT = intent(1), intent(2), intent(3, role=Role.CLOSE)


def no_space(_home: Path, files: FaultyFiles) -> None:
    files.on_write = full


def write_error(_home: Path, files: FaultyFiles) -> None:
    files.on_write = broken


def sync_error(_home: Path, files: FaultyFiles) -> None:
    files.on_sync = broken


def read_error(_home: Path, files: FaultyFiles) -> None:
    files.on_read = broken


def turned_read_only(_home: Path, files: FaultyFiles) -> None:
    files.on_write = read_only


def lock_stolen(home: Path, _files: FaultyFiles) -> None:
    (home / LOCK_NAME).unlink()


def file_moved(home: Path, _files: FaultyFiles) -> None:
    (home / DATABASE_NAME).rename(home / "away")


UNDER_A_RUNNING_LEDGER = (no_space, write_error, sync_error, turned_read_only, lock_stolen)


def stopped(ledger: Ledger) -> None:
    """Opens have stopped by type, and an exit and a fill go on."""
    with pytest.raises(LedgerUnwritable):
        ledger.commit([LATER])
    with pytest.raises(NotForReserve):
        ledger.reserve.commit([LATER])
    (permit,) = ledger.reserve.commit([EXIT, fill(1, of=EXIT)]).recorded
    assert permit.label == EXIT.ref


@pytest.mark.rule("C-202")
@pytest.mark.rule("C-210")
@pytest.mark.rule("C-212")
@pytest.mark.parametrize("fault", UNDER_A_RUNNING_LEDGER, ids=lambda fault: fault.__name__)
def test_opens_stop_exits_go_on_and_all_of_it_is_there_afterwards(
    tmp_path: Path, fault: Callable[[Path, FaultyFiles], None]
) -> None:
    files = FaultyFiles()
    ledger = opened(tmp_path, vfs=files.name)
    acknowledged = ledger.commit([OPEN]).head
    fault(tmp_path, files)
    stopped(ledger)
    files.heal()
    ledger.close()
    with opened(tmp_path) as again:
        assert {OPEN.intent_id, EXIT.intent_id} <= {*again.state.orders}
        # DEPENDENCIES §2.2.9: what a failed barrier was to make durable may be there after all.
        assert {*again.state.orders} <= {OPEN.intent_id, LATER.intent_id, EXIT.intent_id}
        assert set(again.state.trades) == {"BTC:1"}
    with open_reader(tmp_path) as reader:
        first = next(reader.entries())
        assert (first.seq, first.hash) == (acknowledged.seq, acknowledged.hash)
    assert verify(tmp_path).is_good


@pytest.mark.rule("C-212")
def test_a_page_that_cannot_be_read_stops_the_commit_that_needs_it(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.commit([fill(number) for number in range(200)])
        for group in range(80):
            ledger.commit([note(group * 200 + number) for number in range(200)])
    files = FaultyFiles()
    ledger = opened(tmp_path, vfs=files.name)
    read_error(tmp_path, files)
    # More than the page cache holds came after the trades: the page that would tell whether this
    # one is booked already is on the disk only.
    with pytest.raises(LedgerUnwritable, match="IOError"):
        ledger.commit([fill(100)])
    (permit,) = ledger.reserve.commit([EXIT]).recorded
    assert permit.label == EXIT.ref
    files.heal()
    ledger.close()
    with opened(tmp_path) as again:
        assert EXIT.intent_id in again.state.orders
    assert verify(tmp_path).is_good


@pytest.mark.rule("C-212")
def test_a_ledger_that_cannot_be_read_does_not_open(tmp_path: Path) -> None:
    opened(tmp_path).close()
    files = FaultyFiles()
    files.on_read = broken
    with pytest.raises(LedgerUnwritable):
        opened(tmp_path, vfs=files.name)
    opened(tmp_path).close()


@pytest.mark.rule("C-202")
def test_who_stole_the_lock_does_not_get_in_while_the_robbed_one_lives(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        lock_stolen(tmp_path, FaultyFiles())
        with pytest.raises(LedgerHeld):
            opened(tmp_path)
        assert not ledger.still_held()
        assert not ledger.still_alone()  # dispatch asks this before an exit, too


@pytest.mark.rule("C-212")
@pytest.mark.parametrize("is_deleted", [True, False], ids=["deleted", "moved away"])
def test_a_file_that_is_gone_stops_opens_and_is_not_made_again(
    tmp_path: Path, is_deleted: bool
) -> None:
    ledger = opened(tmp_path)
    head = ledger.commit([OPEN]).head
    if is_deleted:
        for path in tmp_path.glob(f"{DATABASE_NAME}*"):
            path.unlink()
    else:
        file_moved(tmp_path, FaultyFiles())
    stopped(ledger)
    assert not ledger.still_held()
    assert ledger.still_alone()
    ledger.close()
    with pytest.raises(LedgerCorrupt, match="the database is gone"):
        opened(tmp_path)
    (frame,) = read_frames(tmp_path)
    assert frame.base_seq == head.seq
    if not is_deleted:  # it was mislaid only: everything is there again
        (tmp_path / "away").rename(tmp_path / DATABASE_NAME)
        with opened(tmp_path) as again:
            assert {*again.state.orders} == {OPEN.intent_id, EXIT.intent_id}


def full_ledger(home: Path) -> tuple[bytes, list[str]]:
    """A closed ledger of some pages: its bytes and the hashes of its records."""
    with opened(home) as ledger:
        for number in range(40):
            ledger.commit([intent(number), fill(number), note(number)])
    with open_reader(home) as reader:
        hashes = [written.hash for written in reader.entries()]
    return (home / DATABASE_NAME).read_bytes(), hashes


def outcome(home: Path, hashes: list[str], state: bytes) -> str:
    """Open and verify a harmed ledger; say which of the allowed things happened."""
    try:
        with opened(home) as ledger:
            assert encode_state(ledger.state) == state, "a state that never was"
        seen = "opened"
    except LedgerError as fault:
        seen = type(fault).__name__
    try:
        verdict = verify(home)
    except LedgerError as fault:
        return f"{seen}, {type(fault).__name__}"
    if not verdict.is_good:
        return f"{seen}, told by verify"
    with open_reader(home) as reader:  # the harm met no byte that means anything
        assert [written.hash for written in reader.entries()] == hashes
    return f"{seen}, good"


@pytest.mark.rule("C-210")
def test_one_flipped_byte_anywhere_is_told_or_means_nothing(tmp_path: Path) -> None:
    content, hashes = full_ledger(tmp_path / "source")
    with opened(tmp_path / "source") as ledger:
        state = encode_state(ledger.state)
    seen: dict[str, int] = {}
    for at in range(3, len(content), len(content) // 150):
        home = tmp_path / str(at)
        home.mkdir()
        (home / DATABASE_NAME).write_bytes(
            content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :]
        )
        word = outcome(home, hashes, state)
        seen[word] = seen.get(word, 0) + 1
        shutil.rmtree(home)
    assert set(seen) <= {
        "opened, good",
        "opened, told by verify",
        "LedgerCorrupt, told by verify",
        "LedgerCorrupt, LedgerCorrupt",
        "LedgerNewer, LedgerNewer",
        "LedgerUnwritable, LedgerUnwritable",
        "LedgerUnwritable, told by verify",
    }
    assert sum(count for word, count in seen.items() if "told by verify" in word) > 50


@pytest.mark.rule("C-210")
def test_a_truncated_file_is_told_wherever_it_ends(tmp_path: Path) -> None:
    content, hashes = full_ledger(tmp_path / "source")
    with opened(tmp_path / "source") as ledger:
        state = encode_state(ledger.state)
    for at in (*range(0, len(content), 16_384), 100, 5_000):
        home = tmp_path / str(at)
        home.mkdir()
        (home / DATABASE_NAME).write_bytes(content[:at])
        if at == 0:  # as a crash before the first transaction leaves it: nothing was acknowledged
            shutil.copy(tmp_path / "source" / "ledger.reserve", home)
        word = outcome(home, hashes, state)
        assert word.startswith(("LedgerCorrupt", "LedgerUnwritable")), (at, word)
        shutil.rmtree(home)


@pytest.mark.rule("C-210")
@pytest.mark.parametrize("harm", ["truncated", "flipped"])
def test_a_file_harmed_while_it_is_open_invents_nothing(tmp_path: Path, harm: str) -> None:
    ledger = opened(tmp_path)
    heads = {ledger.head}
    for number in range(60):
        heads.add(ledger.commit([intent(100 + number), note(number)]).head)
    ledger.checkpoint(truncate=True)
    path = tmp_path / DATABASE_NAME
    with path.open("r+b") as file:
        if harm == "truncated":
            file.truncate(path.stat().st_size // 2)
        else:
            middle = path.stat().st_size // 2
            file.seek(middle)
            (byte,) = os.pread(file.fileno(), 1, middle)
            file.write(bytes([byte ^ 0x55]))
    try:
        for number in range(60):
            heads.add(ledger.commit([intent(200 + number)]).head)
        ledger.close()
    except LedgerError:
        ledger.reserve.commit([EXIT])  # it was noticed: exits go on
        ledger.close()
    try:
        with opened(tmp_path) as again:
            assert again.head in heads
    except (LedgerCorrupt, LedgerUnwritable):  # or it is said
        pass
    try:
        told = verify(tmp_path)
    except LedgerError:
        return
    assert not told.is_good or told.head in heads


def on_its_own_disk(what: str, home: Path) -> list[str]:
    """Run the child in a mount namespace; skip where the system does not allow one."""
    home.mkdir()
    unshare = shutil.which("unshare")
    trial = [unshare or "", "-rm", "mount", "-t", "tmpfs", "tmpfs", str(home)]
    if unshare is None or subprocess.run(trial, capture_output=True, check=False).returncode:  # noqa: S603  # fixed words
        pytest.skip("no mount namespaces here")
    child = subprocess.run(  # noqa: S603  # our own interpreter and module
        [unshare, "-rm", sys.executable, "-m", "tests.ledger.small_disk_child", what, str(home)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert child.returncode == 0, child.stderr
    return child.stdout.splitlines()


@pytest.mark.rule("C-212")
def test_a_disk_that_is_really_full_stops_opens_takes_the_exit_and_loses_nothing(
    tmp_path: Path,
) -> None:
    assert on_its_own_disk("full", tmp_path / "disk") == [
        "stopped",
        "exit taken",
        "still stopped",
        "still full",
        "nothing lost",
        "exit there",
        "good",
    ]


@pytest.mark.rule("C-212")
def test_a_file_system_that_is_really_read_only_is_unwritable_and_readable(tmp_path: Path) -> None:
    assert on_its_own_disk("read-only", tmp_path / "disk") == ["LedgerUnwritable", "good"]
