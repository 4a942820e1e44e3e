"""The life of orders in the real core against facts, with a venue that never lies but says little.

Answers come, fail to come and come late; trades are told before and after them; the engine restarts
and looks. The venue's truth is kept beside what the engine was told, so that two more things can be
seen at every step: nothing that lives is ever called absent, and a label goes out once.
"""

from collections.abc import Sequence
from typing import TypeVar

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.core.event import Disconnected, Reported
from bot.core.outcome import Acked, Ambiguous, Outcome, Rejected, Swept, Unsent
from bot.domain.order import OrderState
from bot.domain.reason import Reason
from bot.strategy.interface import Withdraw
from tests.bot.core.words import place
from tests.properties.order_reference import Believed
from tests.properties.order_scene import Scene

T = TypeVar("T")
MARGIN_MS = 5_000  # absence_margin_ms_min of config/trading_policy.yaml
WHICH = st.integers(0, 11)
# With a venue that does not lie none of these may ever come up.
SLANDERS = frozenset(
    {
        Reason.FOREIGN_FILL,
        Reason.INTERNAL,
        Reason.LATE_FILL,
        Reason.LIQUIDATED,
        Reason.ORDER_CHANGED,
        Reason.ORDER_DOUBLED,
        Reason.POSITION_MISMATCH,
    }
)


