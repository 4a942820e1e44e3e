from decimal import Decimal

import pytest

from bot.venue.wire.number import fraction, quoted, whole


@pytest.mark.parametrize(("text", "expected"), [("10.0", 10), ("1.0e3", 1000), ("-7", -7)])
def test_whole_number_may_be_written_with_a_point(text: str, expected: int) -> None:
    assert whole(Decimal(text)) == expected


@pytest.mark.parametrize("text", ["1.5", "NaN", "Infinity", "9223372036854775808", "1e25"])
def test_what_is_not_whole_or_too_large_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # each has its own words
        whole(Decimal(text))


@pytest.mark.parametrize(("text", "expected"), [("64.74", 0.6474), ("0", 0.0), ("999", 9.99)])
def test_percent_is_divided_exactly(text: str, expected: float) -> None:
    assert fraction(Decimal(text)) == expected


def test_no_quote_is_none_however_it_is_written() -> None:
    assert quoted(None) is None
    assert quoted(Decimal("0.0")) is None
    assert quoted(Decimal("0.0001")) == Decimal("0.0001")
