"""Money to the digit, model values to four."""

import pytest

from bot.control.figure import figure_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.0500", "0.0500"),
        ("0.00023980000", "0.00023980000"),
        (0.00848852131, "0.008489"),
        (23.7087890104, "23.71"),
        (33.0, "33"),
        (0.0, "0"),
    ],
)
def test_figure_is_short_where_it_is_a_model_value(value: str | float, text: str) -> None:
    assert figure_text(value) == text
