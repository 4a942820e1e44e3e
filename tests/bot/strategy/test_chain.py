"""An expiry by its days, an option by its delta (DOMAIN §9.1)."""

import msgspec
import pytest

from bot.domain.ids import InstrumentName
from bot.domain.instant import DAY_MS
from bot.domain.instrument import BookState, OptionType
from bot.pricing.black76 import Greeks, greeks
from bot.strategy.chain import Near, expiry_of, nearest_delta, options_at
from bot.strategy.interface import View
from tests.bot.strategy.scene import (
    CALL,
    EXPIRY_MS,
    NOW_MS,
    PUT,
    listed,
    quote,
    view,
)

C, P = OptionType.CALL, OptionType.PUT
DAYS = Near(least=21, target=30, most=45)
DELTA = Near(least=0.10, target=0.15, most=0.20)


def pick(seen: View, option_type: OptionType) -> InstrumentName | None:
    return nearest_delta(seen, option_type=option_type, expiry_ms=EXPIRY_MS, delta=DELTA)


@pytest.mark.rule("C-909")
def test_on_a_grid_of_two_thousand_the_legs_are_72000_and_50000() -> None:
    assert pick(view(), C) == CALL
    assert pick(view(), P) == PUT


@pytest.mark.parametrize(
    ("strike", "option_type", "delta", "price"),
    [
        (72778.52, C, 0.15, None),
        (50950.64, P, -0.15, None),
        (72000.0, C, 0.16505, 0.0139548),
        (74000.0, C, 0.12857, None),
        (50000.0, P, -0.12591, 0.0116290),
        (52000.0, P, -0.17933, None),
    ],
)
def test_the_strikes_have_the_deltas_and_premiums_as_written(
    strike: float, option_type: OptionType, delta: float, price: float | None
) -> None:
    risk = greeks(option_type, forward=60000.0, strike=strike, years=30 / 365, sigma=0.6)
    assert isinstance(risk, Greeks)
    assert risk.delta == pytest.approx(delta, abs=5e-6)
    assert price is None or risk.price == pytest.approx(price, abs=5e-8)


@pytest.mark.parametrize(
    ("option_type", "deltas", "strike"),
    [
        (C, {70000: 0.17, 72000: 0.13}, 72000),  # a tie: the further one
        (P, {52000: -0.17, 50000: -0.13}, 50000),
        (C, {70000: 0.20, 72000: None}, 70000),
        (C, {70000: 0.2001, 72000: 0.0999}, None),
        (C, {72000: 0.10}, 72000),
        (P, {50000: -0.10}, 50000),
        (P, {50000: -0.2001}, None),
    ],
)
def test_the_nearest_within_bounds_is_taken(
    option_type: OptionType, deltas: dict[int, float | None], strike: int | None
) -> None:
    empty = view(quotes=dict.fromkeys(view().instruments))
    quotes = {listed(at, option_type).name: quote(delta=delta) for at, delta in deltas.items()}
    seen = msgspec.structs.replace(empty, quotes=quotes)
    expected = None if strike is None else listed(strike, option_type).name
    assert pick(seen, option_type) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ((7, 28, 60), 28),
        ((21, 44), 21),
        ((25, 35), 35),  # a tie: the later one
        ((21,), 21),
        ((45,), 45),
        ((20.99, 45.01), None),
        ((), None),
    ],
)
def test_the_expiry_is_the_one_nearest_to_thirty_days(
    days: tuple[float, ...], expected: float | None
) -> None:
    chain = [listed(72000, C, days=life) for life in days]
    at_ms = expiry_of(chain, now_ms=NOW_MS, days=DAYS)
    assert at_ms == (None if expected is None else NOW_MS + int(expected * DAY_MS))


def test_only_open_inverse_options_are_considered() -> None:
    closed = listed(72000, C, state=BookState.LOCKED.value)
    linear = listed(72000, C, is_inverse=False, currency="USDC")
    assert expiry_of([closed, linear], now_ms=NOW_MS, days=DAYS) is None


def test_the_options_of_an_expiry_are_inverse_ones_and_no_other() -> None:
    other = listed(72000, C, days=44)
    linear = listed(71000, C, is_inverse=False, currency="USDC")
    known = view().instruments
    more = {**known, other.name: other, linear.name: linear}
    strikes = {name for name, instrument in known.items() if instrument.strike is not None}
    assert options_at(more, expiry_ms=EXPIRY_MS) == strikes
    assert options_at(more, expiry_ms=None) == frozenset()