class Life(RuleBasedStateMachine):
    """A desk, a venue, and for each order what is true and what was told."""

    def __init__(self) -> None:
        """Begin with an open latch."""
        super().__init__()
        self.scene = Scene()

    @initialize(lots=st.integers(-1, 3))
    def begin(self, lots: int) -> None:
        """Have one order on its way."""
        self.decide(is_held=False, lots=lots)
        assert self.scene.orders, self.scene.desk.why_not()

    @precondition(lambda self: not self.scene.desk.held and len(self.scene.orders) < 4)
    @rule(is_held=st.booleans(), lots=st.integers(-1, 3))
    def decide(self, is_held: bool, lots: int) -> None:
        """Decide an open; gates may refuse it. Held: its barrier takes its time.

        With no lots it comes to rest, with some it trades, and -1 leaves it on its way.
        """
        scene = self.scene
        scene.number += 1
        scene.desk.is_holding = is_held
        scene.tick(place(amount="0.3", attempt=scene.number))
        if not scene.desk.held:
            scene.desk.is_holding = False
        for what in ["arrive", *["trade"] * lots] if lots >= 0 else []:
            self.venue(what=what, which=-1)

    @precondition(lambda self: self.scene.desk.held)
    @rule()
    def barrier_completes(self) -> None:
        """What waited is sent, or surely not: then no byte of it has left."""
        self.scene.desk.release()
        self.scene.notice()
        for order in self.scene.orders.values():
            if not order.told.is_sent and not order.told.is_doubted:
                order.told.end("ABSENT")

    @rule(ms=st.sampled_from([1, 300, 2_000, 6_000, 16_000, 31 * 60_000]))
    def wait(self, ms: int) -> None:
        """Time passes, and the engine looks up."""
        self.scene.desk.wait(ms)
        self.scene.tick()

    @precondition(lambda self: self.scene.live or self.scene.arriving)
    @rule(what=st.sampled_from(["arrive", "trade", "trade", "cancel"]), which=WHICH)
    def venue(self, what: str, which: int) -> None:
        """Something happens there, unheard. What comes late the venue refuses by `valid_until`."""
        scene, now_ms = self.scene, self.scene.desk.now_ms
        if what == "arrive":
            if scene.arriving:
                _pick(scene.arriving, which).kept.arrive(now_ms=now_ms)
        elif scene.live and what == "trade":
            scene.number += 1
            _pick(scene.live, which).kept.fill(trade=f"t-{scene.number}", now_ms=now_ms)
        elif scene.live:
            _pick(scene.live, which).kept.cancel(now_ms=now_ms)

    @precondition(lambda self: self.scene.shown)
    @rule(
        what=st.sampled_from(["order", "order", "riddle", "trade", "trade"]),
        which=WHICH,
        old=st.integers(0, 3),
    )
    def stream(self, what: str, which: int, old: int) -> None:
        """A report, perhaps old, perhaps in words that nobody knows; or a trade, perhaps again."""
        if what == "trade":
            if self.scene.traded:
                order = _pick(self.scene.traded, which)
                fill = _pick(order.kept.fills, old)
                order.told.book(fill)
                self.scene.desk.feed(Reported(fill))
            return
        order = _pick(self.scene.shown, which)
        report = order.kept.version(old)
        if what == "riddle":
            report = msgspec.structs.replace(report, state=OrderState.UNKNOWN)
        order.told.see(report)
        self.scene.desk.feed(Reported(report))

    @precondition(lambda self: self.scene.unanswered)
    @rule(
        what=st.sampled_from(["yes", "yes", "no", "late", "silence", "unsent"]),
        which=WHICH,
        trades=st.integers(0, 3),
        old=st.integers(0, 3),
    )
    def answer(self, what: str, which: int, trades: int, old: int) -> None:
        """The answer to an order, or none. An honest venue says no to what does not rest only, and
        yes with what it then held: what has happened since is not in it.
        """
        order = self.scene.next_unanswered(which)
        kept, told = order.kept, order.told
        outcome: Outcome = Ambiguous("silence")
        if what == "yes" and kept.versions:
            report, fills = kept.version(old), tuple(kept.fills[:trades])
            outcome = Acked(order=report, fills=fills)
            told.see(report)
            for fill in fills:
                told.book(fill)
        elif what in ("no", "late") and not kept.versions:
            kept.may_arrive = False
            told.end("REJECTED" if what == "no" else "EXPIRED")
            outcome = Rejected(code=13888, message="no", is_fence=what == "late")
        elif what == "unsent" and not kept.versions:
            # Nothing of it was written: that ends it only where nobody had doubts.
            kept.may_arrive = False
            outcome = Unsent("no credits")
            if not told.is_doubted:
                told.end("ABSENT")
        else:
            told.doubt()
        self.scene.desk.answer_order(kept.order, outcome)

    @precondition(lambda self: self.scene.live)
    @rule(which=WHICH)
    def withdraw(self, which: int) -> None:
        """The strategy does not want it any more."""
        order = _pick(self.scene.live, which)
        self.scene.tick(Withdraw(intent_id=order.kept.order.intent_id, why="test"))

    @precondition(lambda self: self.scene.cancels)
    @rule(which=WHICH, how=st.sampled_from(["done", "lost", "mute"]))
    def cancel_arrives(self, which: int, how: str) -> None:
        """A cancel reaches the venue: answered, not answered, or never there at all."""
        target = _pick(sorted(self.scene.cancels), which)
        cancel, order = self.scene.cancels.pop(target), self.scene.orders[target]
        is_live = order.kept.is_live
        if is_live and how != "lost":
            order.kept.cancel(now_ms=self.scene.desk.now_ms)
        outcome: Outcome = Ambiguous("silence")
        if how == "done" and cancel.intent.order_id is None:
            outcome = Swept(count=int(is_live))
        elif how == "done" and is_live:
            order.told.see(order.kept.versions[-1])
            outcome = Acked(order=order.kept.versions[-1], fills=())
        elif how == "done":
            # The same answer for filled and for cancelled: only a look-up tells.
            outcome = Rejected(code=11044, message="not_open_order", needs_lookup=True)
        self.scene.desk.answer_order(cancel, outcome)

    @rule()
    def line_breaks(self) -> None:
        """Whatever is in flight is in doubt; then there is a new line."""
        for order in self.scene.orders.values():
            if order.told.is_sent:
                order.told.doubt()
        self.scene.cancels.clear()
        self.scene.desk.feed(Disconnected(self.scene.epoch, "reset"))
        self.scene.epoch += 1
        self.scene.desk.connect(epoch=self.scene.epoch)

    @rule()
    def restart(self) -> None:
        """The engine dies, perhaps between record and barrier; nobody hears what was answered."""
        for order in self.scene.orders.values():
            order.told.doubt()  # C-205: also what was recorded only, for nobody knows
        self.scene.unanswered.clear()
        self.scene.cancels.clear()
        self.scene.restart()

    @precondition(lambda self: not self.scene.desk.held)
    @rule(
        early_ms=st.sampled_from([0, 0, 4_000, 12_000]),
        is_whole=st.sampled_from([True, True, False]),
    )
    def look(self, early_ms: int, is_whole: bool) -> None:
        """One reconciliation. It began so long ago; one that has failed in part proves nothing."""
        self.scene.ask()
        ask, now_ms = self.scene.desk.asked(), self.scene.desk.now_ms
        began_ms = now_ms - early_ms
        kept = [order.kept for order in self.scene.orders.values()]
        shown = {k.order.label: k.shown(now_ms=now_ms) for k in kept}
        by_label = {name: (r,) if (r := shown.get(name)) else () for name in ask.labels}
        live = tuple(one.versions[-1] for one in kept if one.is_live)
        trades = tuple(fill for one in kept for fill in one.fills)
        for order in self.scene.orders.values():
            for fill in order.kept.fills:
                order.told.book(fill)
            label = order.kept.order.label
            report = shown[label] if label in ask.labels or order.kept.is_live else None
            if report is not None:
                order.told.see(report)
            elif is_whole and label in ask.labels:
                self._not_found(order, began_ms=began_ms)
        self.scene.desk.gather(
            began_ms=began_ms,
            open_orders=live,
            by_label=by_label,
            trades=trades,
            positions=self.scene.positions(),
            failures=() if is_whole else ("history: timeout",),
        )

    # What must hold.

    @invariant()
    def the_core_believes_what_the_facts_say(self) -> None:
        """C-204: one phase for each set of facts, C-114: and its remainder counted at worst."""
        self.scene.notice()
        for intent_id, order in self.scene.orders.items():
            known = self.scene.known(intent_id)
            assert known.phase.value == order.told.phase
            assert known.remaining == order.told.worst
            assert known.filled == order.told.booked

    @invariant()
    def nothing_that_lives_is_called_absent(self) -> None:
        """C-206: and what may still trade without our knowing is counted in full."""
        for intent_id, order in self.scene.orders.items():
            known, kept = self.scene.known(intent_id), order.kept
            if known.phase.value in ("ABSENT", "REJECTED", "EXPIRED"):
                # One that came and went unfilled, and is forgotten by now, may be called so too.
                assert not kept.is_live
                assert known.filled == kept.filled
                is_over = self.scene.desk.now_ms >= kept.order.intent.valid_until_ms
                assert is_over or not kept.may_arrive
            assert known.remaining >= kept.filled - known.filled

    @invariant()
    def a_label_goes_out_once(self) -> None:
        """C-207: in all runs together."""
        assert len(set(self.scene.labels)) == len(self.scene.labels)

    @invariant()
    def an_honest_venue_is_not_accused(self) -> None:
        """What is late, doubled or unheard is not a fault of the venue, nor a bug of ours."""
        assert not SLANDERS & set(self.scene.desk.state.durable.causes), (
            self.scene.desk.state.durable.causes
        )

    def teardown(self) -> None:
        """Doubt ends: two whole looks past every fence leave nothing unknown or unbooked."""
        if not self.scene.orders:
            return
        if self.scene.desk.held:
            self.barrier_completes()
        self.restart()
        self.scene.desk.wait(20_000)
        for _ in range(2):
            self.look(early_ms=0, is_whole=True)
            self.the_core_believes_what_the_facts_say()
        for intent_id, order in self.scene.orders.items():
            known = self.scene.known(intent_id)
            assert known.phase.value != "UNKNOWN"
            assert known.filled == order.kept.filled
            assert known.phase.may_fill is order.kept.is_live

    def _not_found(self, order: Believed, *, began_ms: int) -> None:
        told = order.told
        fence_ms = order.kept.order.intent.valid_until_ms + MARGIN_MS
        if told.phase == "UNKNOWN" and began_ms > fence_ms:
            told.end("ABSENT")
        elif told.is_resting:
            told.is_gone = True  # all that it traded has just been told


def _pick(some: Sequence[T], which: int) -> T:
    return some[which % len(some)]


TestLife = pytest.mark.rule("C-114", "C-204", "C-205", "C-206", "C-207")(Life.TestCase)
TestLife.settings = settings(max_examples=250, stateful_step_count=40, deadline=None)
