"""The life of orders in the real core against facts, with a venue that never lies but says little.

Answers come, fail to come and come late; trades are told before and after them; the engine restarts
and looks. The venue's truth is kept beside what the engine was told, so that two more things can be
seen at every step: nothing that lives is ever called absent, and a label goes out once.
"""

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.core.event import Disconnected, Reported
from bot.core.outcome import Acked, Ambiguous, Rejected, Swept, Unsent
from bot.domain.order import OrderState
from bot.domain.reason import Reason
from bot.strategy.interface import Withdraw
from tests.bot.core.words import place
from tests.properties.order_reference import Believed
from tests.properties.order_scene import Scene

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

    # What the engine does.

    @initialize()
    def begin(self) -> None:
        """Have one order on its way."""
        self.decide(is_held=False)
        assert self.scene.orders, self.scene.desk.why_not()

    @precondition(lambda self: not self.scene.desk.held and len(self.scene.orders) < 4)
    @rule(is_held=st.booleans())
    def decide(self, is_held: bool) -> None:
        """Decide an open; gates may refuse it. Held: its barrier takes its time."""
        self.scene.number += 1
        self.scene.desk.is_holding = is_held
        self.scene.tick(place(amount="0.3", attempt=self.scene.number))
        if not self.scene.desk.held:
            self.scene.desk.is_holding = False

    @precondition(lambda self: self.scene.desk.held)
    @rule()
    def barrier_completes(self) -> None:
        """What waited is sent, or surely not: then no byte of it has left."""
        self.scene.desk.release()
        self.scene.notice()
        for order in self.scene.orders.values():
            if not order.told.is_sent and not order.told.is_doubted:
                order.told.end("ABSENT")

    @precondition(lambda self: self.scene.live)
    @rule(which=WHICH)
    def withdraw(self, which: int) -> None:
        """The strategy does not want it any more."""
        order = _pick(self.scene.live, which)
        self.scene.tick(Withdraw(intent_id=order.kept.order.intent_id, why="test"))

    @rule(ms=st.sampled_from([1, 300, 2_000, 6_000, 16_000, 31 * 60_000]))
    def wait(self, ms: int) -> None:
        """Time passes, and the engine looks up."""
        self.scene.desk.wait(ms)
        self.scene.tick()

    # What happens at the venue, unheard.

    @precondition(lambda self: self.scene.arriving)
    @rule(which=WHICH)
    def arrive(self, which: int) -> None:
        """What was sent comes to rest, in time; what is late the venue refuses by `valid_until`."""
        _pick(self.scene.arriving, which).kept.arrive(now_ms=self.scene.desk.now_ms)

    @precondition(lambda self: self.scene.live)
    @rule(which=WHICH)
    def trade(self, which: int) -> None:
        """One lot trades."""
        self.scene.number += 1
        kept = _pick(self.scene.live, which).kept
        kept.fill(trade=f"t-{self.scene.number}", now_ms=self.scene.desk.now_ms)

    @precondition(lambda self: self.scene.live)
    @rule(which=WHICH)
    def come_off(self, which: int) -> None:
        """The venue cancels by itself."""
        _pick(self.scene.live, which).kept.cancel(now_ms=self.scene.desk.now_ms)

    # What is told.

    @precondition(lambda self: self.scene.shown)
    @rule(which=WHICH, old=st.integers(0, 3), is_readable=st.booleans())
    def tell_order(self, which: int, old: int, is_readable: bool) -> None:
        """A report of it, perhaps old, perhaps in words that nobody knows."""
        order = _pick(self.scene.shown, which)
        report = order.kept.versions[max(0, len(order.kept.versions) - 1 - old)]
        if not is_readable:
            report = msgspec.structs.replace(report, state=OrderState.UNKNOWN)
        order.told.see(report)
        self.scene.desk.feed(Reported(report))

    @precondition(lambda self: self.scene.traded)
    @rule(which=WHICH, trade=WHICH)
    def tell_trade(self, which: int, trade: int) -> None:
        """One of its trades, perhaps again."""
        order = _pick(self.scene.traded, which)
        fill = order.kept.fills[trade % len(order.kept.fills)]
        order.told.book(fill)
        self.scene.desk.feed(Reported(fill))

    @precondition(lambda self: self.scene.unanswered)
    @rule(which=WHICH, trades=st.integers(0, 3), old=st.integers(0, 3))
    def answer_yes(self, which: int, trades: int, old: int) -> None:
        """The answer, with what it then held; what has happened since is not in it."""
        order = self.scene.next_unanswered(which)
        if not order.kept.versions:
            self._answer_no(order, is_fence=False)
            return
        report = order.kept.versions[max(0, len(order.kept.versions) - 1 - old)]
        fills = tuple(order.kept.fills[:trades])
        order.told.see(report)
        for fill in fills:
            order.told.book(fill)
        self.scene.desk.answer_order(order.kept.order, Acked(order=report, fills=fills))

    @precondition(lambda self: self.scene.unanswered)
    @rule(which=WHICH, is_fence=st.booleans())
    def answer_no(self, which: int, is_fence: bool) -> None:
        """A definite no, which an honest venue gives for what does not rest."""
        order = self.scene.next_unanswered(which)
        if order.kept.versions:
            self._silence(order)
        else:
            self._answer_no(order, is_fence=is_fence)

    @precondition(lambda self: self.scene.unanswered)
    @rule(which=WHICH)
    def silence(self, which: int) -> None:
        """No answer, or one that cannot be read."""
        self._silence(self.scene.next_unanswered(which))

    @precondition(lambda self: self.scene.unanswered)
    @rule(which=WHICH)
    def unsent(self, which: int) -> None:
        """Dispatch has written nothing of it: that ends it only where nobody had doubts."""
        order = self.scene.next_unanswered(which)
        if order.kept.versions:
            self._silence(order)
            return
        order.kept.may_arrive = False
        if not order.told.is_doubted:
            order.told.end("ABSENT")
        self.scene.desk.answer_order(order.kept.order, Unsent("no credits"))

    @precondition(lambda self: self.scene.cancels)
    @rule(which=WHICH, how=st.sampled_from(["done", "lost", "mute"]))
    def cancel_arrives(self, which: int, how: str) -> None:
        """A cancel reaches the venue: answered, not answered, or never there at all."""
        target = sorted(self.scene.cancels)[which % len(self.scene.cancels)]
        cancel, order = self.scene.cancels.pop(target), self.scene.orders[target]
        is_live = order.kept.is_live
        if is_live and how != "lost":
            order.kept.cancel(now_ms=self.scene.desk.now_ms)
        if how != "done":
            self.scene.desk.answer_order(cancel, Ambiguous("silence"))
        elif cancel.intent.order_id is None:
            self.scene.desk.answer_order(cancel, Swept(count=int(is_live)))
        elif is_live:
            report = order.kept.versions[-1]
            order.told.see(report)
            self.scene.desk.answer_order(cancel, Acked(order=report, fills=()))
        else:
            # The same answer for filled and for cancelled: only a look-up tells.
            no = Rejected(code=11044, message="not_open_order", needs_lookup=True)
            self.scene.desk.answer_order(cancel, no)

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
                assert not kept.versions
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

    def _answer_no(self, order: Believed, *, is_fence: bool) -> None:
        order.kept.may_arrive = False
        order.told.end("EXPIRED" if is_fence else "REJECTED")
        no = Rejected(code=13888 if is_fence else 10009, message="no", is_fence=is_fence)
        self.scene.desk.answer_order(order.kept.order, no)

    def _silence(self, order: Believed) -> None:
        order.told.doubt()
        self.scene.desk.answer_order(order.kept.order, Ambiguous("silence"))


def _pick(orders: list[Believed], which: int) -> Believed:
    return orders[which % len(orders)]


TestLife = pytest.mark.rule("C-114", "C-204", "C-205", "C-206", "C-207")(Life.TestCase)
TestLife.settings = settings(max_examples=250, stateful_step_count=40, deadline=None)
