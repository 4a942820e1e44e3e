"""Exact money [C-104]."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money import NotMoneyError, exact, plain

FINITE = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9)


@pytest.mark.rule("C-104")
@pytest.mark.parametrize("text", ["0.1", "-0.00000001", "0", "1E-8", "60000.50", "1e3"])
def test_text_is_taken_exactly_as_it_is_written(text: str) -> None:
    assert exact(text).as_tuple() == Decimal(text).as_tuple()


@pytest.mark.rule("C-104")
@pytest.mark.parametrize(
    "bad",
    [
        "NaN",
        "sNaN",
        "Infinity",
        "-inf",
        Decimal("NaN"),
        Decimal("Infinity"),
        "",
        "abc",
        "1,5",
        "0x10",
        "1e31",
        "1e-31",
        "1e1000000000",
        "1" * 41,
        "0." + "1" * 41,
        10**41,
    ],
)
def test_what_cannot_be_money_is_refused(bad: str | int | Decimal) -> None:
    with pytest.raises(NotMoneyError):
        exact(bad)


@pytest.mark.rule("C-104")
@pytest.mark.parametrize("text", ["1" * 40, "1e30", "1e-30", "-" + "9" * 40])
def test_the_widest_number_is_still_money(text: str) -> None:
    assert exact(text) == Decimal(text)


@pytest.mark.rule("C-104")
@pytest.mark.parametrize("bad", [0.1, 1.0, float("nan"), True, False])
def test_a_float_or_a_boolean_is_never_money(bad: float | bool) -> None:
    with pytest.raises(NotMoneyError):
        exact(bad)  # type: ignore[arg-type]  # what a border without types may hand over


@pytest.mark.rule("C-102")
@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("0.000", "0"),
        ("-0.0", "0"),
        ("0E-30", "0"),
        ("0E+30", "0"),
        ("1", "1"),
        ("1.0", "1"),
        ("1.50", "1.5"),
        ("-1.50", "-1.5"),
        ("100", "100"),
        ("1E+2", "100"),
        ("1.00E+2", "100"),
        ("1E-8", "0.00000001"),
        ("-0.10", "-0.1"),
        ("10.0", "10"),
        ("1234567890123456789012345678901234567890", "1234567890123456789012345678901234567890"),
    ],
)
def test_a_number_has_one_text(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text


@pytest.mark.rule("C-104")
@pytest.mark.parametrize("bad", ["NaN", "Infinity", "-Infinity"])
def test_what_is_not_finite_has_no_text(bad: str) -> None:
    with pytest.raises(NotMoneyError):
        plain(Decimal(bad))


@pytest.mark.rule("C-102")
@given(FINITE)
def test_text_and_number_are_the_same_whatever_the_exponent(number: Decimal) -> None:
    text = plain(number)
    assert Decimal(text) == number
    assert "E" not in text
    assert plain(Decimal(text)) == text
    assert plain(Decimal(f"{number:f}{'0' if '.' in f'{number:f}' else '.0'}")) == text
