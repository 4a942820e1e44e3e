import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import trio
import trio.testing

from ledger.errors import AlreadyRecorded, LedgerHeld, LedgerUnwritable
from ledger.inline import open_inline_writer
from ledger.ledger import Ledger
from ledger.read import open_reader
from ledger.upkeep import SNAPSHOT_IDLE_RECORDS
from ledger.verify import verify
from ledger.writer import BARRIER_S, WAITING_MAX, Writer, open_writer
from tests.ledger.faulty import FaultyFiles, broken
from tests.ledger.making import fill, intent, note, opened

Opener = Callable[[Ledger], AbstractAsyncContextManager[Writer]]
BOTH = pytest.mark.parametrize("open_", [open_writer, open_inline_writer])


def waiting_for(gate: threading.Event) -> Callable[[str], None]:
    def wait(_file: str) -> None:
        assert gate.wait(30)

    return wait


@BOTH
@pytest.mark.trio
async def test_a_commit_is_durable_when_it_returns(tmp_path: Path, open_: Opener) -> None:
    with opened(tmp_path) as ledger:
        async with open_(ledger) as writer:
            committed = await writer.commit([intent(1)])
            with open_reader(tmp_path) as reader:
                assert reader.head() == committed.head == ledger.head
            assert committed.recorded[0].label == intent(1).ref


@pytest.mark.rule("C-201")
@pytest.mark.trio
async def test_what_waits_is_committed_together_and_in_order(tmp_path: Path) -> None:
    files = FaultyFiles()
    gate = threading.Event()
    is_first = True

    def hold_the_first(_file: str) -> None:
        nonlocal is_first
        if is_first:
            is_first = False
            assert gate.wait(30)

    heads: dict[int, int] = {}

    async def commit(writer: Writer, number: int) -> None:
        heads[number] = (await writer.commit([note(number)])).head.seq

    with opened(tmp_path, vfs=files.name) as ledger:
        async with open_writer(ledger) as writer, trio.open_nursery() as nursery:
            files.on_sync = hold_the_first
            nursery.start_soon(commit, writer, 0)
            await trio.testing.wait_all_tasks_blocked(0.05)
            files.done.clear()
            for number in range(1, 41):
                nursery.start_soon(commit, writer, number)
                await trio.testing.wait_all_tasks_blocked()
            assert heads == {}  # nobody is told before a barrier
            gate.set()
        assert heads == {number: number + 1 for number in range(41)}
        assert files.done.count(("sync", "ledger.db-wal")) == 2  # the one held, and one for forty


@BOTH
@pytest.mark.trio
async def test_a_refused_commit_is_its_callers_alone(tmp_path: Path, open_: Opener) -> None:
    with opened(tmp_path) as ledger:
        async with open_(ledger) as writer:
            await writer.commit([fill(1)])
            with pytest.raises(AlreadyRecorded):
                await writer.commit([fill(1)])
            assert (await writer.commit([fill(2)])).head.seq == 2


@BOTH
@pytest.mark.rule("C-212")
@pytest.mark.trio
async def test_a_failed_barrier_fails_everybody_now_and_later(
    tmp_path: Path, open_: Opener
) -> None:
    files = FaultyFiles()
    failed: list[int] = []

    async def commit(writer: Writer, number: int) -> None:
        with pytest.raises(LedgerUnwritable):
            await writer.commit([note(number)])
        failed.append(number)

    with opened(tmp_path, vfs=files.name) as ledger:
        async with open_(ledger) as writer:
            await writer.commit([note(0)])
            files.on_sync = broken
            async with trio.open_nursery() as nursery:
                for number in range(20):
                    nursery.start_soon(commit, writer, number)
            files.heal()
            await commit(writer, 20)
        assert sorted(failed) == list(range(21))
        assert ledger.poison is not None
    with opened(tmp_path) as again:
        assert again.head.seq >= 1


@pytest.mark.trio
async def test_a_cancelled_caller_neither_loses_nor_doubles_its_commit(tmp_path: Path) -> None:
    files = FaultyFiles()
    gate = threading.Event()
    known: list[int] = []

    async def commit(writer: Writer) -> None:
        committed = await writer.commit([note(1)])
        known.append(committed.head.seq)  # shielded: the answer comes, cancelled or not
        await trio.lowlevel.checkpoint()
        raise AssertionError("a cancelled task went on")

    with opened(tmp_path, vfs=files.name) as ledger:
        async with open_writer(ledger) as writer, trio.open_nursery() as nursery:
            files.on_sync = waiting_for(gate)
            nursery.start_soon(commit, writer)
            await trio.testing.wait_all_tasks_blocked(0.05)
            nursery.cancel_scope.cancel()
            gate.set()
        assert known == [1]
        assert ledger.head.seq == 1


