"""A still market for groups: a perpetual and four options of one expiry, good enough to open."""

from decimal import Decimal
from typing import Final

from bot.domain.ids import Currency, IndexName, InstrumentName
from bot.domain.instant import DAY_MS
from bot.domain.instrument import BookState, Instrument, Kind, OptionType
from bot.domain.money import Amount, Coin, Price
from bot.domain.report import Account, BookSnapshot, IndexPrice, Level, Report, Ticker
from bot.domain.tick import TickSchedule, TickStep

__all__ = ["BTC", "INSTRUMENTS", "OPTIONS", "PERPETUAL", "START_MS", "account", "quotes"]

BTC: Final = Currency("BTC")
START_MS: Final = 1_780_315_200_000  # 2026-06-01T12:00:00Z
_EXPIRY_MS: Final = START_MS + 25 * DAY_MS - 4 * 3_600_000
_INDEX: Final = IndexName("btc_usd")
_ZERO: Final = Coin(Decimal(0))

PERPETUAL: Final = Instrument(
    name=InstrumentName("BTC-PERPETUAL"),
    kind=Kind.PERPETUAL,
    is_inverse=True,
    base=BTC,
    currency=BTC,
    index=_INDEX,
    contract_size=Decimal(10),
    amount_min=Amount(Decimal(10)),
    amount_step=Amount(Decimal(10)),
    ticks=TickSchedule(tick=Decimal("0.5")),
    maker_rate=Decimal(0),
    taker_rate=Decimal("0.0005"),
    state=BookState.OPEN,
)


def _option(strike: str, option_type: OptionType) -> Instrument:
    letter = "C" if option_type is OptionType.CALL else "P"
    return Instrument(
        name=InstrumentName(f"BTC-26JUN26-{strike}-{letter}"),
        kind=Kind.OPTION,
        is_inverse=True,
        base=BTC,
        currency=BTC,
        index=_INDEX,
        contract_size=Decimal(1),
        amount_min=Amount(Decimal("0.1")),
        amount_step=Amount(Decimal("0.1")),
        ticks=TickSchedule(
            tick=Decimal("0.0001"),
            steps=(TickStep(above_price=Decimal("0.005"), tick=Decimal("0.0005")),),
        ),
        maker_rate=Decimal("0.0003"),
        taker_rate=Decimal("0.0003"),
        state=BookState.OPEN,
        expiry_ms=_EXPIRY_MS,
        strike=Decimal(strike),
        option_type=option_type,
    )


# Sold, sold, and what protects them further out.
OPTIONS: Final = (
    _option("70000", OptionType.CALL),
    _option("50000", OptionType.PUT),
    _option("76000", OptionType.CALL),
    _option("46000", OptionType.PUT),
)
INSTRUMENTS: Final = (PERPETUAL, *OPTIONS)

# bid, ask, mark
_QUOTES: Final = {
    PERPETUAL.name: ("60000.0", "60000.5", "60000.25"),
    OPTIONS[0].name: ("0.0120", "0.0130", "0.0125"),
    OPTIONS[1].name: ("0.0110", "0.0120", "0.0115"),
    OPTIONS[2].name: ("0.0050", "0.0055", "0.0052"),
    OPTIONS[3].name: ("0.0055", "0.0060", "0.0057"),
}


def quotes(at_ms: int) -> tuple[Report, ...]:
    """Everything that makes the market fresh at this moment."""
    reports: list[Report] = [IndexPrice(index=_INDEX, at_ms=at_ms, price=_price("60000"))]
    for instrument in INSTRUMENTS:
        reports += _quote(instrument, at_ms)
    return (*reports, account())


def account() -> Account:
    """An account with much room, in which nothing was earned today."""
    ten = Coin(Decimal(10))
    return Account(
        currency=BTC,
        equity=ten,
        balance=ten,
        margin_balance=ten,
        available=ten,
        initial_margin=_ZERO,
        maintenance_margin=_ZERO,
        delta_total=0.0,
        session_upl=_ZERO,
        session_rpl=_ZERO,
    )


def _quote(instrument: Instrument, at_ms: int) -> tuple[Report, Report]:
    bid, ask, mark = _QUOTES[instrument.name]
    is_option = instrument.kind is Kind.OPTION
    depth = Amount(Decimal("25" if is_option else "500000"))
    best_bid, best_ask = Level(_price(bid), depth), Level(_price(ask), depth)
    book = BookSnapshot(
        instrument=instrument.name, at_ms=at_ms, change_id=1, bids=(best_bid,), asks=(best_ask,)
    )
    ticker = Ticker(
        instrument=instrument.name,
        at_ms=at_ms,
        state=BookState.OPEN,
        bid=best_bid,
        ask=best_ask,
        mark=_price(mark),
        index=_price("60000"),
        price_min=_price("0.0001" if is_option else "59000"),
        price_max=_price("0.3" if is_option else "61000"),
        mark_iv=0.6 if is_option else None,
        underlying=_price("60000") if is_option else None,
        funding_8h=None if is_option else 0.0,
    )
    return book, ticker


def _price(text: str) -> Price:
    return Price(Decimal(text))
