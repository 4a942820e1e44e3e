"""Random stories for the core: what can happen to a desk, in any order."""

from decimal import Decimal

from hypothesis import strategies as st

from bot.core.effect import SendOrder
from bot.core.event import (
    ClockSampled,
    Connected,
    Crashed,
    Disconnected,
    Garbled,
    OperatorMode,
    OperatorRearm,
    Reported,
)
from bot.core.outcome import Acked, Ambiguous, Rejected, Unsent
from bot.domain.mode import Mode
from bot.domain.money import Amount
from bot.domain.order import OrderState
from bot.domain.side import Side
from tests.bot.core.desk import ready
from tests.bot.core.market import CALL, PERPETUAL
from tests.bot.core.words import place, report_of

__all__ = ["HAPPENINGS", "Story"]

# What usually happens, and what rarely does: a story that begins with a KILL ends there.
USUAL = (
    "open", "hedge", "exit", "calm", "ack", "part", "fill", "again", "cancelled", "doubt",
    "gather", "hold", "release", "down", "up",
)  # fmt: skip
RARE = (
    "rejected", "unsent", "other", "miss", "fail", "reduce", "kill", "rearm", "garbled", "crash",
    "clock", "lost", "tick",
)  # fmt: skip
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from([*USUAL * 4, *RARE]),
        st.integers(0, 3),
        st.sampled_from([0, 1, 300, 1_000, 6_000, 31_000]),
    ),
    max_size=40,
)


class Story:
    """A run of happenings against one desk."""

    def __init__(self) -> None:
        """Begin with an open latch."""
        self.desk = ready()
        self.epoch = 1
        self.trades = 0

    def happen(self, what: str, which: int, ms: int) -> None:
        """Let one thing happen."""
        desk = self.desk
        desk.wait(ms)
        sent = desk.sent()
        order = sent[which % len(sent)] if sent else None
        match what:
            case "open":
                desk.quote()
                desk.tick(place(amount="0.3"))
            case "hedge":
                desk.quote()
                desk.tick(place(PERPETUAL, Side.BUY, "60000", "60000.5", is_exit=True))
            case "exit":
                desk.quote()
                desk.tick(place(CALL, Side.BUY, "0.3", "0.0130", is_exit=True))
            case "calm":
                desk.release()
                if not desk.state.link.is_up:
                    self.happen("up", 0, 0)
                desk.quote()
                desk.tick()
                live = [o for o in sent if o.intent_id in desk.state.durable.orders]
                shown = [
                    report_of(o, order_id=o.intent_id[:8], filled=known.filled)
                    for o in live
                    if (known := desk.state.durable.orders[o.intent_id]).order_id is not None
                ]
                if desk.state.recon.asked_mono_ms is not None:
                    desk.gather(open_orders=tuple(shown))
                desk.tick()
            case "tick":
                desk.quote()
                desk.tick()
            case "down":
                desk.feed(Disconnected(self.epoch, "reset"))
            case "up":
                self.epoch += 1
                desk.connect(epoch=self.epoch)
            case "gather" | "miss" | "fail":
                if desk.state.recon.asked_mono_ms is not None:
                    wrong = {CALL.name: Decimal(7)} if what == "miss" else dict(desk.positions)
                    failures = ("time: timeout",) if what == "fail" else ()
                    desk.gather(positions=wrong, failures=failures)
            case "reduce" | "kill":
                mode = Mode.KILL if what == "kill" else Mode.REDUCE_ONLY
                desk.feed(OperatorMode(request_id="m", mode=mode, by="me", why="test"))
            case "rearm":
                causes = desk.state.durable.causes.items()
                seen = tuple((reason, cause.at_ms) for reason, cause in causes)
                desk.feed(
                    OperatorRearm(
                        request_id="a", by="me", why="test", looked_ms=desk.now_ms, seen=seen
                    )
                )
            case "garbled":
                desk.feed(Garbled("x", "y"))
            case "crash":
                desk.feed(Crashed("x", "y"))
            case "hold":
                desk.is_holding = True
            case "release":
                desk.release()
            case "clock":
                desk.feed(ClockSampled(offset_ms=which * 200, bound_ms=5))
            case "lost":
                desk.feed(Connected(self.epoch))
            case _:
                if order is not None:
                    self.tell(what, order, which)

    def tell(self, what: str, order: SendOrder, which: int) -> None:
        """Have the venue say something of an order."""
        desk, oid = self.desk, order.intent_id[:8]
        tenth = Amount(order.intent.amount / 3)
        match what:
            case "ack":
                desk.feed(Reported(report_of(order, order_id=oid)))
            case "part":
                desk.feed(Reported(report_of(order, order_id=oid, filled=tenth)))
            case "fill":
                self.trades += 1
                desk.fill(order, f"{tenth:f}", trade=str(self.trades), order_id=oid)
            case "again" if self.trades:
                trade = str(1 + which % self.trades)
                fills = [r.fill for r in desk.records if hasattr(r, "fill")]
                told = [fill for fill in fills if fill.trade_id == trade]
                for fill in told:
                    desk.feed(Reported(fill))
            case "cancelled":
                gone = report_of(order, order_id=oid, state=OrderState.CANCELLED)
                desk.answer_order(order, Acked(order=gone, fills=()))
            case "other":
                desk.feed(Reported(report_of(order, order_id="other")))
            case "rejected":
                desk.answer_order(order, Rejected(code=13888, message="x", is_fence=which == 0))
            case "doubt":
                desk.answer_order(order, Ambiguous("silence"))
            case "unsent":
                desk.answer_order(order, Unsent("no credits"))
