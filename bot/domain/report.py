"""What the venue says, in our own types.

`venue` turns wire messages into these and everybody else reads these. Each is complete in itself,
carries the venue's own time, and says nothing about when it arrived: the shell adds that.
"""

import msgspec

from bot.domain.ids import Currency, IndexName, InstrumentName, Label, OrderId, TradeId
from bot.domain.instrument import BookState, Instrument
from bot.domain.money import Amount, Coin, Price
from bot.domain.order import Liquidity, OrderState, TimeInForce
from bot.domain.side import Side

__all__ = [
    "Account",
    "BookChange",
    "BookSnapshot",
    "Fill",
    "IndexPrice",
    "InstrumentState",
    "Level",
    "LevelChange",
    "OrderReport",
    "PlatformState",
    "PositionReport",
    "PublicTrade",
    "Report",
    "Ticker",
]


class Level(msgspec.Struct, frozen=True, array_like=True):
    """One price of a book and the amount that stands there."""

    price: Price
    amount: Amount


class LevelChange(msgspec.Struct, frozen=True, array_like=True):
    """A level set to an amount; zero removes it."""

    price: Price
    amount: Amount


class BookSnapshot(msgspec.Struct, frozen=True, kw_only=True, tag="book_snapshot"):
    """A whole book, best first."""

    instrument: InstrumentName
    at_ms: int
    change_id: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


class BookChange(msgspec.Struct, frozen=True, kw_only=True, tag="book_change"):
    """A change to a book; continuity is `prev_change_id == last change_id` and nothing else."""

    instrument: InstrumentName
    at_ms: int
    prev_change_id: int
    change_id: int
    bids: tuple[LevelChange, ...]
    asks: tuple[LevelChange, ...]


class Ticker(msgspec.Struct, frozen=True, kw_only=True, tag="ticker"):
    """The state of an instrument at a moment. No quote is None, never 0 (DOMAIN §1.5).

    `mark_iv` is a fraction (0.65 is 65 %); the venue's percent is divided at the border.
    """

    instrument: InstrumentName
    at_ms: int
    state: BookState
    bid: Level | None
    ask: Level | None
    mark: Price
    index: Price
    price_min: Price
    price_max: Price
    mark_iv: float | None = None  # options
    underlying: Price | None = None  # options: the forward of their own expiry
    delivery_estimate: Price | None = None
    settlement: Price | None = None
    funding_8h: float | None = None  # perpetuals


class IndexPrice(msgspec.Struct, frozen=True, kw_only=True, tag="index"):
    """The venue's spot price of a coin."""

    index: IndexName
    at_ms: int
    price: Price


class PublicTrade(msgspec.Struct, frozen=True, kw_only=True, tag="public_trade"):
    """A trade between anybody. `seq` is contiguous over all of an instrument's trades."""

    instrument: InstrumentName
    trade_id: TradeId
    seq: int
    at_ms: int
    side: Side  # of the taker
    price: Price
    amount: Amount


class Fill(msgspec.Struct, frozen=True, kw_only=True, tag="fill"):
    """One trade of ours. `fee` is what the venue reports and is booked as it is (DOMAIN §3.4)."""

    instrument: InstrumentName
    trade_id: TradeId
    order_id: OrderId
    label: Label | None
    at_ms: int
    side: Side
    price: Price
    amount: Amount
    fee: Coin  # positive = paid
    fee_currency: Currency
    liquidity: Liquidity
    mark: Price
    index: Price
    is_liquidation: bool = False


class OrderReport(msgspec.Struct, frozen=True, kw_only=True, tag="order"):
    """What the venue says of one order. `amount` includes what has filled."""

    order_id: OrderId
    label: Label | None
    instrument: InstrumentName
    side: Side
    state: OrderState
    price: Price | None  # None for the venue's own "market_price"
    amount: Amount
    filled: Amount
    average: Price | None  # None before a fill (the wire says 0)
    time_in_force: TimeInForce | None  # None for words beyond ours
    post_only: bool
    reduce_only: bool
    created_ms: int
    updated_ms: int
    cancel_reason: str | None = None


class PositionReport(msgspec.Struct, frozen=True, kw_only=True, tag="position"):
    """The venue's own count of a position; `size` is signed, in the amount unit."""

    instrument: InstrumentName
    size: Amount
    average: Price | None
    mark: Price
    delta: float


class Account(msgspec.Struct, frozen=True, kw_only=True, tag="account"):
    """One currency of the account, in that currency.

    `is_portfolio_margined` is None where the venue does not say.
    """

    currency: Currency
    equity: Coin
    balance: Coin
    margin_balance: Coin
    available: Coin
    initial_margin: Coin
    maintenance_margin: Coin
    delta_total: float
    session_upl: Coin
    session_rpl: Coin
    is_portfolio_margined: bool | None = None


class InstrumentState(msgspec.Struct, frozen=True, kw_only=True, tag="instrument_state"):
    """A book changed its state."""

    instrument: InstrumentName
    at_ms: int
    state: BookState


class PlatformState(msgspec.Struct, frozen=True, kw_only=True, tag="platform_state"):
    """The platform is locked (wholly or for an index) or in maintenance."""

    is_locked: bool
    is_maintenance: bool
    index: IndexName | None = None


Report = (
    Account
    | BookChange
    | BookSnapshot
    | Fill
    | IndexPrice
    | Instrument
    | InstrumentState
    | OrderReport
    | PlatformState
    | PositionReport
    | PublicTrade
    | Ticker
)
