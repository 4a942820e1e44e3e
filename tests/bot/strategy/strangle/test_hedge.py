"""The perpetual against delta_total (DOMAIN §9.1, §14)."""

from decimal import Decimal
from typing import Any

import pytest

from bot.domain.money import Price
from bot.domain.order import TimeInForce
from bot.domain.side import Side
from bot.domain.tick import floor_to_step
from bot.strategy.strangle.hedge import hedge
from bot.strategy.strangle.params import StrangleParams
from tests.bot.strategy.scene import NOW_MS, PERPETUAL, quote, resting, view

PARAMS = StrangleParams()
ONE = Decimal(1)


def is_hedged(short_size: Decimal = ONE, **changes: Any) -> bool:
    return hedge(view(**changes), PARAMS, short_size=short_size) is not None


@pytest.mark.parametrize(
    ("delta", "short_size", "expected"),
    [
        (0.03, "1", False),  # on the band
        (0.0301, "1", True),
        (-0.03, "1", False),
        (-0.0301, "1", True),
        (0.009, "0.3", False),
        (0.0091, "0.3", True),
        (10 / 60000, "0", False),  # nothing short: one step of 10 USD
        (10.1 / 60000, "0", True),
        (0.0, "0", False),
        (None, "1", False),
    ],
)
def test_only_delta_outside_its_band_is_hedged(
    delta: float | None, short_size: str, expected: bool
) -> None:
    assert is_hedged(Decimal(short_size), delta_total=delta) is expected


@pytest.mark.parametrize(
    ("since_ms", "delta", "expected"),
    [
        (59_999, 0.05, False),
        (60_000, 0.05, True),
        (0, 0.09, False),  # three bands
        (0, 0.0901, True),  # beyond them: at once
        (0, -0.0901, True),
    ],
)
def test_a_hedge_waits_a_minute_unless_it_is_urgent(
    since_ms: int, delta: float, expected: bool
) -> None:
    assert is_hedged(delta_total=delta, hedged_ms=NOW_MS - since_ms) is expected


@pytest.mark.parametrize(
    ("delta", "mark", "side", "usd", "on_step"),
    [
        # DOMAIN §14, its first hedge forced by a band of one step.
        (-0.0135535603, "60000", Side.BUY, "813.21", "810"),
        (-0.0773825123, "61800", Side.BUY, "4782.24", "4780"),
        (0.37, "60000", Side.SELL, "22200.00", "22200"),
    ],
)
def test_the_hedge_brings_delta_to_zero(
    delta: float, mark: str, side: Side, usd: str, on_step: str
) -> None:
    at = quote(bid=mark, ask=mark, mark=Price(Decimal(mark)))
    trade = hedge(view(quotes={PERPETUAL: at}, delta_total=delta), PARAMS, short_size=Decimal(0))
    assert trade is not None
    assert (trade.instrument, trade.side) == (PERPETUAL, side)
    assert round(trade.amount, 2) == Decimal(usd)
    assert floor_to_step(trade.amount, Decimal(10)) == Decimal(on_step)
    assert trade.price == Decimal(mark)
    assert trade.time_in_force is TimeInForce.IOC
    assert trade.is_exit


@pytest.mark.parametrize(("delta", "price"), [(0.5, "60000"), (-0.5, "60000.5")])
def test_the_hedge_takes_the_touch(delta: float, price: str) -> None:
    trade = hedge(view(delta_total=delta), PARAMS, short_size=ONE)
    assert trade is not None
    assert trade.price == Decimal(price)


def test_one_hedge_at_a_time() -> None:
    assert not is_hedged(delta_total=0.5, orders=(resting(PERPETUAL, "sell"),))
    assert is_hedged(delta_total=0.5, orders=(resting(PERPETUAL, "sell", is_live=False),))


def test_without_a_quote_or_a_touch_there_is_no_hedge() -> None:
    assert not is_hedged(delta_total=0.5, quotes={PERPETUAL: None})
    no_bid = quote(bid=None, ask="60000.5", mark=Price(Decimal(60000)))
    assert not is_hedged(delta_total=0.5, quotes={PERPETUAL: no_bid})
    assert is_hedged(delta_total=-0.5, quotes={PERPETUAL: no_bid})
