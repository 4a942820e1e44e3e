"""What positions and pending orders can come to mean (DOMAIN §2.2, §6, §14).

Unit figures were worked out from the formulas of DOMAIN §2.2, apart from the project's own code.
"""

from decimal import Decimal
from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import InstrumentName
from bot.domain.instant import DAY_MS
from bot.domain.instrument import Instrument, Kind, OptionType
from bot.domain.report import Ticker
from bot.portfolio.exposure import Exposure, Pending, Span, UnitRisk, exposure_of, unit_risk
from tests.bot.portfolio.listed import EXPIRY_MS, future, option

NOW_MS = EXPIRY_MS - 30 * DAY_MS
CALL = option(OptionType.CALL, "72000")
PUT = option(OptionType.PUT, "50000")
PERPETUAL = future()


def ticker(**changes: Any) -> Ticker:
    usual: dict[str, object] = {
        "type": "ticker",
        "instrument": CALL.name,
        "at_ms": NOW_MS,
        "state": "open",
        "bid": None,
        "ask": None,
        "mark": "0.014",
        "index": "60000",
        "price_min": "0.0001",
        "price_max": "0.1",
        "mark_iv": 0.6,
        "underlying": "60000",
    }
    return msgspec.convert({**usual, **changes}, Ticker)


def known(instrument: Instrument, seen: Ticker, *, now_ms: int = NOW_MS) -> UnitRisk:
    risk = unit_risk(instrument, seen, now_ms=now_ms)
    assert risk is not None
    return risk


def exposure(
    held: dict[InstrumentName, str], *pending: Pending, units: dict[InstrumentName, UnitRisk]
) -> Exposure:
    positions = {name: Decimal(quantity) for name, quantity in held.items()}
    answer = exposure_of(positions, pending, units=units)
    assert isinstance(answer, Exposure)
    return answer


@pytest.mark.parametrize(
    ("instrument", "delta", "gamma", "vega"),
    [
        (CALL, 0.1510954442, 0.0144337677, 42.7081345077),
        (PUT, -0.1375418839, 0.0120281397, 35.5901120897),
    ],
)
def test_a_unit_of_the_worked_day_has_its_greeks(
    instrument: Instrument, delta: float, gamma: float, vega: float
) -> None:
    risk = known(instrument, ticker())
    assert risk.delta == pytest.approx(delta, abs=5e-11)
    assert risk.gamma == pytest.approx(gamma, abs=5e-11)
    assert risk.vega == pytest.approx(vega, abs=5e-11)


def test_a_linear_option_is_not_adjusted_for_its_premium() -> None:
    linear = option(OptionType.CALL, "72000", is_inverse=False)
    assert known(linear, ticker()).delta == pytest.approx(0.1650502606, abs=5e-11)


def test_an_inverse_future_is_coins_at_its_mark() -> None:
    for kind in (Kind.PERPETUAL, Kind.FUTURE):
        risk = known(future(kind), ticker(mark="60000", underlying=None, mark_iv=None))
        assert risk == UnitRisk(delta=1 / 60000, gamma=0.0, vega=0.0)
    linear = future(is_inverse=False)
    assert known(linear, ticker(mark="60000")) == UnitRisk(delta=1.0, gamma=0.0, vega=0.0)


@pytest.mark.rule("C-108")
@pytest.mark.parametrize(
    ("instrument", "changes"),
    [
        (CALL, {"mark_iv": None}),
        (CALL, {"underlying": None}),
        (CALL, {"underlying": "0"}),
        (CALL, {"mark_iv": -0.1}),
        (CALL, {"mark_iv": float("nan")}),
        (PERPETUAL, {"mark": "0"}),
        (PERPETUAL, {"mark": "-1"}),
    ],
)
def test_risk_that_the_figures_do_not_give_is_not_made_up(
    instrument: Instrument, changes: dict[str, Any]
) -> None:
    assert unit_risk(instrument, ticker(**changes), now_ms=NOW_MS) is None


def test_for_limits_an_option_lives_at_least_a_minute() -> None:
    at_the_money = option(OptionType.CALL, "60000")
    minute_left = known(at_the_money, ticker(), now_ms=EXPIRY_MS - 60_000)
    assert known(at_the_money, ticker(), now_ms=EXPIRY_MS) == minute_left
    assert known(at_the_money, ticker(), now_ms=EXPIRY_MS + DAY_MS) == minute_left


