"""The prices between which an order may stand (PROTOCOL §15)."""

from decimal import Decimal
from typing import Final, assert_never

from bot.domain.instrument import Instrument, Kind
from bot.domain.money import EXACT

__all__ = ["band"]

_FUTURE_WIDTH: Final = Decimal("0.015")  # mark ± 1.5 % [cap]
# Recorded option bands: ±0.015 coin in the wings (delta 0 and 1), about ±0.037 at the money.
_OPTION_WIDTH: Final = Decimal("0.015")
_OPTION_WIDTH_ATM: Final = Decimal("0.022")


def band(
    instrument: Instrument, *, mark: Decimal, delta: float, index: Decimal
) -> tuple[Decimal, Decimal]:
    """Return the lowest and highest price, rounded outward to the tick, at least one tick.

    `delta` of an option, ignored otherwise; `index` turns the width of a linear option into USDC.
    """
    match instrument.kind:
        case Kind.FUTURE | Kind.PERPETUAL:
            width = mark * _FUTURE_WIDTH
        case Kind.OPTION:
            steepness = Decimal(repr(round(4 * abs(delta) * (1 - min(abs(delta), 1.0)), 4)))
            width = _OPTION_WIDTH + _OPTION_WIDTH_ATM * steepness
            width = width if instrument.is_inverse else EXACT.multiply(width, index)
        case _:
            assert_never(instrument.kind)
    low = max(instrument.ticks.down(max(mark - width, Decimal(0))), instrument.ticks.tick)
    return low, instrument.ticks.up(mark + width)
