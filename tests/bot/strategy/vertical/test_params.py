"""The numbers of the vertical come from configuration, whole or not at all [C-909]."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from bot.strategy.shipped import SHIPPED
from bot.strategy.vertical.params import DEFAULTS, read


@pytest.mark.rule("C-909")
def test_the_defaults_are_those_of_the_description() -> None:
    wanted = read({})
    assert (wanted.days_min, wanted.days_max) == (14, 35)
    assert (wanted.short_delta.target, wanted.long_delta.target) == (0.20, 0.10)
    assert wanted.credit_min == Decimal("0.25")
    assert (wanted.captured_exit, wanted.short_delta_exit, wanted.days_exit) == (0.6, 0.40, 3)
    assert read(DEFAULTS) == wanted


@pytest.mark.rule("C-909")
def test_what_is_looked_for_lies_within_its_bounds() -> None:
    for near in (read({}).days, read({}).short_delta, read({}).long_delta):
        assert near.least < near.target < near.most


@pytest.mark.rule("C-909")
def test_text_of_a_file_is_taken_exactly() -> None:
    assert read({"credit_min": "0.1"}).credit_min == Decimal("0.1")


@pytest.mark.rule("C-909")
@pytest.mark.parametrize(
    "bad", [{"sise": "0.1"}, {"size_max": "many"}, {"days_min": 21.5}, {"steps": 0}]
)
def test_a_bad_parameter_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        read(bad)
    with pytest.raises(msgspec.ValidationError):
        SHIPPED["vertical"].check(bad)
