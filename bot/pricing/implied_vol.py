"""The volatility at which Black-76 gives a price."""

import math
from enum import Enum
from typing import Final

from bot.domain.instrument import OptionType
from bot.pricing.black76 import BadInput, Greeks, greeks, price_coin

__all__ = ["NoVol", "implied_vol", "vol_per_price"]

_SIGMA_LOW: Final = 1e-4
_SIGMA_HIGH: Final = 10.0
_ITERATIONS_MAX: Final = 64
_BRACKET_MIN: Final = 1e-12
_STEP_MIN: Final = 1e-15  # relative; a smaller Newton step is rounding noise
_INTRINSIC_SLACK: Final = 1e-15
_TIME_VALUE_MIN: Final = 1e-12  # coin


class NoVol(Enum):
    """Why a price has no implied volatility, in the order of the checks (DOMAIN §2.4)."""

    BAD_INPUT = "BAD_INPUT"
    EXPIRED = "EXPIRED"
    BELOW_INTRINSIC = "BELOW_INTRINSIC"
    ABOVE_MAXIMUM = "ABOVE_MAXIMUM"
    NO_TIME_VALUE = "NO_TIME_VALUE"


def implied_vol(
    price: float, *, kind: OptionType, forward: float, strike: float, years: float
) -> float | NoVol:
    """Invert Black-76 for the volatility of one option.

    `price` in coin per coin; `forward` and `strike` USD per coin; `years` ACT/365; the result is a
    fraction (0.65 is 65 %) within [0.0001, 10]. A price that would need less than the lowest
    is NO_TIME_VALUE, one that would need more than the highest is ABOVE_MAXIMUM.
    Source: DOMAIN §2.4.
    """
    known = price_coin(kind, forward=forward, strike=strike, years=years, sigma=0.0)
    if isinstance(known, BadInput) or not 0.0 <= price < math.inf:
        return NoVol.BAD_INPUT
    if years <= 0.0:
        return NoVol.EXPIRED
    w = kind.sign
    ratio = strike / forward
    if price < known - _INTRINSIC_SLACK:
        return NoVol.BELOW_INTRINSIC
    if price >= (1.0 if kind is OptionType.CALL else ratio):
        return NoVol.ABOVE_MAXIMUM
    time_value = price - known
    if time_value < _TIME_VALUE_MIN:
        return NoVol.NO_TIME_VALUE
    # In the money the twin has the same volatility and all digits of the time value.
    twin = kind if w * (forward - strike) <= 0.0 else _other(kind)
    return _solve(time_value, twin, forward=forward, strike=strike, years=years)


def vol_per_price(
    kind: OptionType, *, forward: float, strike: float, years: float, sigma: float
) -> float | NoVol:
    """Return how far the volatility moves (1 = 100 %) for one coin of price: how wide a tick is.

    Arguments as for `greeks`. NO_TIME_VALUE where the price does not depend on volatility.
    """
    at = greeks(kind, forward=forward, strike=strike, years=years, sigma=sigma)
    if isinstance(at, BadInput):
        return NoVol.BAD_INPUT
    if at.vega <= 0.0:
        return NoVol.NO_TIME_VALUE
    return forward / (100.0 * at.vega)


def _solve(
    target: float, kind: OptionType, *, forward: float, strike: float, years: float
) -> float | NoVol:
    """Find the root in the bracket: Newton on ln(price) while it stays inside, else bisection.

    The price rises strictly in sigma, so the bracket is a proof; the logarithm makes the curve
    nearly straight where prices are tiny.
    """

    def at(sigma: float) -> Greeks:
        match greeks(kind, forward=forward, strike=strike, years=years, sigma=sigma):
            case BadInput() as refusal:
                raise AssertionError(f"checked before, yet refused: {refusal}")
            case Greeks() as found:
                return found

    low, high = _SIGMA_LOW, _SIGMA_HIGH
    if target < at(low).price:
        return NoVol.NO_TIME_VALUE
    if target > at(high).price:
        return NoVol.ABOVE_MAXIMUM
    sigma = min(max(_start(target, forward, strike, years), low), high)
    step_before = high - low
    for _ in range(_ITERATIONS_MAX):
        here = at(sigma)
        if abs(here.price - target) <= math.ulp(target):
            return sigma
        if here.price < target:
            low = sigma
        else:
            high = sigma
        if high - low < _BRACKET_MIN:
            break
        step = _newton_step(here, target, forward)
        is_good = step is not None and low < sigma + step < high and abs(step) < step_before / 2.0
        if step is None or not is_good:
            step = (low + high) / 2.0 - sigma
        sigma += step
        step_before = abs(step)
        if step_before <= _STEP_MIN * sigma:
            break
    return sigma


def _newton_step(here: Greeks, target: float, forward: float) -> float | None:
    slope = 100.0 * here.vega / forward
    if here.price <= 0.0 or slope <= 0.0:
        return None
    return (math.log(target) - math.log(here.price)) * here.price / slope


def _start(target: float, forward: float, strike: float, years: float) -> float:
    """Guess from the at-the-money price, or from where vega is greatest if that is further."""
    near = target * math.sqrt(2.0 * math.pi / years)
    far = math.sqrt(2.0 * abs(math.log(forward / strike)) / years)
    return max(near, far)


def _other(kind: OptionType) -> OptionType:
    return OptionType.PUT if kind is OptionType.CALL else OptionType.CALL