@BOTH
@pytest.mark.trio
async def test_a_caller_cancelled_before_its_turn_writes_nothing(
    tmp_path: Path, open_: Opener
) -> None:
    with opened(tmp_path) as ledger:
        async with open_(ledger) as writer:
            with trio.CancelScope() as scope:
                scope.cancel()
                await writer.commit([note(1)])
            assert scope.cancelled_caught
            assert ledger.head.seq == 0


@pytest.mark.trio
async def test_leaving_the_block_commits_what_was_taken_in(tmp_path: Path) -> None:
    async def commit(writer: Writer, number: int) -> None:
        await writer.commit([note(number)])

    with opened(tmp_path) as ledger:
        async with trio.open_nursery() as nursery, open_writer(ledger) as writer:
            for number in range(10):
                nursery.start_soon(commit, writer, number)
            await trio.testing.wait_all_tasks_blocked()
            taken = True
        assert taken
        assert ledger.head.seq == 10
        with pytest.raises(LedgerUnwritable, match="ended"):
            await writer.commit([note(99)])


@pytest.mark.trio
async def test_more_callers_than_there_is_room_for_wait_their_turn(tmp_path: Path) -> None:
    done: list[int] = []

    async def commit(writer: Writer, number: int) -> None:
        done.append((await writer.commit([note(number)])).head.seq)

    with opened(tmp_path) as ledger:
        async with open_writer(ledger) as writer, trio.open_nursery() as nursery:
            for number in range(WAITING_MAX * 2):
                nursery.start_soon(commit, writer, number)
    assert sorted(done) == list(range(1, WAITING_MAX * 2 + 1))
    assert verify(tmp_path).records == WAITING_MAX * 2


@pytest.mark.trio
async def test_a_disk_that_does_not_answer_is_given_up_and_not_believed_later(
    tmp_path: Path, mock_clock: trio.testing.MockClock
) -> None:
    files = FaultyFiles()
    gate = threading.Event()

    async def commit(writer: Writer) -> None:
        with pytest.raises(LedgerUnwritable, match="no barrier"):
            await writer.commit([note(1)])

    with opened(tmp_path, vfs=files.name) as ledger:
        async with open_writer(ledger) as writer:
            files.on_sync = waiting_for(gate)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(commit, writer)
                await trio.testing.wait_all_tasks_blocked(0.05)
                mock_clock.jump(BARRIER_S)
            gate.set()  # the answer comes after all, too late
        with pytest.raises(LedgerUnwritable, match="no barrier"):
            ledger.commit([note(2)])


@pytest.mark.trio
@pytest.mark.rule("C-202")
async def test_nobody_opens_beside_a_write_that_may_yet_complete(
    tmp_path: Path, mock_clock: trio.testing.MockClock
) -> None:
    files = FaultyFiles()
    gate = threading.Event()

    async def pass_time() -> None:
        for _ in range(2):  # for the caller, and for leaving the block
            await trio.testing.wait_all_tasks_blocked(0.05)
            mock_clock.jump(BARRIER_S)

    ledger = opened(tmp_path, vfs=files.name)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pass_time)
        async with open_writer(ledger) as writer:
            files.on_sync = waiting_for(gate)
            with pytest.raises(LedgerUnwritable):
                await writer.commit([note(1)])
    with pytest.raises(LedgerUnwritable):
        ledger.close()
    with pytest.raises(LedgerHeld):
        opened(tmp_path)
    gate.set()
    for thread in threading.enumerate():
        if thread.name == "ledger writer":
            thread.join(10)


@pytest.mark.trio
async def test_an_idle_writer_takes_a_snapshot(tmp_path: Path) -> None:
    files = FaultyFiles()
    synced = threading.Event()
    with opened(tmp_path, vfs=files.name) as ledger:
        async with open_writer(ledger) as writer:
            for _ in range(SNAPSHOT_IDLE_RECORDS // 50):
                await writer.commit([note(number) for number in range(50)])
            files.on_sync = lambda _file: synced.set()
            assert await trio.to_thread.run_sync(synced.wait, 10)
        assert ledger.snapshot_seq == SNAPSHOT_IDLE_RECORDS


@pytest.mark.rule("C-210")
@pytest.mark.rule("C-201")
@pytest.mark.parametrize("lines", [1, 40, 400])
def test_what_was_acknowledged_before_a_kill_is_there_after_it(tmp_path: Path, lines: int) -> None:
    child = subprocess.Popen(  # noqa: S603  # our own interpreter and module
        [sys.executable, "-m", "tests.ledger.committing_child", str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
        text=True,
    )
    with child:
        assert child.stdout is not None
        told = [child.stdout.readline() for _ in range(lines)]
        child.send_signal(signal.SIGKILL)
        told += child.stdout.readlines()
    acknowledged = dict(line.split() for line in told if line.endswith("\n"))
    assert len(acknowledged) >= lines
    verdict = verify(tmp_path)
    assert verdict.is_good
    with open_reader(tmp_path) as reader:
        there = {str(each.seq): each.hash for each in reader.entries()}
    assert acknowledged.items() <= there.items()
    with opened(tmp_path) as ledger:
        assert ledger.head == verdict.head
