"""Black-76 against worked numbers, recorded tickers and the reference vectors."""

import gzip
import json
import math
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.instant import years_between
from bot.domain.instrument import OptionType
from bot.pricing.black76 import BadInput, Greeks, greeks, price_coin, years_for_limits
from tests.shared import shared

CALL, PUT = OptionType.CALL, OptionType.PUT
RECORDED = {"forward": 30291.98, "strike": 31000.0, "years": 0.0405710318, "sigma": 0.5202}


def price(kind: OptionType, **inputs: float) -> float:
    found = price_coin(kind, **inputs)
    assert isinstance(found, float)
    return found


def sensitivities(kind: OptionType, **inputs: float) -> Greeks:
    found = greeks(kind, **inputs)
    assert isinstance(found, Greeks)
    return found


def test_life_is_counted_in_years_of_365_days() -> None:
    assert years_between(1681389351940, 1682668800000) == pytest.approx(0.0405710318, abs=5e-11)


def test_recorded_call_is_worth_what_the_venue_marked() -> None:
    assert price(CALL, **RECORDED) == pytest.approx(0.0316062352581, abs=1e-13)
    assert round(price(CALL, **RECORDED), 4) == 0.0316


@pytest.mark.parametrize("kind", [CALL, PUT])
def test_at_the_money_call_and_put_cost_the_same(kind: OptionType) -> None:
    at = price(kind, forward=60000.0, strike=60000.0, years=30 / 365, sigma=0.6)
    assert at == pytest.approx(0.0685394071825354, abs=1e-15)


def test_recorded_call_has_the_greeks_that_the_venue_showed() -> None:
    at = sensitivities(CALL, **RECORDED)
    assert at.delta == pytest.approx(0.4332475, abs=5e-8)
    assert at.net_delta == pytest.approx(0.4016413, abs=5e-8)
    assert at.gamma == pytest.approx(0.0001239273, abs=5e-11)
    assert at.vega == pytest.approx(23.9998653, abs=5e-8)
    assert at.theta == pytest.approx(-42.1541406, abs=5e-8)
    assert at.rho == pytest.approx(4.9360786, abs=5e-8)


@pytest.mark.parametrize(
    ("kind", "forward", "strike", "sigma", "plain", "venue"),
    [
        (CALL, 30229.23, 30250.0, 0.5401, -189.5156, -153.2975),  # capped by the life left
        (PUT, 30227.57, 28750.0, 0.6695, -52.3404 / 0.80889, -22.1001),  # capped by the price
    ],
)
def test_venue_shows_no_more_decay_than_life_and_price(
    kind: OptionType, forward: float, strike: float, sigma: float, plain: float, venue: float
) -> None:
    years = 0.0022161447869
    at = sensitivities(kind, forward=forward, strike=strike, years=years, sigma=sigma)
    assert at.theta == pytest.approx(plain, abs=1e-3)
    assert at.theta_venue == pytest.approx(venue, abs=1e-3)


def test_short_put_has_a_positive_premium_adjusted_delta() -> None:
    # DOMAIN: short 0.3 of a put with Δ −0.02 and c 0.0004 → +0.00612
    at = Greeks(
        price=0.0004,
        delta=-0.02,
        net_delta=-0.02 - 0.0004,
        gamma=0.0,
        vega=0.0,
        theta=0.0,
        theta_venue=0.0,
        rho=0.0,
        coin_slope=0.0,
        coin_curvature=0.0,
    )
    assert -0.3 * at.net_delta == pytest.approx(0.00612)


def test_deep_in_the_money_call_is_a_coin() -> None:
    at = sensitivities(CALL, forward=60000.0, strike=0.001, years=0.1, sigma=0.6)
    assert at.delta == 1.0
    assert at.price == pytest.approx(1.0, abs=1e-7)
    assert at.net_delta == pytest.approx(0.0, abs=1e-7)


def test_deep_in_the_money_put_has_net_delta_of_its_ratio() -> None:
    at = sensitivities(PUT, forward=60000.0, strike=6e7, years=0.1, sigma=0.6)
    assert at.net_delta == pytest.approx(-1000.0)


def test_deep_out_of_the_money_everything_vanishes() -> None:
    at = sensitivities(CALL, forward=60000.0, strike=6e7, years=0.1, sigma=0.6)
    assert max(at.price, at.delta, at.gamma, at.vega, -at.theta) < 1e-280


@pytest.mark.parametrize(
    ("kind", "strike", "years", "sigma", "coin", "delta"),
    [
        (CALL, 60000.0, 0.0, 0.6, 0.0, 0.5),
        (PUT, 60000.0, 0.0, 0.6, 0.0, -0.5),
        (CALL, 50000.0, 0.0, 0.6, 1 / 6, 1.0),
        (CALL, 50000.0, -1.0, 0.6, 1 / 6, 1.0),
        (PUT, 50000.0, 0.0, 0.6, 0.0, 0.0),
        (PUT, 70000.0, 0.1, 0.0, 1 / 6, -1.0),
        (CALL, 60000.0, 0.1, 1e-9, 0.0, 0.5),  # σ√T below 1e-9 is zero vol
    ],
)
def test_without_life_or_vol_only_intrinsic_remains(
    kind: OptionType, strike: float, years: float, sigma: float, coin: float, delta: float
) -> None:
    at = sensitivities(kind, forward=60000.0, strike=strike, years=years, sigma=sigma)
    assert at.price == pytest.approx(coin)
    assert at.delta == delta
    assert (at.gamma, at.vega, at.theta) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("forward", 0.0),
        ("forward", -1.0),
        ("forward", math.inf),
        ("strike", 0.0),
        ("strike", -1.0),
        ("strike", math.nan),
        ("years", math.nan),
        ("sigma", -0.1),
        ("sigma", math.nan),
        ("sigma", math.inf),
    ],
)
def test_bad_input_is_refused_by_name(field: str, value: float) -> None:
    inputs = RECORDED | {field: value}
    for found in (price_coin(CALL, **inputs), greeks(CALL, **inputs)):
        assert isinstance(found, BadInput)
        assert (found.code, found.field) == ("BAD_INPUT", field)