@pytest.mark.rule("C-114")
def test_the_worked_day_has_its_delta_before_and_after_the_hedge() -> None:
    units = {
        CALL.name: known(CALL, ticker()),
        PUT.name: known(PUT, ticker()),
        PERPETUAL.name: known(PERPETUAL, ticker(mark="60000")),
    }
    strangle = {CALL.name: "-1", PUT.name: "-1"}
    sold = exposure(strangle, units=units)
    assert sold.delta.now == pytest.approx(-0.0135535603, abs=5e-11)
    assert sold.delta.low == sold.delta.high == sold.delta.now
    hedged = exposure({**strangle, PERPETUAL.name: "810"}, units=units)
    assert hedged.delta.now == pytest.approx(-0.0135535603 + 0.0135, abs=5e-11)
    assert hedged.vega.now == pytest.approx(-(42.7081345077 + 35.5901120897), abs=5e-10)


@pytest.mark.rule("C-114")
def test_a_day_later_the_worked_strangle_leans_as_written() -> None:
    later = ticker(mark_iv=0.62, underlying="61800")
    units = {
        CALL.name: known(CALL, later, now_ms=NOW_MS + DAY_MS),
        PUT.name: known(PUT, later, now_ms=NOW_MS + DAY_MS),
        PERPETUAL.name: known(PERPETUAL, ticker(mark="61800")),
    }
    strangle = {CALL.name: "-1", PUT.name: "-1"}
    assert exposure(strangle, units=units).delta.now == pytest.approx(-0.0904893084, abs=5e-11)
    hedged = exposure({**strangle, PERPETUAL.name: "810"}, units=units)
    assert hedged.delta.now == pytest.approx(-0.0773825123, abs=1e-10)


LONG, SHORT = InstrumentName("long"), InstrumentName("short")
UNITS = {
    LONG: UnitRisk(delta=0.5, gamma=0.02, vega=40.0),
    SHORT: UnitRisk(delta=-0.25, gamma=0.01, vega=20.0),
}


@pytest.mark.rule("C-108")
def test_what_is_pending_counts_where_it_hurts() -> None:
    pending = (
        Pending(LONG, Decimal(2)),  # delta +1, gamma +0.04, vega +80
        Pending(LONG, Decimal(-1)),  # delta −0.5, gamma −0.02, vega −40
        Pending(SHORT, Decimal(4)),  # delta −1, gamma +0.04, vega +80
    )
    answer = exposure({LONG: "1"}, *pending, units=UNITS)  # now +0.5, +0.02, +40
    assert answer.delta == Span(now=0.5, low=-1.0, high=1.5)
    assert (answer.gamma.now, answer.gamma.low) == (0.02, 0.0)
    assert answer.gamma.high == pytest.approx(0.10)
    assert answer.vega == Span(now=40.0, low=0.0, high=200.0)
    assert (answer.delta.worst, answer.vega.worst) == (1.5, 200.0)


@pytest.mark.rule("C-108")
def test_a_resting_order_never_counts_as_protection() -> None:
    alone = exposure({LONG: "1"}, units=UNITS)
    protected = exposure({LONG: "1"}, Pending(LONG, Decimal(-1)), units=UNITS)
    assert protected.delta.worst == alone.delta.worst == 0.5


@pytest.mark.rule("C-108")
def test_one_unknown_risk_makes_the_whole_unknown_and_is_named() -> None:
    strange = InstrumentName("strange")
    assert exposure_of({LONG: Decimal(1), strange: Decimal(1)}, (), units=UNITS) == strange
    assert exposure_of({}, (Pending(strange, Decimal(1)),), units=UNITS) == strange
    assert isinstance(exposure_of({strange: Decimal(0)}, (), units=UNITS), Exposure)


whole = st.integers(-8, 8)
orders = st.lists(st.tuples(st.sampled_from([LONG, SHORT]), whole), max_size=5)


@pytest.mark.rule("C-108")
@given(whole, whole, orders)
def test_no_corner_of_fills_lies_outside(
    long: int, short: int, pending: list[tuple[InstrumentName, int]]
) -> None:
    """Every combination of filled and not, counted out; all figures are exact in binary."""
    answer = exposure(
        {LONG: str(long), SHORT: str(short)},
        *(Pending(name, Decimal(size)) for name, size in pending),
        units=UNITS,
    )
    now = 0.5 * long - 0.25 * short
    steps = [UNITS[name].delta * size for name, size in pending]
    corners = [
        now + sum(step * share for step, share in zip(steps, shares, strict=True))
        for shares in product((0, 1), repeat=len(steps))
    ]
    assert answer.delta == Span(now=now, low=min(corners), high=max(corners))
