"""One instrument's book: outside liquidity beside the accounts' own resting orders.

Price, then time. Outside amount stands ahead of an account's order at the same price. A book only
plans what would match; `fill` carries it out, since money moves with it.
"""

from bisect import insort
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, final

from bot.domain.ids import AccountId, OrderId
from bot.domain.instrument import BookState, Instrument
from bot.domain.side import Side
from bot.simulator.exchange.order import Order
from bot.simulator.exchange.trade import PublicTrade
from bot.simulator.feed import Quotes

__all__ = ["Book", "Hit", "Levels", "Plan", "Stats"]

TRADES_KEPT: Final = 1_000

Levels = dict[Decimal, Decimal]  # price → amount


@final
@dataclass(slots=True)
class Stats:
    """What the ticker says of the trades since this process began or the day turned."""

    high: Decimal | None = None
    low: Decimal | None = None
    first: Decimal | None = None
    volume: Decimal = Decimal(0)  # in amount units


@final
@dataclass(frozen=True, slots=True)
class Hit:
    """One match of a plan: at the maker's price; `maker` None is the outside."""

    price: Decimal
    amount: Decimal
    maker: OrderId | None


@final
@dataclass(frozen=True, slots=True)
class Plan:
    """What would match, in order, and the own order that stands in the way (if any)."""

    hits: tuple[Hit, ...]
    own: OrderId | None

    @property
    def amount(self) -> Decimal:
        """The sum of the hits."""
        return sum((hit.amount for hit in self.hits), Decimal(0))


@final
@dataclass(slots=True)
class Book:
    """A book, owned by the exchange. `outside` holds what strangers show, best price anywhere."""

    instrument: Instrument
    state: BookState = BookState.OPEN
    quotes: Quotes | None = None
    outside: dict[Side, Levels] = field(default_factory=lambda: {Side.BUY: {}, Side.SELL: {}})
    resting: dict[Side, list[tuple[Decimal, int, Order]]] = field(
        default_factory=lambda: {Side.BUY: [], Side.SELL: []}
    )
    taken: dict[Side, Levels] = field(default_factory=lambda: {Side.BUY: {}, Side.SELL: {}})
    change_id: int = 1
    trade_seq: int = 0
    trades: deque[PublicTrade] = field(default_factory=lambda: deque(maxlen=TRADES_KEPT))
    last_price: Decimal | None = None
    last_tick_direction: int = 0
    settlement_price: Decimal = Decimal(0)
    stats: Stats = field(default_factory=Stats)
    changed_ms: int = 0
    # What the ticker found last: (price, forward, when) → volatility. Finding it is most of the
    # cost of a ticker, and a standing quote is shown again at each tick.
    vols: dict[Side, tuple[tuple[Decimal, Decimal, int], float]] = field(default_factory=dict)

    @property
    def mark(self) -> Decimal:
        """The mark price; 0 before the market has spoken."""
        return self.quotes.mark if self.quotes is not None else Decimal(0)

    def show(self, quotes: Quotes) -> None:
        """Replace what the outside shows. The caller first fills what the new quotes cross."""
        self.quotes = quotes
        self.outside = {
            Side.BUY: {level.price: level.amount for level in quotes.bids},
            Side.SELL: {level.price: level.amount for level in quotes.asks},
        }
        self.taken = {Side.BUY: {}, Side.SELL: {}}

    def orders(self, side: Side) -> Iterator[Order]:
        """Yield the resting orders of a side, best price first, then oldest first."""
        for _, _, order in self.resting[side]:
            yield order

    def rest(self, order: Order) -> None:
        """Put an order into its place of price and time."""
        insort(self.resting[order.side], (*_place(order), order), key=lambda row: row[:2])

    def remove(self, order: Order) -> None:
        """Take an order out; one that does not rest here changes nothing."""
        self.resting[order.side] = [
            row for row in self.resting[order.side] if row[2].id != order.id
        ]

    def replace(self, order: Order) -> None:
        """Put a changed order in the place of its former self: price and rank are the same."""
        self.resting[order.side] = [
            (*_place(order), order) if row[2].id == order.id else row
            for row in self.resting[order.side]
        ]

    def best(self, side: Side, *, without: OrderId | None = None) -> Decimal | None:
        """Return the best price that stands on a side, leaving out one order."""
        prices = list(self.outside[side])
        prices += [order.price for order in self.orders(side) if order.id != without][:1]
        if not prices:
            return None
        return max(prices) if side is Side.BUY else min(prices)

    def levels(self, side: Side) -> list[tuple[Decimal, Decimal]]:
        """Return the shown levels, best first: outside and resting added up."""
        total = dict(self.outside[side])
        for order in self.orders(side):
            total[order.price] = total.get(order.price, Decimal(0)) + order.remaining
        return sorted(total.items(), reverse=side is Side.BUY)

    def plan(
        self,
        taker: Side,
        *,
        limit: Decimal,
        amount: Decimal,
        account: AccountId | None,
        skip: frozenset[OrderId] = frozenset(),
    ) -> Plan:
        """Say what an arriving order would meet down to its limit, up to its amount.

        Stops at a resting order of the same account (PROTOCOL §8, self-match); `skip` leaves
        orders out that are about to be cancelled.
        """
        hits: list[Hit] = []
        rest = amount
        for price, available, maker in self._queue(taker.opposite, skip=skip):
            if rest <= 0 or _is_beyond(price, taker=taker, limit=limit):
                break
            if maker is not None and account is not None and maker.account == account:
                return Plan(tuple(hits), maker.id)
            taken = min(rest, available)
            hits.append(Hit(price, taken, maker.id if maker is not None else None))
            rest -= taken
        return Plan(tuple(hits), None)

    def take_outside(self, side: Side, *, price: Decimal, amount: Decimal) -> None:
        """Take an amount off the outside's level, which it must have."""
        left = self.outside[side][price] - amount
        self.taken[side][price] = self.taken[side].get(price, Decimal(0)) + amount
        if left > 0:
            self.outside[side][price] = left
        else:
            del self.outside[side][price]

    def _queue(
        self, side: Side, *, skip: frozenset[OrderId]
    ) -> list[tuple[Decimal, Decimal, Order | None]]:
        sign = -side.sign  # best first: the highest bid, the lowest ask
        rows: list[tuple[tuple[Decimal, int, int], tuple[Decimal, Decimal, Order | None]]] = [
            ((sign * price, 0, 0), (price, amount, None))
            for price, amount in self.outside[side].items()
        ]
        rows += [
            ((sign * order.price, 1, order.rank), (order.price, order.remaining, order))
            for order in self.orders(side)
            if order.id not in skip
        ]
        return [row for _, row in sorted(rows, key=lambda keyed: keyed[0])]


def _place(order: Order) -> tuple[Decimal, int]:
    return (-order.side.sign * order.price, order.rank)


def _is_beyond(price: Decimal, *, taker: Side, limit: Decimal) -> bool:
    return price > limit if taker is Side.BUY else price < limit
