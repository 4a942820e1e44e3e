"""Standard margin (DOMAIN §11.1), in settlement currency."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final, assert_never, final

from bot.domain.instrument import Instrument, Kind, OptionType

__all__ = ["Margin", "margin_of", "open_order_margin"]

_OPTION_IM: Final = Fraction(15, 100)
_OPTION_IM_MIN: Final = Fraction(10, 100)
_OPTION_MM: Final = Fraction(75, 1000)
_FUTURE_IM: Final = Fraction(2, 100)
_FUTURE_MM: Final = Fraction(1, 100)
_FUTURE_PER_COIN: Final = Fraction(5, 100_000)


@final
@dataclass(frozen=True, slots=True)
class Margin:
    """Initial and maintenance margin."""

    initial: Fraction
    maintenance: Fraction


_NONE: Final = Margin(Fraction(0), Fraction(0))


def margin_of(instrument: Instrument, *, size: Decimal, mark: Decimal, forward: Decimal) -> Margin:
    """Return the margin of a signed position. Long options need none: the premium is paid."""
    if size == 0 or mark < 0 or forward <= 0:
        return _NONE
    match instrument.kind:
        case Kind.OPTION:
            return _option(instrument, size=size, mark=mark, forward=forward)
        case Kind.FUTURE | Kind.PERPETUAL:
            return _future(instrument, size=size, mark=mark if mark > 0 else forward)
        case _:
            assert_never(instrument.kind)


def open_order_margin(
    instrument: Instrument,
    *,
    size: Decimal,
    buys: Decimal,
    buys_worth: Fraction,
    sells: Decimal,
    mark: Decimal,
    forward: Decimal,
) -> Fraction:
    """Return what open orders add: the worse of all buys or all sells filled, and only more risk.

    `buys_worth` is Σ price·amount of the buys: an option's premium must be there to be paid.
    """
    now = margin_of(instrument, size=size, mark=mark, forward=forward).initial
    after_buys = margin_of(instrument, size=size + buys, mark=mark, forward=forward).initial
    after_sells = margin_of(instrument, size=size - sells, mark=mark, forward=forward).initial
    if instrument.kind is Kind.OPTION:
        # Buying back a short gives margin free that pays for the premium.
        after_buys += buys_worth
    return max(after_buys, after_sells, now) - now


def _option(instrument: Instrument, *, size: Decimal, mark: Decimal, forward: Decimal) -> Margin:
    if size > 0:
        return _NONE
    strike, kind = instrument.strike, instrument.option_type
    if strike is None or kind is None:  # `Instrument` refuses such an option when it is made
        raise ValueError(f"{instrument.name}: an option without strike")
    away = Fraction(kind.sign * (strike - forward)) / Fraction(forward)
    out_of_money = max(away, Fraction(0))
    unit = Fraction(1) if instrument.is_inverse else Fraction(forward)
    worth = Fraction(mark)
    initial = max(_OPTION_IM - out_of_money, _OPTION_IM_MIN) * unit + worth
    if kind is OptionType.CALL:
        maintenance = _OPTION_MM * unit + worth
    else:
        maintenance = max(_OPTION_MM * unit, _OPTION_MM * worth) + worth
        initial = max(initial, maintenance)
    amount = abs(Fraction(size))
    return Margin(initial * amount, maintenance * amount)


def _future(instrument: Instrument, *, size: Decimal, mark: Decimal) -> Margin:
    if instrument.is_inverse:
        coins = worth = abs(Fraction(size)) / Fraction(mark)
    else:
        coins = abs(Fraction(size))
        worth = coins * Fraction(mark)
    extra = _FUTURE_PER_COIN * coins
    return Margin((_FUTURE_IM + extra) * worth, (_FUTURE_MM + extra) * worth)