def test_limits_never_use_less_than_a_minute() -> None:
    assert years_for_limits(0.0) == pytest.approx(1 / 525600)
    assert years_for_limits(0.5) == 0.5


_ANY = st.floats(allow_nan=True, allow_infinity=True)
_PLAIN = st.floats(min_value=1e-3, max_value=1e7)


@given(st.sampled_from(OptionType), _ANY, _ANY, _ANY, _ANY)
def test_no_input_brings_an_exception_or_a_nan(
    kind: OptionType, forward: float, strike: float, years: float, sigma: float
) -> None:
    found = greeks(kind, forward=forward, strike=strike, years=years, sigma=sigma)
    if isinstance(found, Greeks):
        assert all(math.isfinite(getattr(found, name)) for name in Greeks.__dataclass_fields__)


@given(
    _PLAIN,
    st.floats(min_value=0.2, max_value=5.0),
    st.floats(min_value=0.0, max_value=2.0),
    st.floats(min_value=0.0, max_value=3.0),
)
def test_calls_and_puts_stay_in_parity_and_bounds(
    forward: float, ratio: float, years: float, sigma: float
) -> None:
    inputs = {"forward": forward, "strike": forward * ratio, "years": years, "sigma": sigma}
    call, put = sensitivities(CALL, **inputs), sensitivities(PUT, **inputs)
    ratio = inputs["strike"] / forward
    assert call.price - put.price == pytest.approx(1.0 - ratio, abs=1e-12)
    assert max(1.0 - ratio, 0.0) <= call.price <= 1.0
    assert max(ratio - 1.0, 0.0) <= put.price <= ratio
    assert call.delta - put.delta == pytest.approx(1.0, abs=1e-12)
    assert (call.gamma, call.vega) == (put.gamma, put.vega)


def _is_near(ours: float, theirs: str, *, scale: float) -> bool:
    right = float(theirs)
    return abs(ours - right) <= 1e-10 * abs(right) or abs(ours - right) / scale <= 1e-14


def test_every_reference_case_is_met() -> None:
    cases = json.loads(shared("vectors/black76.json").read_text())["cases"]
    assert len(cases) == 316
    for case in cases:
        forward = float(case["F"])
        at = sensitivities(
            CALL if case["kind"] == "call" else PUT,
            forward=forward,
            strike=float(case["K"]),
            years=float(case["T"]),
            sigma=float(case["sigma"]),
        )
        right = case["out"]
        assert abs(at.price - float(right["price_coin"])) <= 1e-14, case["id"]
        assert abs(at.delta - float(right["delta"])) <= 1e-12, case["id"]
        assert abs(at.net_delta - float(right["net_delta"])) <= 1e-12, case["id"]
        # Coin-scaled: what is in USD is divided by the forward, what is per USD multiplied.
        assert _is_near(at.gamma, right["gamma"], scale=1 / forward), case["id"]
        assert _is_near(at.vega, right["vega"], scale=forward), case["id"]
        assert _is_near(at.theta, right["theta"], scale=forward), case["id"]
        assert _is_near(at.theta_venue, right["theta_venue"], scale=forward), case["id"]
        assert _is_near(at.rho, right["rho"], scale=forward), case["id"]
        assert _is_near(at.coin_slope, right["coin_slope"], scale=1 / forward), case["id"]
        assert _is_near(at.coin_curvature, right["coin_curvature"], scale=1 / forward**2), case[
            "id"
        ]


EXPIRIES_MS = {  # 08:00 UTC of the names in the recorded chain
    "14APR23": 1681459200000,
    "15APR23": 1681545600000,
    "16APR23": 1681632000000,
    "21APR23": 1682064000000,
    "28APR23": 1682668800000,
    "5MAY23": 1683273600000,
    "26MAY23": 1685088000000,
    "30JUN23": 1688112000000,
    "29SEP23": 1695974400000,
    "29DEC23": 1703836800000,
    "29MAR24": 1711699200000,
}


def _chain_row(row: dict[str, Any]) -> tuple[Greeks, dict[str, Any]]:
    _, date, strike, kind = row["instrument_name"].split("-")
    return (
        sensitivities(
            CALL if kind == "C" else PUT,
            forward=row["underlying_price"],
            strike=float(strike),
            years=years_between(row["timestamp"], EXPIRIES_MS[date]),
            sigma=row["mark_iv"] / 100,
        ),
        row,
    )


def test_recorded_chain_agrees_within_its_rounding() -> None:
    path = shared("deribit/captures/chains/btc_full_chain_2023-04-13T1235Z.jsonl.gz")
    with gzip.open(path, "rt") as lines:
        rows = [_chain_row(json.loads(line)) for line in lines]
    assert len(rows) == 724
    assert max(abs(at.delta - row["greeks"]["delta"]) for at, row in rows) <= 3.9e-5
    assert max(abs(at.gamma - row["greeks"]["gamma"]) for at, row in rows) <= 5.05e-6
    assert max(abs(at.vega - row["greeks"]["vega"]) for at, row in rows) <= 0.01
    assert max(abs(at.theta_venue - row["greeks"]["theta"]) for at, row in rows) <= 0.09
    misses = [abs(at.price - row["mark_price"]) for at, row in rows]
    assert max(misses) <= 4.3e-4
    assert median(misses) <= 2.75e-5
