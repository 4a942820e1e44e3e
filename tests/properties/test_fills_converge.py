"""Fills told by reply, stream and reconciliation, in any order and number, come to one position.

The reference knows no average cost: what a lot has earned at a mark is the lot's value at its own
price against its value at the mark, so a sum over distinct trades is all of realised + unrealised.
"""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.core.effect import SendOrder
from bot.core.event import Reported
from bot.core.outcome import Acked
from bot.core.record import FillBooked
from bot.domain.instrument import Instrument
from bot.domain.order import OrderState
from bot.domain.ratio import ratio_of
from bot.domain.report import Fill
from bot.domain.side import Side
from bot.portfolio.position import FLAT, unrealised
from tests.bot.core.desk import Desk, folded, ready, restarted
from tests.bot.core.market import CALL, PERPETUAL
from tests.bot.core.words import fill_of, place, report_of

# instrument, side, amount, limit; the parts that it fills in. Both sides of each instrument, for
# then what is realised depends on the order in which they are told.
ORDERS = (
    (CALL, Side.SELL, "1", "0.0130", ("0.3", "0.3", "0.4")),
    (CALL, Side.BUY, "0.6", "0.0120", ("0.1", "0.2", "0.3")),
    (PERPETUAL, Side.BUY, "300", "60000.0", ("100", "50", "150")),
    (PERPETUAL, Side.SELL, "500", "60000.5", ("10", "290", "200")),
)
# Better than the limit by so many ticks, so that every lot has a price of its own.
BETTER = st.lists(st.integers(0, 9), min_size=12, max_size=12)
MARKS = {CALL.name: Decimal("0.0127"), PERPETUAL.name: Decimal("60003.25")}
# Costs are kept to 60 places; a dozen roundings of half a unit there stay far below this.
CLOSE_ENOUGH = Fraction(1, 10**50)
SOME = st.sets(st.integers(0, 11), max_size=12)


class Deliveries(RuleBasedStateMachine):
    """Four orders that have filled at the venue, and an engine that is told so bit by bit."""

    def __init__(self) -> None:
        """Begin with an open latch."""
        super().__init__()
        self.desk: Desk = ready()
        self.orders: list[SendOrder] = []
        self.trades: list[Fill] = []
        self.told: set[int] = set()
        self.unanswered: set[int] = set()

    @initialize(better=BETTER)
    def trade(self, better: list[int]) -> None:
        """Send all four, hear of none; let each fill completely."""
        for number, (instrument, side, amount, price, parts) in enumerate(ORDERS):
            order = self.desk.open_one(place(instrument, side, amount, price, leg=number))
            self.orders.append(order)
            self.unanswered.add(number)
            tick = Decimal("0.0001") if instrument is CALL else Decimal("0.5")
            for part in parts:
                trade = len(self.trades)
                gain = tick * better[trade] * -side.sign
                self.trades.append(
                    fill_of(
                        order,
                        part,
                        trade=f"t-{trade}",
                        order_id=f"o-{number}",
                        price=str(Decimal(price) + gain),
                        at_ms=order.intent.decided_ms + 5 + trade,
                    )
                )

    @rule(trade=st.integers(0, 11))
    def stream(self, trade: int) -> None:
        """The account's channel tells one, perhaps again."""
        self._note({trade})
        self.desk.feed(Reported(self.trades[trade]))

    @precondition(lambda self: self.unanswered)
    @rule(which=st.integers(0, 3), some=SOME)
    def reply(self, which: int, some: set[int]) -> None:
        """The answer to the order comes, with as many of its trades as had happened."""
        number = sorted(self.unanswered)[which % len(self.unanswered)]
        self.unanswered.discard(number)
        mine = {trade for trade in some if trade // 3 == number}
        self._note(mine)
        fills = tuple(self.trades[trade] for trade in sorted(mine))
        filled = sum((fill.amount for fill in fills), Decimal(0))
        order = self.orders[number]
        is_done = filled == order.intent.amount
        state = OrderState.FILLED if is_done else OrderState.OPEN
        report = report_of(order, order_id=f"o-{number}", filled=filled, state=state)
        self.desk.answer_order(order, Acked(order=report, fills=fills))

    @rule(some=SOME, backwards=st.booleans(), is_whole=st.booleans())
    def reconciliation(self, some: set[int], backwards: bool, is_whole: bool) -> None:
        """A look at the venue finds some, twice where pages overlap, or fails after them."""
        found = sorted(some, reverse=backwards)
        self._note(some)
        twice = tuple(self.trades[trade] for trade in (*found, *found[:2]))
        self.desk.reconcile(trades=twice, failures=() if is_whole else ("trades: timeout",))

    @rule()
    def restart(self) -> None:
        """The engine dies; nobody answers what the old one had asked."""
        self.desk = restarted(self.desk)
        self.unanswered.clear()
        self.desk.connect()

    @invariant()
    def what_is_held_is_the_sum_of_what_was_told(self) -> None:
        """At every moment, not only at the end."""
        self._compare()
        booked = [r.fill.trade_id for r in self.desk.records if isinstance(r, FillBooked)]
        assert len(set(booked)) == len(booked)

    def teardown(self) -> None:
        """Read everything at last: whatever came before, there is one outcome."""
        if not self.orders:
            return
        self._note(set(range(12)))
        self.desk.reconcile(trades=tuple(self.trades))
        self._compare()
        assert {self.desk.phase(order) for order in self.orders} == {"FILLED"}
        assert len(self.desk.state.durable.trades) == len(self.trades)
        # Through the bytes of the records, as recovery would read them.
        assert folded(self.desk).positions == self.desk.state.durable.positions

    def _note(self, trades: set[int]) -> None:
        self.told |= trades
        self.desk.positions = {
            CALL.name: self._quantity(CALL),
            PERPETUAL.name: self._quantity(PERPETUAL),
        }

    def _quantity(self, instrument: Instrument) -> Decimal:
        return sum((f.amount * f.side.sign for f in self._told(instrument)), Decimal(0))

    def _told(self, instrument: Instrument) -> list[Fill]:
        told = (self.trades[trade] for trade in sorted(self.told))
        return [fill for fill in told if fill.instrument == instrument.name]

    def _compare(self) -> None:
        for instrument in (CALL, PERPETUAL):
            held = self.desk.state.durable.positions.get(instrument.name, FLAT)
            mark = MARKS[instrument.name]
            assert held.quantity == self._quantity(instrument)
            assert held.fees == sum((f.fee for f in self._told(instrument)), Decimal(0))
            earned = ratio_of(held.realised) + unrealised(held, mark=mark, instrument=instrument)
            wanted = sum((_earned(f, mark=mark) for f in self._told(instrument)), Fraction(0))
            assert abs(earned - wanted) < CLOSE_ENOUGH


def _earned(fill: Fill, *, mark: Decimal) -> Fraction:
    """What one lot is worth at a mark, in coin: x·(m − p), and x·(1/p − 1/m) for an inverse one."""
    lot, paid, now = Fraction(fill.amount * fill.side.sign), Fraction(fill.price), Fraction(mark)
    if fill.instrument == PERPETUAL.name:
        return lot * (1 / paid - 1 / now)
    return lot * (now - paid)


TestDeliveries = pytest.mark.rule("C-209", "C-504")(Deliveries.TestCase)
TestDeliveries.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
