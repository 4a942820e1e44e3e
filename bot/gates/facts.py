"""What the gates look at: one frozen set of facts about one intent's world, the same for all."""

from dataclasses import dataclass
from decimal import Decimal

from bot.domain.ids import InstrumentName
from bot.domain.instrument import Instrument
from bot.domain.mode import Mode
from bot.domain.money import Amount, Price
from bot.domain.recent import Recent
from bot.domain.report import Account, Ticker
from bot.domain.side import Side
from bot.market.book import Book
from bot.portfolio.exposure import Exposure

__all__ = ["Facts", "OwnOrder"]


@dataclass(frozen=True, slots=True)
class OwnOrder:
    """An order in the same book that fills on our account. `is_known_to_rest`: the venue shows
    it, and it is the engine's own; one that is in doubt or not yet there may never come.
    """

    side: Side
    price: Price
    is_known_to_rest: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """The world at the decision. Ages in ms; None means never seen.

    `exposure` is what holding and every pending order including this one can come to; or the name
    of the first instrument whose risk cannot be computed. `margin_after` is initial margin with
    this order, None when it cannot be known [C-116].
    """

    now_ms: int
    mode: Mode
    latch_missing: tuple[str, ...]
    instrument: Instrument
    instrument_age_ms: int | None
    fees_age_ms: int | None
    is_clock_good: bool
    book: Book | None
    ticker: Ticker | None
    book_age_ms: int | None
    mark_age_ms: int | None
    index: Price | None
    index_age_ms: int | None
    index_jump_ratio: float
    own: tuple[OwnOrder, ...]
    cooling_until_ms: int
    exposure: Exposure | InstrumentName
    gross_options: Amount
    short_of_expiry: Amount
    account: Account | None
    account_age_ms: int | None
    margin_after: Decimal | None
    maintenance_after: Decimal | None
    day_equity: Decimal | None
    day_opens: int
    day_orders: int
    day_fees: Decimal
    day_cancels: int
    day_fills: int
    recent: tuple[Recent, ...]  # orders of the last minute
    executions: tuple[Recent, ...]  # trades of the last minute
    ledger_failure: str | None
