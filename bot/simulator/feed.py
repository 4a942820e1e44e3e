"""The seam between the market outside and the exchange that shows it.

A feed knows what the rest of the world does: prices, quotes, trades of strangers. The exchange puts
that beside the orders of its own accounts. Pure data; the clock belongs to the exchange.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, final

from bot.domain.ids import IndexName, InstrumentName
from bot.domain.instrument import Instrument
from bot.domain.report import Level
from bot.domain.side import Side
from bot.pricing.black76 import Greeks

__all__ = ["Feed", "MarketTick", "OutsideTrade", "Quotes"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Quotes:
    """What the outside world shows for one instrument now; it replaces what it showed before.

    Prices and amounts in the instrument's own units, best first; a side may be empty. `mark_iv` a
    fraction; `underlying` USD, the forward of the option's own expiry, named `underlying_index`.
    `mark_iv`, the underlying and `greeks` belong to options only.
    """

    instrument: InstrumentName
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    mark: Decimal
    mark_iv: float | None = None
    underlying: Decimal | None = None
    underlying_index: str | None = None
    greeks: Greeks | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideTrade:
    """An aggressor from outside: takes `amount` from the touch, no further than `price_limit`.

    `side` is the aggressor's. Our resting orders are met as well as the outside quotes.
    """

    instrument: InstrumentName
    side: Side
    price_limit: Decimal
    amount: Decimal


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class MarketTick:
    """Everything that changed between two instants.

    `indices` in USD (or USDC) per coin, all of them, changed or not; `quotes` only of instruments
    whose outside quotes changed; `funding_8h` the current rate of each perpetual, positive = longs
    pay (DOMAIN §3.5).
    """

    at_ms: int
    indices: Mapping[IndexName, Decimal]
    quotes: tuple[Quotes, ...]
    trades: tuple[OutsideTrade, ...]
    funding_8h: Mapping[InstrumentName, float]


class Feed(Protocol):
    """A market outside: modelled from a seed, or recorded.

    An implementation can be built again from the bytes of `save`, and then goes on as if it had
    never stopped. After a restore the first tick carries the quotes of every instrument.
    """

    def instruments(self, at_ms: int) -> tuple[Instrument, ...]:
        """Return all that exist at this exchange time, sorted by name, new listings included."""
        ...

    def advance(self, at_ms: int) -> MarketTick:
        """Go on to this exchange time, never back: an earlier time changes nothing."""
        ...

    def index_mean(self, index: IndexName, from_ms: int, to_ms: int) -> Decimal:
        """Return the time-weighted mean of an index, for delivery (DOMAIN §1.4).

        Answers for spans that end no later than the last `advance` and begin within the last hour
        before it; raises ValueError for an index that this market does not have.
        """
        ...

    def save(self) -> bytes:
        """Write the whole state in canonical bytes."""
        ...
