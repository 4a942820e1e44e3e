"""A venue of a few lines: each order meets the fate that the case has for it."""

from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from typing import Final, final

import msgspec

from bot.core.effect import Gather
from bot.core.event import Gathered
from bot.core.outcome import Acked, Ambiguous, Outcome, Rejected
from bot.domain.ids import InstrumentName, Label, OrderId, TradeId
from bot.domain.money import Amount, Coin
from bot.domain.order import Liquidity, OrderState
from bot.domain.report import Fill, OrderReport
from bot.domain.tick import floor_to_step
from bot.intent.intent import OrderIntent
from drills.groups.market import BTC, INSTRUMENTS, account

__all__ = ["Fate", "Venue"]


@final
class Fate(Enum):
    """What becomes of an order."""

    WHOLE = "whole"
    PART = "part"  # some of it fills, and the rest ends
    NOTHING = "nothing"  # it ends unfilled
    REFUSED = "refused"
    LOST_WHOLE = "lost, whole"  # no answer; it has filled
    LOST_ABSENT = "lost, absent"  # no answer; it never arrived


_STEPS: Final = {of.name: of.amount_step for of in INSTRUMENTS}
_REFUSAL: Final = Rejected(code=10009, message="not_enough_funds")


class Venue:
    """Orders, trades and positions as the venue has them."""

    def __init__(self, fate: Callable[[OrderIntent], Fate]) -> None:
        """Begin with nothing."""
        self._fate = fate
        self.orders: dict[Label, OrderReport] = {}
        self.trades: list[Fill] = []
        self.positions: dict[InstrumentName, Decimal] = {}

    def fork(self, fate: Callable[[OrderIntent], Fate]) -> "Venue":
        """Return another venue that has come as far, where orders meet this fate."""
        other = Venue(fate)
        other.orders, other.trades = dict(self.orders), list(self.trades)
        other.positions = dict(self.positions)
        return other

    def place(self, intent: OrderIntent, label: Label, *, at_ms: int) -> Outcome:
        """Take an order, and return what the engine hears of it."""
        fate = self._fate(intent)
        match fate:
            case Fate.REFUSED:
                return _REFUSAL
            case Fate.LOST_ABSENT:
                return Ambiguous("silence")
            case Fate.NOTHING:
                filled = Decimal(0)
            case Fate.PART:
                filled = self._part(intent)
            case Fate.WHOLE | Fate.LOST_WHOLE:
                filled = intent.amount
        report, fills = self._book(intent, label, Amount(filled), at_ms=at_ms)
        if fate is Fate.LOST_WHOLE:
            return Ambiguous("silence")
        return Acked(order=report, fills=fills)

    def answer(self, ask: Gather, *, at_ms: int) -> Gathered:
        """Answer every question of a reconciliation, truthfully."""
        return Gathered(
            generation=ask.generation,
            epoch=ask.epoch,
            began_ms=at_ms,
            open_orders=(),
            by_label={
                label: (self.orders[label],) if label in self.orders else () for label in ask.labels
            },
            history=tuple(self.orders.values()),
            trades=tuple(self.trades),
            trades_from_ms=ask.trades_from_ms,
            positions={n: Amount(size) for n, size in self.positions.items() if size != 0},
            accounts=(account(),),
            failures=(),
        )

    def _part(self, intent: OrderIntent) -> Decimal:
        """Half, down to the instrument's own step; nothing when that is nothing."""
        return floor_to_step(intent.amount / 2, _STEPS[intent.instrument])

    def _book(
        self, intent: OrderIntent, label: Label, filled: Amount, *, at_ms: int
    ) -> tuple[OrderReport, tuple[Fill, ...]]:
        number = OrderId(f"o-{len(self.orders) + 1}")
        report = OrderReport(
            order_id=number,
            label=label,
            instrument=intent.instrument,
            side=intent.side,
            state=OrderState.FILLED if filled == intent.amount else OrderState.CANCELLED,
            price=intent.price,
            amount=intent.amount,
            filled=filled,
            average=intent.price if filled > 0 else None,
            time_in_force=intent.time_in_force,
            post_only=intent.post_only,
            reduce_only=intent.reduce_only,
            created_ms=at_ms,
            updated_ms=at_ms,
        )
        self.orders[label] = report
        if filled == 0:
            return report, ()
        fill = Fill(
            instrument=intent.instrument,
            trade_id=TradeId(f"t-{len(self.trades) + 1}"),
            order_id=number,
            label=label,
            at_ms=at_ms,
            side=intent.side,
            price=intent.price,
            amount=filled,
            fee=Coin(Decimal(0)),
            fee_currency=BTC,
            liquidity=Liquidity.TAKER,
            mark=intent.price,
            index=intent.price,
        )
        self.trades.append(fill)
        held = self.positions.get(intent.instrument, Decimal(0))
        self.positions[intent.instrument] = held + intent.side.sign * filled
        return report, (msgspec.structs.replace(fill),)
