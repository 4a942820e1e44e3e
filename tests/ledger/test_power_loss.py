"""Power fails at every write and every barrier of a session, each time in several ways."""

import hashlib
import random
import shutil
from pathlib import Path

import pytest

from bot.core.life import LifeEvent
from ledger.chain import Head
from ledger.connection import DATABASE_NAME
from ledger.entry import Entry
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.read import open_reader
from ledger.reserve_file import RESERVE_NAME
from ledger.verify import verify
from tests.ledger.making import fill, intent, moved, note, opened, started
from tests.ledger.power import PowerFiles

RESERVE = 8_192


class Session:
    """A scripted session on a disk that can lose power, judged at each of its events."""

    def __init__(self, home: Path, trial: Path, *, seed: int) -> None:
        self.home = home
        self.trial = trial
        self.draw = random.Random(seed)  # noqa: S311  # which sectors survive
        self.files = PowerFiles(self.judge)
        self.acknowledged = Head(0, "")
        self.promised: set[str] = set()  # intents whose commit has returned
        self.boundaries = {0}  # record numbers at which a commit ends
        self.seen: set[bytes] = set()
        self.events = self.cuts = self.lost = self.silent = self.told = 0

    def run(self) -> None:
        """Open, commit, snapshot, checkpoint both ways, close, and go on after it."""
        orders = [intent(number) for number in range(6)]
        with self.opened() as ledger:
            self.commit(ledger, [started(0)])
            for order in orders[:3]:
                self.commit(ledger, [order, note(order.at_mono_ns)])
                self.commit(ledger, [moved(order, LifeEvent.SEND)])
            ledger.take_snapshot()
            ledger.checkpoint(truncate=False)
            self.commit(ledger, [fill(1, of=orders[0]), fill(2)])
            ledger.checkpoint(truncate=True)
            self.commit(ledger, [orders[3]])
        with self.opened() as ledger:
            self.commit(ledger, [started(1)])
            self.commit(ledger, [orders[4], orders[5]])
            self.commit(ledger, [moved(orders[4], LifeEvent.DOUBT), fill(3, of=orders[4])])

    def opened(self) -> Ledger:
        return opened(self.home, vfs=self.files.name, reserve_bytes=RESERVE)

    def commit(self, ledger: Ledger, entries: list[Entry]) -> None:
        self.boundaries.add(ledger.head.seq + len(entries))  # it may be there from its first byte
        committed = ledger.commit(entries)
        self.acknowledged = committed.head
        self.promised |= {permit.intent_id for permit in committed.recorded}

    def judge(self) -> None:
        """Cut the power here, in every way that differs, and look at each outcome."""
        self.events += 1
        for image in self.files.images(self.draw):
            digest = hashlib.sha256(repr((self.acknowledged, sorted(image.items()))).encode())
            if digest.digest() in self.seen:
                continue
            self.seen.add(digest.digest())
            self.cuts += 1
            self.boot(image)

    def boot(self, image: dict[str, bytes]) -> None:
        shutil.rmtree(self.trial, ignore_errors=True)
        self.trial.mkdir()
        for name, content in image.items():
            (self.trial / name).write_bytes(content)
        if (self.home / RESERVE_NAME).exists():  # it has barriers of its own, before its first use
            shutil.copy(self.home / RESERVE_NAME, self.trial)
        try:
            with opened(self.trial, reserve_bytes=RESERVE) as ledger:
                head, there = ledger.head, {*ledger.state.orders, *ledger.state.closed}
                ledger.poison_with("looked at")  # closing must not mend anything
            with open_reader(self.trial) as reader:
                hashes = {written.seq: written.hash for written in reader.entries()}
        except LedgerError:
            self.told += 1
            self.lost += bool(self.promised)
            return
        except Exception:  # noqa: BLE001  # whatever it is: neither open nor told
            self.silent += 1
            return
        is_kept = self.acknowledged.seq == 0 or (
            hashes.get(self.acknowledged.seq) == self.acknowledged.hash
        )
        if not (is_kept and self.promised <= there):
            self.lost += 1
        if head.seq not in self.boundaries or not verify(self.trial).is_good:
            self.silent += 1


@pytest.mark.rule("C-210")
@pytest.mark.rule("C-201")
@pytest.mark.parametrize("seed", [1, 2])
def test_power_lost_at_any_write_or_barrier_loses_nothing_acknowledged(
    tmp_path: Path, seed: int
) -> None:
    session = Session(tmp_path / "home", tmp_path / "trial", seed=seed)
    session.run()
    figures = (
        f"seed {seed}: {session.events} events, {session.cuts} power cuts,"
        f" acknowledged intents lost {session.lost},"
        f" neither opened nor told {session.silent}, told {session.told}"
    )
    print(figures)  # noqa: T201  # the figure that the test is asked for
    assert (session.lost, session.silent) == (0, 0), figures
    assert session.told == 0, figures  # in this model every image can be recovered
    assert session.cuts > 300, figures
    assert len(session.promised) == 6


@pytest.mark.rule("C-210")
def test_the_judge_sees_a_ledger_that_does_not_wait_for_its_barrier(tmp_path: Path) -> None:
    session = Session(tmp_path / "home", tmp_path / "trial", seed=3)
    platters = session.files.platters

    def forget() -> None:
        """A disk whose barriers do nothing: the planted fault."""
        for name, platter in platters.items():
            if name != DATABASE_NAME:
                platter.delete()
        session.judge()

    session.files.on_event = forget
    with session.opened() as ledger:
        session.commit(ledger, [intent(1)])
        session.commit(ledger, [note(1)])
    assert session.lost > 0
