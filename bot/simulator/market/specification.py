"""The definitions of the instruments: ticks, sizes, fees (DOMAIN §1.2)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, final

from bot.domain.ids import Currency, IndexName
from bot.domain.instrument import BookState, Instrument, Kind, OptionType
from bot.domain.money import Amount
from bot.domain.name import FutureName, OptionName, PerpetualName, print_name
from bot.domain.tick import TickSchedule, TickStep

__all__ = [
    "COINS",
    "RECORDED_TICKS",
    "Coin",
    "future",
    "inverse_perpetual",
    "linear_perpetual",
    "option",
]

_MAKER_OPTION: Final = Decimal("0.0003")
_TAKER_OPTION: Final = Decimal("0.0003")
_MAKER_FUTURE: Final = Decimal(0)
_TAKER_FUTURE: Final = Decimal("0.0005")
_USDC: Final = Currency("USDC")
_OPTION_TICKS: Final = TickSchedule(
    tick=Decimal("0.0001"),
    steps=(TickStep(above_price=Decimal("0.005"), tick=Decimal("0.0005")),),
)
RECORDED_TICKS: Final = TickSchedule(tick=Decimal("0.0005"))  # of 2023: one tick everywhere


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Coin:
    """What differs from coin to coin. Contracts of inverse futures in USD, of options in coin."""

    name: Currency
    start_usd: float  # index of a market that begins
    variance_factor: float  # of the default surface, which is that of BTC
    size_factor: float  # of the default option sizes, which are in BTC
    option_step: Decimal
    future_contract: Decimal
    perpetual_tick: Decimal
    future_tick: Decimal
    linear_contract: Decimal

    @property
    def index(self) -> IndexName:
        """The index in USD."""
        return IndexName(f"{self.name.lower()}_usd")

    @property
    def linear_index(self) -> IndexName:
        """The index in USDC."""
        return IndexName(f"{self.name.lower()}_usdc")


COINS: Final = (
    Coin(
        name=Currency("BTC"), start_usd=60_000.0, variance_factor=1.0, size_factor=1.0,
        option_step=Decimal("0.1"), future_contract=Decimal(10), perpetual_tick=Decimal("0.5"),
        future_tick=Decimal("2.5"), linear_contract=Decimal("0.001"),
    ),
    Coin(
        name=Currency("ETH"), start_usd=3_000.0, variance_factor=1.5, size_factor=10.0,
        option_step=Decimal(1), future_contract=Decimal(1), perpetual_tick=Decimal("0.05"),
        future_tick=Decimal("0.25"), linear_contract=Decimal("0.001"),
    ),
)  # fmt: skip


def option(
    coin: Coin,
    *,
    expiry_ms: int,
    strike: Decimal,
    option_type: OptionType,
    ticks: TickSchedule = _OPTION_TICKS,
) -> Instrument:
    """Define an inverse option."""
    name = OptionName(
        pair=coin.name, expires=_day(expiry_ms), strike=strike, option_type=option_type
    )
    return Instrument(
        name=print_name(name),
        kind=Kind.OPTION,
        is_inverse=True,
        base=coin.name,
        currency=coin.name,
        index=coin.index,
        contract_size=Decimal(1),
        amount_min=Amount(coin.option_step),
        amount_step=Amount(coin.option_step),
        ticks=ticks,
        maker_rate=_MAKER_OPTION,
        taker_rate=_TAKER_OPTION,
        state=BookState.OPEN,
        expiry_ms=expiry_ms,
        strike=strike,
        option_type=option_type,
    )


def future(coin: Coin, *, expiry_ms: int) -> Instrument:
    """Define an inverse dated future."""
    return Instrument(
        name=print_name(FutureName(pair=coin.name, expires=_day(expiry_ms))),
        kind=Kind.FUTURE,
        is_inverse=True,
        base=coin.name,
        currency=coin.name,
        index=coin.index,
        contract_size=coin.future_contract,
        amount_min=Amount(coin.future_contract),
        amount_step=Amount(coin.future_contract),
        ticks=TickSchedule(tick=coin.future_tick),
        maker_rate=_MAKER_FUTURE,
        taker_rate=_TAKER_FUTURE,
        state=BookState.OPEN,
        expiry_ms=expiry_ms,
    )


def inverse_perpetual(coin: Coin) -> Instrument:
    """Define the perpetual that settles in coin."""
    return Instrument(
        name=print_name(PerpetualName(pair=coin.name)),
        kind=Kind.PERPETUAL,
        is_inverse=True,
        base=coin.name,
        currency=coin.name,
        index=coin.index,
        contract_size=coin.future_contract,
        amount_min=Amount(coin.future_contract),
        amount_step=Amount(coin.future_contract),
        ticks=TickSchedule(tick=coin.perpetual_tick),
        maker_rate=_MAKER_FUTURE,
        taker_rate=_TAKER_FUTURE,
        state=BookState.OPEN,
    )


def linear_perpetual(coin: Coin) -> Instrument:
    """Define the perpetual that settles in USDC."""
    return Instrument(
        name=print_name(PerpetualName(pair=f"{coin.name}_USDC")),
        kind=Kind.PERPETUAL,
        is_inverse=False,
        base=coin.name,
        currency=_USDC,
        index=coin.linear_index,
        contract_size=coin.linear_contract,
        amount_min=Amount(coin.linear_contract),
        amount_step=Amount(coin.linear_contract),
        ticks=TickSchedule(tick=coin.perpetual_tick),
        maker_rate=_MAKER_FUTURE,
        taker_rate=_TAKER_FUTURE,
        state=BookState.OPEN,
    )


def _day(expiry_ms: int) -> date:
    return datetime.fromtimestamp(expiry_ms // 1000, tz=UTC).date()
