"""The numbers of the strangle come from configuration, whole or not at all [C-909]."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from bot.strategy.shipped import SHIPPED
from bot.strategy.strangle.params import DEFAULTS, read


@pytest.mark.rule("C-909")
def test_the_defaults_are_those_of_the_description() -> None:
    wanted = read({})
    assert (wanted.days_min, wanted.days_target, wanted.days_max) == (21, 30, 45)
    assert (wanted.delta_min, wanted.delta_target, wanted.delta_max) == (0.10, 0.15, 0.20)
    assert (wanted.premium_min_points, wanted.move_day_max) == (5.0, 0.04)
    assert (wanted.steps, wanted.step_s) == (3, 20)
    assert (wanted.captured_exit, wanted.loss_exit, wanted.leg_delta_exit) == (0.5, 2.0, 0.35)
    assert (wanted.days_exit, wanted.iv_rise_exit_points) == (7, 15.0)
    assert (wanted.hedge_band, wanted.hedge_pause_s) == (0.03, 60)
    assert read(DEFAULTS) == wanted


@pytest.mark.rule("C-909")
def test_text_of_a_file_is_taken_exactly() -> None:
    assert read({"size": "0.1"}).size == Decimal("0.1")


@pytest.mark.rule("C-909")
@pytest.mark.parametrize(
    "bad", [{"sise": "0.1"}, {"size": "many"}, {"days_min": 21.5}, {"steps": 0}]
)
def test_a_bad_parameter_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        read(bad)
    with pytest.raises(msgspec.ValidationError):
        SHIPPED["strangle"].check(bad)
