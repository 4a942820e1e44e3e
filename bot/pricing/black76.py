"""Black-76 with zero rate, in coin: price and greeks of a European option on a forward.

Pure floats: these are model values, and become prices only through quantisation [C-104].
Every function answers with numbers or with a typed refusal; no NaN leaves (DOMAIN §2.3).
"""

import math
from dataclasses import dataclass
from typing import Final, final

from bot.domain.instant import DAY_MS, MINUTE_MS, YEAR_MS
from bot.domain.instrument import OptionType

__all__ = ["BadInput", "Greeks", "greeks", "normal_cdf", "price_coin", "years_for_limits"]

_DAYS_PER_YEAR: Final = YEAR_MS // DAY_MS
_DEVIATION_MIN: Final = 1e-9  # σ√T below this is zero vol: d1 would overflow before it mattered
# Far beyond any market, and near enough that no product of them leaves the doubles.
_FORWARD_RANGE: Final = (1e-9, 1e12)
_SIGMA_RANGE: Final = (0.0, 1e3)
_YEARS_RANGE: Final = (-1e3, 1e3)
_SQRT_2: Final = math.sqrt(2.0)
_SQRT_2_PI: Final = math.sqrt(2.0 * math.pi)
_YEARS_MIN_FOR_LIMITS: Final = MINUTE_MS / YEAR_MS


@final
@dataclass(frozen=True, slots=True)
class BadInput:
    """The refusal of an input that no option has; `code` is `BAD_INPUT` (DOMAIN §2.3)."""

    field: str
    value: float
    code: str = "BAD_INPUT"


@final
@dataclass(frozen=True, slots=True)
class Greeks:
    """Value and sensitivities of one coin of a long option. A position multiplies by its amount.

    `price` coin; `delta`, `net_delta` (premium-adjusted, `delta - price`) coin; `gamma` delta per
    USD; `vega` USD per vol point; `theta` USD per calendar day; `theta_venue` the same as Deribit
    shows it; `rho` USD per 1 % of rate; `coin_slope` and `coin_curvature` the first and second
    derivative of the coin price in the forward, per USD. Source: DOMAIN §2.2.
    """

    price: float
    delta: float
    net_delta: float
    gamma: float
    vega: float
    theta: float
    theta_venue: float
    rho: float
    coin_slope: float
    coin_curvature: float


def price_coin(
    kind: OptionType, *, forward: float, strike: float, years: float, sigma: float
) -> float | BadInput:
    """Price one option in coin per coin of amount.

    `forward` and `strike` USD per coin; `years` ACT/365, zero or below means expired: intrinsic;
    `sigma` a fraction per square root of a year. A linear option is worth `forward` times this in
    its quote currency. Source: Black 1976; DOMAIN §2.1, §2.3.
    """
    bad = _bad(forward=forward, strike=strike, years=years, sigma=sigma)
    if bad is not None:
        return bad
    deviation = sigma * math.sqrt(max(years, 0.0))
    return _price(kind.sign, forward, strike, deviation)


def greeks(
    kind: OptionType, *, forward: float, strike: float, years: float, sigma: float
) -> Greeks | BadInput:
    """Compute value and sensitivities of one option; arguments as for `price_coin`.

    Under one minute of life gamma and theta explode: for limits pass `years_for_limits(years)`.
    Source: DOMAIN §2.2, §2.3.
    """
    bad = _bad(forward=forward, strike=strike, years=years, sigma=sigma)
    if bad is not None:
        return bad
    w = kind.sign
    life = max(years, 0.0)
    root = math.sqrt(life)
    deviation = sigma * root
    price = _price(w, forward, strike, deviation)
    if deviation < _DEVIATION_MIN:
        weight = _zero_vol_weight(w, forward, strike)
        delta, gamma, vega, theta, probability = w * weight, 0.0, 0.0, 0.0, weight
    else:
        d1 = math.log(forward / strike) / deviation + deviation / 2.0
        density = math.exp(-d1 * d1 / 2.0) / _SQRT_2_PI
        delta = w * normal_cdf(w * d1)
        gamma = density / (forward * deviation)
        vega = forward * density * root / 100.0
        theta = -forward * density * sigma / (2.0 * root) / _DAYS_PER_YEAR
        probability = normal_cdf(w * (d1 - deviation))
    net_delta = delta - price
    # The venue never shows more decay than the life that is left, nor more than the price.
    theta_venue = -min(-theta * min(1.0, life * _DAYS_PER_YEAR), price * forward)
    return Greeks(
        price=price,
        delta=delta,
        net_delta=net_delta,
        gamma=gamma,
        vega=vega,
        theta=theta,
        theta_venue=theta_venue,
        rho=w * strike * life * probability / 100.0,
        coin_slope=net_delta / forward,
        coin_curvature=(gamma - 2.0 * net_delta / forward) / forward,
    )


def years_for_limits(years: float) -> float:
    """Return the life to use for limits, at least one minute; prices use the true one (§2.3)."""
    return max(years, _YEARS_MIN_FOR_LIMITS)


def normal_cdf(x: float) -> float:
    """Return the normal distribution function; `erfc` keeps the digits of the lower tail."""
    return math.erfc(-x / _SQRT_2) / 2.0


def _price(w: int, forward: float, strike: float, deviation: float) -> float:
    intrinsic = max(w * (1.0 - strike / forward), 0.0)
    if deviation < _DEVIATION_MIN:
        return intrinsic
    # The out-of-the-money twin carries the time value in full digits; parity adds the rest.
    twin = -w if w * (forward - strike) > 0.0 else w
    d1 = math.log(forward / strike) / deviation + deviation / 2.0
    d2 = d1 - deviation
    time_value = twin * (normal_cdf(twin * d1) - strike / forward * normal_cdf(twin * d2))
    return intrinsic + max(time_value, 0.0)


def _zero_vol_weight(w: int, forward: float, strike: float) -> float:
    if forward == strike:
        return 0.5
    return 1.0 if w * (forward - strike) > 0.0 else 0.0


def _bad(*, forward: float, strike: float, years: float, sigma: float) -> BadInput | None:
    for field, value, (low, high) in (
        ("forward", forward, _FORWARD_RANGE),
        ("strike", strike, _FORWARD_RANGE),
        ("years", years, _YEARS_RANGE),
        ("sigma", sigma, _SIGMA_RANGE),
    ):
        if not low <= value <= high:  # also true for NaN
            return BadInput(field, value)
    return None
