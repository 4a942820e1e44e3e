"""Implied volatility against worked numbers and the reference vectors."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.instrument import OptionType
from bot.pricing.black76 import greeks, price_coin
from bot.pricing.implied_vol import NoVol, implied_vol, vol_per_price
from tests.shared import shared

CALL, PUT = OptionType.CALL, OptionType.PUT
INF, NAN = float("inf"), float("nan")


@pytest.mark.parametrize(
    ("price", "right", "venue_percent"),
    [(0.0315, 0.5188590478, 51.89), (0.0325, 0.5314753772, 53.15)],
)
def test_recorded_touch_has_the_vol_that_the_venue_showed(
    price: float, right: float, venue_percent: float
) -> None:
    sigma = implied_vol(price, kind=CALL, forward=30291.98, strike=31000.0, years=0.0405710318)
    assert isinstance(sigma, float)
    assert sigma == pytest.approx(right, abs=1e-9)
    assert round(sigma * 100, 2) == venue_percent


@pytest.mark.parametrize(
    ("price", "kind", "forward", "strike", "years", "right"),
    [
        (0.16, CALL, 60000.0, 50000.0, 0.1, NoVol.BELOW_INTRINSIC),
        (0.16, PUT, 60000.0, 70000.0, 0.1, NoVol.BELOW_INTRINSIC),
        (1.0, CALL, 60000.0, 50000.0, 0.1, NoVol.ABOVE_MAXIMUM),
        (7 / 6, PUT, 60000.0, 70000.0, 0.1, NoVol.ABOVE_MAXIMUM),
        (0.0, CALL, 60000.0, 60000.0, 0.1, NoVol.NO_TIME_VALUE),
        (1e-8, CALL, 60000.0, 60000.0, 0.1, NoVol.NO_TIME_VALUE),  # needs less than 0.0001
        (0.9, CALL, 60000.0, 60000.0, 1e-4, NoVol.ABOVE_MAXIMUM),  # needs more than 10
        (0.01, CALL, 60000.0, 60000.0, 0.0, NoVol.EXPIRED),
        (0.01, CALL, 60000.0, 60000.0, -0.01, NoVol.EXPIRED),
        (0.01, CALL, 0.0, 60000.0, 0.1, NoVol.BAD_INPUT),
        (0.01, CALL, 60000.0, -1.0, 0.1, NoVol.BAD_INPUT),
        (0.01, CALL, 0.0, 60000.0, 0.0, NoVol.BAD_INPUT),  # bad input is said first
        (-0.01, CALL, 60000.0, 60000.0, 0.1, NoVol.BAD_INPUT),
        (NAN, CALL, 60000.0, 60000.0, 0.1, NoVol.BAD_INPUT),
        (INF, CALL, 60000.0, 60000.0, 0.1, NoVol.BAD_INPUT),
    ],
)
def test_price_without_vol_says_why(
    price: float, kind: OptionType, forward: float, strike: float, years: float, right: NoVol
) -> None:
    assert implied_vol(price, kind=kind, forward=forward, strike=strike, years=years) is right


@given(
    st.sampled_from(OptionType),
    st.floats(min_value=0.3, max_value=3.0),
    st.floats(min_value=1e-4, max_value=2.0),
    st.floats(min_value=0.05, max_value=5.0),
)
def test_vol_comes_back_from_its_own_price(
    kind: OptionType, ratio: float, years: float, sigma: float
) -> None:
    inputs = {"forward": 60000.0, "strike": 60000.0 * ratio, "years": years}
    coin = price_coin(kind, sigma=sigma, **inputs)
    at = greeks(kind, sigma=sigma, **inputs)
    assert isinstance(coin, float)
    assert not hasattr(at, "code")
    found = implied_vol(coin, kind=kind, **inputs)
    vega_coin = at.vega * 100 / 60000.0
    if coin - max(kind.sign * (1 - ratio), 0.0) > 1.1e-12 and vega_coin > 1e-9:
        assert isinstance(found, float)
        assert abs(found - sigma) <= max(1e-9, 16 * 2.3e-16 * (coin + 1) / vega_coin)


def test_sensitivity_is_the_slope_between_two_ticks() -> None:
    at = {"forward": 30291.98, "strike": 31000.0, "years": 0.0405710318}
    per_coin = vol_per_price(CALL, sigma=0.525, **at)
    assert isinstance(per_coin, float)
    # 0.0315 → 0.5188590478, 0.0325 → 0.5314753772
    assert per_coin * 0.001 == pytest.approx(0.5314753772 - 0.5188590478, rel=1e-3)
    assert vol_per_price(CALL, sigma=0.0, **at) is NoVol.NO_TIME_VALUE
    assert vol_per_price(CALL, sigma=-1.0, **at) is NoVol.BAD_INPUT


def test_every_reference_case_is_met() -> None:
    cases = json.loads(shared("vectors/implied_vol.json").read_text())["cases"]
    assert len(cases) == 299
    for case in cases:
        found = implied_vol(
            float(case["price_coin"]),
            kind=CALL if case["kind"] == "call" else PUT,
            forward=float(case["F"]),
            strike=float(case["K"]),
            years=float(case["T"]),
        )
        if case["status"] == "OK":
            assert isinstance(found, float), (case["id"], found)
            assert abs(found - float(case["sigma"])) <= float(case["tol_sigma"]), case["id"]
        else:
            assert found is NoVol[case["status"]], case["id"]
