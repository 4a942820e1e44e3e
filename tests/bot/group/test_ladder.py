"""The emergency ladder against DOMAIN §10.3 and §10.4."""

from decimal import Decimal

import msgspec
import pytest

from bot.domain.money import Price
from bot.domain.side import Side
from bot.domain.tick import TickSchedule
from bot.group.ladder import ladder
from tests.bot.core.market import CALL, PERPETUAL


def prices(*texts: str) -> tuple[Price, ...]:
    return tuple(Price(Decimal(text)) for text in texts)


OPTION = msgspec.structs.replace(CALL, ticks=TickSchedule(tick=Decimal("0.0005")))


@pytest.mark.rule("C-403")
def test_the_steps_of_a_buy_are_those_of_the_worked_example():
    bid, ask, mark = prices("0.0315", "0.0325", "0.0320")
    steps = ladder(Side.BUY, instrument=OPTION, bid=bid, ask=ask, mark=mark)
    assert steps == prices("0.0325", "0.0330", "0.0330", "0.0335", "0.0345", "0.0360")


@pytest.mark.rule("C-403")
def test_a_sell_gives_way_downwards_by_as_much():
    bid, ask, mark = prices("0.0315", "0.0325", "0.0320")
    steps = ladder(Side.SELL, instrument=OPTION, bid=bid, ask=ask, mark=mark)
    # 0.0315 less 0, 0.0005, 0.0004, 0.0008, 0.0016, 0.0032, each down to the tick
    assert steps == prices("0.0315", "0.0310", "0.0310", "0.0305", "0.0295", "0.0280")


@pytest.mark.rule("C-403")
def test_without_a_touch_it_begins_at_the_mark():
    (mark,) = prices("0.0320")
    steps = ladder(Side.BUY, instrument=OPTION, bid=None, ask=None, mark=mark)
    assert steps[0] == mark
    assert list(steps) == sorted(steps)


@pytest.mark.rule("C-403")
def test_no_step_costs_more_than_a_quarter_of_the_mark():
    bid, ask, mark = prices("0.0100", "0.0900", "0.0400")
    steps = ladder(Side.BUY, instrument=OPTION, bid=bid, ask=ask, mark=mark)
    assert max(steps) == Decimal("0.0500")
    assert min(ladder(Side.SELL, instrument=OPTION, bid=bid, ask=ask, mark=mark)) == Decimal(
        "0.0300"
    )


@pytest.mark.rule("C-403")
def test_a_cheap_option_may_cost_half_a_hundredth_of_a_coin_more():
    bid, ask, mark = prices("0.0005", "0.0500", "0.0010")
    assert max(ladder(Side.BUY, instrument=OPTION, bid=bid, ask=ask, mark=mark)) == Decimal(
        "0.0060"
    )


@pytest.mark.rule("C-403")
def test_a_sell_never_asks_for_nothing():
    bid, ask, mark = prices("0.0005", "0.0010", "0.0005")
    steps = ladder(Side.SELL, instrument=OPTION, bid=bid, ask=ask, mark=mark)
    assert min(steps) == Decimal("0.0005")


@pytest.mark.rule("C-403")
def test_the_perpetual_gives_way_by_ten_twenty_five_and_fifty_basis_points():
    bid, ask, mark = prices("59990", "60000", "60000")
    assert ladder(Side.BUY, instrument=PERPETUAL, bid=bid, ask=ask, mark=mark) == prices(
        "60060", "60150", "60300"
    )
    assert ladder(Side.SELL, instrument=PERPETUAL, bid=bid, ask=ask, mark=mark) == prices(
        "59930", "59840", "59690"
    )


@pytest.mark.rule("C-403")
def test_without_any_price_there_is_no_ladder():
    assert ladder(Side.BUY, instrument=OPTION, bid=None, ask=None, mark=None) == ()
    (ask,) = prices("0.0325")
    assert ladder(Side.BUY, instrument=OPTION, bid=None, ask=ask, mark=None) == (ask,)
