"""The journal against a plain list, over real files that fail, are left behind and are reopened.

A crash is played by going on with a copy of the home, taken without closing anything, or taken in
the middle of a commit: what a killed process leaves is what its files hold at that moment.
"""

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.core.durable import encode_state
from bot.core.life import LifeEvent
from bot.core.record import IntentRecorded
from bot.domain.order import Role
from ledger.entry import Entry
from ledger.errors import AlreadyRecorded, LedgerUnwritable, NotForReserve
from ledger.ledger import Committed, Ledger
from ledger.read import open_reader
from ledger.rebuild import rebuild
from ledger.recorded import Recorded
from ledger.verify import verify
from tests.ledger.faulty import FaultyFiles, broken, full
from tests.ledger.making import LEDGER_ID, PERPETUAL, RUN, cancel, fill, intent, moved, note, opened
from tests.ledger.making import started as run_started
from tests.properties.journal_model import Model

NOW_MS = 1_790_000_000_000
RESERVE_BYTES = 256 * 1024
KINDS = ("note", "open", "close", "cancel", "moved", "fill", "run")
WISHES = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 7)), min_size=1, max_size=4)
ON = st.sampled_from(["write", "sync"])
FACTS = st.lists(
    st.tuples(
        st.sampled_from(("note", "close", "cancel", "moved", "fill", "again", "again")),
        st.integers(0, 7),
    ),
    min_size=1,
    max_size=3,
)


