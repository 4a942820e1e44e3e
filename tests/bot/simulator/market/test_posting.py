"""One posting of quotes."""

from decimal import Decimal

import pytest

from bot.domain.instant import DAY_MS, MINUTE_MS
from bot.domain.instrument import OptionType
from bot.simulator.market.coin_state import STEP_MS, Posted
from bot.simulator.market.posting import Shown, show_option, show_straight
from bot.simulator.market.regime import NORMAL
from bot.simulator.market.specification import COINS, inverse_perpetual, option

BTC = COINS[0]
EXPIRY_MS = 1_774_598_400_000
CALL = option(BTC, expiry_ms=EXPIRY_MS, strike=Decimal(60_000), option_type=OptionType.CALL)


def _show(left_ms: int, *, forward: float = 60_000.0) -> Shown:
    return show_option(
        CALL,
        posted=Posted((EXPIRY_MS - left_ms) // STEP_MS, forward, 0.6),
        seed=7,
        regime=NORMAL,
        size_factor=1.0,
        underlying_index="SYN.EXPIRY",
    )


def test_a_posting_can_be_redone_from_what_was_kept() -> None:
    assert _show(30 * DAY_MS) == _show(30 * DAY_MS)


def test_an_option_is_shown_at_its_model_value() -> None:
    shown = _show(30 * DAY_MS)
    assert shown.quotes.mark == Decimal("0.068539")  # 0.0685394…
    assert shown.rate == 3.0
    assert shown.period == 60


def test_half_a_tick_of_the_mark_makes_it_due() -> None:
    shown = _show(30 * DAY_MS)
    quiet = shown.posted.step + 1
    if (quiet + shown.slot) % shown.period == 0:
        quiet += 1
    # slope (Δ − c)/F = (0.5343 − 0.0685)/60000; half a tick is 0.00025
    enough = 0.00025 / ((0.534270 - 0.068539) / 60_000)
    assert shown.is_due(quiet, value_usd=60_000 + 1.001 * enough)
    assert shown.is_due(quiet, value_usd=60_000 - 1.001 * enough)
    assert not shown.is_due(quiet, value_usd=60_000 + 0.999 * enough)


def test_it_is_due_once_in_its_period_whatever_happens() -> None:
    shown = _show(30 * DAY_MS)
    first = shown.posted.step + 1
    due = [n for n in range(first, first + 60) if shown.is_due(n, value_usd=60_000.0)]
    assert len(due) == 1


def test_delta_fades_in_the_delivery_window() -> None:
    whole = _show(31 * MINUTE_MS).quotes.greeks
    half = _show(15 * MINUTE_MS, forward=66_000.0).quotes.greeks
    assert whole is not None
    assert half is not None
    assert whole.delta == pytest.approx(0.5, abs=0.01)
    assert half.delta == pytest.approx(0.5)  # deep in the money, half of 1
    assert half.net_delta == pytest.approx((1 - (1 - 60 / 66)) * 0.5)


def test_a_perpetual_is_due_at_half_a_tick() -> None:
    posted = Posted(1_000, 60_000.0, 0.0)
    shown = show_straight(inverse_perpetual(BTC), posted=posted, seed=7, regime=NORMAL)
    quiet = 1_001 if (1_001 + shown.slot) % 60 else 1_002
    assert shown.is_due(quiet, value_usd=60_000.25)
    assert not shown.is_due(quiet, value_usd=60_000.24)
