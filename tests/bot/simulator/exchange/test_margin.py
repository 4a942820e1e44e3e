"""Standard margin, against recorded positions and the domain's examples."""

from decimal import Decimal

import pytest

from bot.simulator.exchange.margin import margin_of
from bot.simulator.number import shown
from tests.bot.simulator.stage import CALL, PERPETUAL, PUT, instrument

D = Decimal


@pytest.mark.parametrize(
    ("name", "strike", "size", "mark", "forward", "initial", "maintenance"),
    [
        (PUT, "38000", "-0.3", "0.0003993", "41590.34", "0.03011979", "0.02261979"),
        (PUT, "30000", "-0.1", "0.00337952", "41590.34", "0.010337952", "0.007837952"),
        (CALL, "74000", "-1", "0.0103", "60000", "0.1103", "0.0853"),
        (CALL, "60000", "-1", "0.05", "60000", "0.20", "0.125"),
        (CALL, "60000", "1", "0.05", "60000", "0", "0"),
    ],
)
def test_options_need_what_was_recorded(
    name: str, strike: str, size: str, mark: str, forward: str, initial: str, maintenance: str
) -> None:
    held = instrument(name, strike=D(strike))
    margin = margin_of(held, size=D(size), mark=D(mark), forward=D(forward))
    assert shown(margin.initial, places=9) == D(initial)
    assert shown(margin.maintenance, places=9) == D(maintenance)


def test_an_inverse_perpetual_needs_more_per_coin_the_larger_it_is() -> None:
    # 600000 USD at 60000 are 10 coins: IM 10 × (2 % + 10 × 0.005 %) = 0.205, MM 10 × 1.05 %.
    margin = margin_of(instrument(PERPETUAL), size=D(-600_000), mark=D(60_000), forward=D(60_000))
    assert shown(margin.initial) == D("0.205")
    assert shown(margin.maintenance) == D("0.105")
