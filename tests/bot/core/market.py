"""A hand-made market of 1 June 2026: one perpetual, one call, one put, all good enough to open."""

from decimal import Decimal

from bot.domain.ids import Currency, IndexName, InstrumentName
from bot.domain.instrument import BookState, Instrument, Kind, OptionType
from bot.domain.money import Amount, Coin, Price
from bot.domain.report import Account, BookSnapshot, IndexPrice, Level, Report, Ticker
from bot.domain.tick import TickSchedule, TickStep

__all__ = [
    "BTC",
    "CALL",
    "EXPIRY_MS",
    "INDEX",
    "NOON_MS",
    "PERPETUAL",
    "PUT",
    "account",
    "quotes",
]

BTC = Currency("BTC")
INDEX = IndexName("btc_usd")
NOON_MS = 1_780_315_200_000  # 2026-06-01T12:00:00Z
EXPIRY_MS = 1_782_460_800_000  # 2026-06-26T08:00:00Z

PERPETUAL = Instrument(
    name=InstrumentName("BTC-PERPETUAL"),
    kind=Kind.PERPETUAL,
    is_inverse=True,
    base=BTC,
    currency=BTC,
    index=INDEX,
    contract_size=Decimal(10),
    amount_min=Amount(Decimal(10)),
    amount_step=Amount(Decimal(10)),
    ticks=TickSchedule(tick=Decimal("0.5")),
    maker_rate=Decimal(0),
    taker_rate=Decimal("0.0005"),
    state=BookState.OPEN,
)


def _option(name: str, option_type: OptionType, strike: str) -> Instrument:
    return Instrument(
        name=InstrumentName(name),
        kind=Kind.OPTION,
        is_inverse=True,
        base=BTC,
        currency=BTC,
        index=INDEX,
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
        expiry_ms=EXPIRY_MS,
        strike=Decimal(strike),
        option_type=option_type,
    )


CALL = _option("BTC-26JUN26-70000-C", OptionType.CALL, "70000")
PUT = _option("BTC-26JUN26-50000-P", OptionType.PUT, "50000")

# bid, ask, mark, depth: two ticks of spread on the options, one on the perpetual
_QUOTES = {
    PERPETUAL.name: ("60000.0", "60000.5", "60000.25", "500000"),
    CALL.name: ("0.0120", "0.0130", "0.0125", "25"),
    PUT.name: ("0.0110", "0.0120", "0.0115", "25"),
}


def quotes(at_ms: int) -> tuple[Report, ...]:
    """Everything that makes the market fresh at this moment."""
    reports: list[Report] = [IndexPrice(index=INDEX, at_ms=at_ms, price=_price("60000"))]
    for instrument in (PERPETUAL, CALL, PUT):
        reports += _quote(instrument, at_ms)
    return tuple(reports)


def account(equity: str = "10", *, initial: str = "0", maintenance: str = "0") -> Account:
    """The account, with nothing earned today."""
    return Account(
        currency=BTC,
        equity=Coin(Decimal(equity)),
        balance=Coin(Decimal(equity)),
        margin_balance=Coin(Decimal(equity)),
        available=Coin(Decimal(equity)),
        initial_margin=Coin(Decimal(initial)),
        maintenance_margin=Coin(Decimal(maintenance)),
        delta_total=0.0,
        session_upl=Coin(Decimal(0)),
        session_rpl=Coin(Decimal(0)),
    )


def _quote(instrument: Instrument, at_ms: int) -> tuple[Report, Report]:
    bid, ask, mark, depth = _QUOTES[instrument.name]
    best_bid = Level(_price(bid), Amount(Decimal(depth)))
    best_ask = Level(_price(ask), Amount(Decimal(depth)))
    is_option = instrument.kind is Kind.OPTION
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