class Journal(RuleBasedStateMachine):
    """A ledger and its model. `home` is the living one of the homes that were copied."""

    def __init__(self) -> None:
        """Begin with an empty ledger."""
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="journal-"))
        self.copies = 0
        self.home = self.root / "home"
        self.number = 0
        self.orders: list[Entry] = []
        self.fills: list[Entry] = []
        self.files = FaultyFiles()
        self.model = Model()
        self.ledger = self._opened()

    def teardown(self) -> None:
        """End in order; the whole journal is then checked once more from its first byte."""
        self.files.heal()
        self.ledger.close()
        with self._opened() as ledger:
            self._settle(ledger)
        assert verify(self.home).is_good
        shutil.rmtree(self.root)

    @invariant()
    def what_is_open_is_what_was_acknowledged(self) -> None:
        """Head and state are the model's at every moment, and unknown after a failure."""
        if self.ledger.poison is not None:
            with pytest.raises(LedgerUnwritable):
                _ = self.ledger.state
            return
        assert self.ledger.head.seq == len(self.model.acked)
        assert encode_state(self.ledger.state) == encode_state(self.model.state())
        position = self.ledger.state.positions.get(PERPETUAL.name)
        assert (position.quantity if position else 0) == self.model.held()

    @precondition(lambda self: self.ledger.poison is None)
    @rule(wishes=WISHES)
    def commit(self, wishes: list[tuple[str, int]]) -> None:
        """One caller, one barrier."""
        entries = [self._entry(what, which) for what, which in wishes]
        self._keep(entries, self.ledger.commit(entries))

    @precondition(lambda self: self.ledger.poison is None)
    @rule(groups=st.lists(WISHES, min_size=2, max_size=4), twice=st.integers(0, 5))
    def commit_group(self, groups: list[list[tuple[str, int]]], twice: int) -> None:
        """Several callers, one barrier; one of them books again what is booked, to no avail."""
        made = [[self._entry(what, which) for what, which in wishes] for wishes in groups]
        known = [e for e in (*self.fills, *self.orders) if self.model.knows(e)]
        if known:
            made.insert(twice % len(made), [note(0), known[twice % len(known)]])
        outcomes = self.ledger.commit_groups(made)
        assert len(outcomes) == len(made)
        for entries, outcome in zip(made, outcomes, strict=True):
            if any(self.model.knows(entry) for entry in entries):
                assert isinstance(outcome, AlreadyRecorded)
            else:
                assert isinstance(outcome, Committed)
                self._keep(entries, outcome)

    @precondition(lambda self: self.ledger.poison is None)
    @rule(
        wishes=WISHES,
        on=st.sampled_from(["write", "sync", "sync"]),
        kept=st.lists(FACTS, min_size=1, max_size=3),
    )
    def commit_fails(
        self, wishes: list[tuple[str, int]], on: str, kept: list[list[tuple[str, int]]]
    ) -> None:
        """The disk says no: before the rows are there, or after; nobody is told which."""
        # With a trade, since that is what is told again while nobody knows whether it is booked.
        entries = [*(self._entry(what, which) for what, which in wishes), self._entry("fill", 0)]
        setattr(self.files, f"on_{on}", full if on == "write" else broken)
        with pytest.raises(LedgerUnwritable):
            self.ledger.commit(entries)
        self.model.unsure = [entry.record for entry in entries]
        self.files.heal()  # the disk is well again, and the ledger stays shut all the same
        with pytest.raises(LedgerUnwritable):
            self.ledger.commit([note(0)])
        for facts in kept:
            self.reserve(wishes=facts)

    @precondition(lambda self: self.ledger.poison is not None)
    @rule(wishes=FACTS)
    def reserve(self, wishes: list[tuple[str, int]]) -> None:
        """Exits, cancels and facts go to the reserve file, also fills that were lost sight of."""
        entries = [self._entry(what, which) for what, which in wishes]
        refs = [entry.ref for entry in entries if entry.ref is not None]
        if len(set(refs)) < len(refs) or any(self.model.knows(entry) for entry in entries):
            with pytest.raises(AlreadyRecorded):
                self.ledger.reserve.commit(entries)
            return
        reserved = self.ledger.reserve.commit(entries)
        self._check_permits(entries, reserved.recorded)
        self.model.reserve += [entry.record for entry in entries]

    @precondition(lambda self: self.ledger.poison is not None)
    @rule()
    def reserve_takes_no_risk(self) -> None:
        """An order that opens is refused, with what came with it."""
        self.number += 1
        with pytest.raises(NotForReserve):
            self.ledger.reserve.commit([note(0), intent(self.number)])

    @rule(
        how=st.sampled_from(["close", "crash", "crash within", "crash within", "fail first"]), on=ON
    )
    def reopen(self, how: str, on: str) -> None:
        """The orderly end, a crash, a crash in the reopening; or a disk that first goes on failing.

        A crash between two commits closes nothing and makes no snapshot. Within the reopening the
        process is gone while the reserve is appended, or before it was cleared.
        """
        if how == "crash" or (how == "crash within" and not self.model.reserve):
            self._go_on_with(self._copied())
            return
        self.ledger.close()
        if how == "crash within":
            left: list[Path] = []
            self.files.on_sync = lambda _file: left.append(self._copied())
            self.ledger = self._opened()
            self.files.heal()
            self._go_on_with(left[0 if on == "write" else -1])
            return
        if how == "fail first":
            setattr(self.files, f"on_{on}", full if on == "write" else broken)
            # Only an opening that has something to write meets the fault; nothing may be lost.
            with suppress(LedgerUnwritable):
                self._opened().close()
            self.files.heal()
        self._reopen()

    @precondition(lambda self: self.ledger.poison is None)
    @rule(wishes=WISHES)
    def crash_within_a_commit(self, wishes: list[tuple[str, int]]) -> None:
        """The process is gone when the rows are written and the barrier has not been asked for."""
        entries = [self._entry(what, which) for what, which in wishes]
        left: list[Path] = []
        self.files.on_sync = lambda _file: left.append(self._copied())
        self.ledger.commit(entries)
        self.files.heal()
        self.model.unsure = [entry.record for entry in entries]
        self._go_on_with(left[0])

    @precondition(lambda self: self.ledger.poison is None)
    @rule()
    def snapshot(self) -> None:
        """Keep the state: the next opening begins there and must come to the same."""
        self.ledger.take_snapshot()

    @precondition(lambda self: self.ledger.poison is None)
    @rule(truncate=st.booleans())
    def checkpoint(self, truncate: bool) -> None:
        """Move the log into the main file."""
        self.ledger.checkpoint(truncate=truncate)

    @precondition(lambda self: self.ledger.poison is None)
    @rule(is_rehearsal=st.booleans())
    def rebuild_from_zero(self, is_rehearsal: bool) -> None:
        """State is a fold: dropping every snapshot changes not one byte."""
        self.ledger.close()
        self.number += 1  # each copy that a rebuild takes before it begins is named by its time
        rebuilt = rebuild(
            self.home, run_id=RUN, now_ms=NOW_MS + self.number, is_rehearsal=is_rehearsal
        )
        assert rebuilt.is_same
        assert rebuilt.head.seq == len(self.model.acked)
        self._reopen()

    def _opened(self) -> Ledger:
        return opened(
            self.home, ledger_id=LEDGER_ID, vfs=self.files.name, reserve_bytes=RESERVE_BYTES
        )

    def _reopen(self) -> None:
        self.ledger = self._opened()
        self._settle(self.ledger)

    def _settle(self, ledger: Ledger) -> None:
        with open_reader(self.home) as reader:
            written = list(reader.entries())
        assert [one.seq for one in written] == list(range(1, len(written) + 1))
        self.model.settle([one.entry.record for one in written])
        assert ledger.head.seq == len(written)

    def _copied(self) -> Path:
        self.copies += 1
        target = self.root / f"home-{self.copies}"
        shutil.copytree(self.home, target)
        return target

    def _go_on_with(self, home: Path) -> None:
        before, self.home = self.ledger, home
        self._reopen()
        before.close()  # gives back what only a test keeps: to its own files, which nobody reads

    def _keep(self, entries: list[Entry], committed: Committed) -> None:
        self.model.acked += [entry.record for entry in entries]
        assert committed.head.seq <= self.ledger.head.seq
        self._check_permits(entries, committed.recorded)

    def _check_permits(self, entries: list[Entry], permits: tuple[Recorded, ...]) -> None:
        wanted = [e.record.label for e in entries if isinstance(e.record, IntentRecorded)]
        assert [permit.label for permit in permits] == wanted

    def _entry(self, what: str, which: int) -> Entry:
        self.number += 1
        number = self.number
        order = self.orders[which % len(self.orders)] if self.orders else None
        match what:
            case "open" | "close":
                made = intent(number, role=Role.OPEN if what == "open" else Role.CLOSE)
                self.orders.append(made)
                return made
            case "cancel" if order is not None:
                return cancel(number, of=order)
            case "moved" if order is not None:
                return moved(order, list(LifeEvent)[number % len(LifeEvent)], number)
            case "fill":
                made = fill(number, of=order)
                self.fills.append(made)
                return made
            case "again" if self.fills:
                return self.fills[-1 - which % min(2, len(self.fills))]
            case "run":
                return run_started(number)
            case _:
                return note(number)


TestJournal = pytest.mark.rule("C-203", "C-207", "C-209", "C-210", "C-212")(Journal.TestCase)
TestJournal.settings = settings(max_examples=90, stateful_step_count=25, deadline=None)
