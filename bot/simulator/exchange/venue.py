"""The whole state of the exchange, and the record of what has just changed.

One task owns it. Everything that changes money or orders goes through `put_order`, `put_account`
and `put_trade`, so that the journal and the channels see the same changes in the same order.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Final, final

from bot.domain.ids import AccountId, Currency, IndexName, InstrumentName, OrderId, TradeId
from bot.domain.instrument import BookState, Instrument
from bot.domain.order import OrderState
from bot.simulator.exchange.account import Account
from bot.simulator.exchange.book import Book
from bot.simulator.exchange.order import Order
from bot.simulator.exchange.record import LogEntry, Settlement, Taken, order_event
from bot.simulator.exchange.trade import PublicTrade, UserTrade

__all__ = ["CLOSED_MAX", "ORDER_LOG_MAX", "USER_TRADES_MAX", "Changes", "Venue"]

# Beyond these the oldest are forgotten: far more than any day of one engine makes.
CLOSED_MAX: Final = 50_000
USER_TRADES_MAX: Final = 100_000
ORDER_LOG_MAX: Final = 200_000
_EXPIRED_MAX: Final = 1_000


@final
@dataclass(slots=True)
class Changes:
    """What has changed since it was last taken, in order."""

    orders: list[Order] = field(default_factory=list)
    fills: list[UserTrade] = field(default_factory=list)
    trades: list[PublicTrade] = field(default_factory=list)
    accounts: dict[AccountId, Account] = field(default_factory=dict)
    touched: dict[tuple[AccountId, InstrumentName], None] = field(default_factory=dict)
    states: list[tuple[InstrumentName, BookState]] = field(default_factory=list)
    log: list[LogEntry] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)

    @property
    def is_durable(self) -> bool:
        """True when there is something that must be on disk before anybody hears of it."""
        return bool(self.orders or self.fills or self.accounts or self.log or self.settlements)


@final
@dataclass(slots=True)
class Venue:
    """Accounts, books, orders, trades. Times in exchange milliseconds."""

    now_ms: int
    advanced_ms: int = 0  # how far the market has come; requests may be a little ahead of it
    accounts: dict[AccountId, Account] = field(default_factory=dict)
    books: dict[InstrumentName, Book] = field(default_factory=dict)
    expired: dict[InstrumentName, tuple[Instrument, Decimal]] = field(default_factory=dict)
    indices: dict[IndexName, Decimal] = field(default_factory=dict)
    delivery_estimates: dict[IndexName, Decimal] = field(default_factory=dict)
    deliveries: dict[IndexName, dict[int, Decimal]] = field(default_factory=dict)
    funding_8h: dict[InstrumentName, float] = field(default_factory=dict)
    funding_running: dict[InstrumentName, Fraction] = field(default_factory=dict)
    open: dict[OrderId, Order] = field(default_factory=dict)
    closed: dict[OrderId, Order] = field(default_factory=dict)
    user_trades: dict[AccountId, list[UserTrade]] = field(default_factory=dict)
    order_log: list[LogEntry] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)
    order_last: int = 0
    trade_last: int = 0
    rank_last: int = 0
    change_last: int = 1
    settled_ms: int = 0  # the last 08:00 that was settled
    settling_until_ms: int = 0
    kept_sequences: dict[InstrumentName, int] = field(default_factory=dict)
    kept_taken: dict[InstrumentName, Taken] = field(default_factory=dict)
    kept_settlement_prices: dict[InstrumentName, Decimal] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)

    def take_changes(self) -> Changes:
        """Hand over what changed and begin anew."""
        taken, self.changes = self.changes, Changes()
        return taken

    def order_id(self, currency: Currency) -> OrderId:
        """Make the next order id: a bare number for BTC, else with the currency before it."""
        self.order_last += 1
        return OrderId(_prefixed(currency, self.order_last))

    def trade_id(self, currency: Currency) -> TradeId:
        """Make the next trade id."""
        self.trade_last += 1
        return TradeId(_prefixed(currency, self.trade_last))

    def rank(self) -> int:
        """Make the next place in time."""
        self.rank_last += 1
        return self.rank_last

    def touch(self, book: Book) -> None:
        """Give a book that changed its next change id: rising, never by one only."""
        self.change_last += 1
        book.change_id = self.change_last
        book.changed_ms = self.now_ms

    def put_order(self, order: Order, *, event: str) -> None:
        """Keep the new state of an order. The caller keeps the book in step."""
        if order.is_open:
            self.open[order.id] = order
        else:
            self.open.pop(order.id, None)
            self.closed[order.id] = order
            if len(self.closed) > CLOSED_MAX:
                self.closed.pop(next(iter(self.closed)))
        entry = order_event(order, event=event, at_ms=self.now_ms)
        self.order_log.append(entry)
        del self.order_log[:-ORDER_LOG_MAX]
        self.changes.orders.append(order)
        self.changes.log.append(entry)
        self.changes.touched[(order.account, order.instrument)] = None

    def put_account(self, account: Account, *, instrument: InstrumentName | None = None) -> None:
        """Keep the new state of an account; name the instrument when its position changed."""
        self.accounts[account.id] = account
        self.changes.accounts[account.id] = account
        if instrument is not None:
            self.changes.touched[(account.id, instrument)] = None

    def put_user_trade(self, trade: UserTrade) -> None:
        """Keep one side of a trade."""
        kept = self.user_trades.setdefault(trade.account, [])
        kept.append(trade)
        del kept[:-USER_TRADES_MAX]
        self.changes.fills.append(trade)

    def put_settlement(self, settlement: Settlement) -> None:
        """Keep a row of the settlement history."""
        self.settlements.append(settlement)
        del self.settlements[:-CLOSED_MAX]
        self.changes.settlements.append(settlement)

    def put_expired(self, instrument: Instrument, *, delivery: Decimal) -> None:
        """Keep the definition of an instrument that is no more."""
        self.expired[instrument.name] = (instrument, delivery)
        if len(self.expired) > _EXPIRED_MAX:
            self.expired.pop(next(iter(self.expired)))

    def set_state(self, book: Book, state: BookState) -> None:
        """Move a book through its life cycle."""
        if book.state is not state:
            book.state = state
            self.changes.states.append((book.instrument.name, state))

    def index(self, instrument: Instrument) -> Decimal:
        """Return the instrument's index price; 0 before the market has spoken."""
        return self.indices.get(instrument.index, Decimal(0))

    def open_orders(
        self, account: AccountId, *, instrument: InstrumentName | None = None
    ) -> Iterator[Order]:
        """Yield an account's open orders, oldest first."""
        for order in list(self.open.values()):
            if order.account == account and instrument in (None, order.instrument):
                yield order

    def order(self, order_id: OrderId) -> Order | None:
        """Return an order in any state."""
        return self.open.get(order_id) or self.closed.get(order_id)

    def was_filled(self, order_id: OrderId) -> bool:
        """Say whether an order has ended by being filled."""
        order = self.closed.get(order_id)
        return order is not None and order.state is OrderState.FILLED


def _prefixed(currency: Currency, number: int) -> str:
    return str(number) if currency == "BTC" else f"{currency}-{number}"
