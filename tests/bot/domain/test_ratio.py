"""Exact rationals as text (DOMAIN §3.1)."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money import NotMoneyError
from bot.domain.ratio import Ratio, ratio_of, ratio_text, rounded_up, shown


@pytest.mark.rule("C-104")
@given(st.fractions())
def test_what_is_written_is_read_again_exactly(value: Fraction) -> None:
    assert ratio_of(ratio_text(value)) == value


@pytest.mark.parametrize(
    "text", ["", "1", "2/4", "1/0", "1/-2", "0.5", "+1/2", " 1/2", "1/2 ", "a/b", "01/2", "-0/1"]
)
def test_a_second_spelling_is_refused(text: str) -> None:
    with pytest.raises(NotMoneyError):
        ratio_of(Ratio(text))


@pytest.mark.parametrize(
    ("value", "half_even", "up"),
    [
        (Fraction(1, 30), "0.03333333", "0.03333334"),
        (Fraction(-1, 30), "-0.03333333", "-0.03333333"),
        (Fraction(5, 10**9), "0.00000000", "0.00000001"),
        (Fraction(15, 10**9), "0.00000002", "0.00000002"),
        (Fraction(-15, 10**9), "-0.00000002", "-0.00000001"),
        (Fraction(2), "2.00000000", "2.00000000"),
    ],
)
def test_a_shown_figure_is_rounded_once(value: Fraction, half_even: str, up: str) -> None:
    assert shown(value) == Decimal(half_even)
    assert rounded_up(value) == Decimal(up)
