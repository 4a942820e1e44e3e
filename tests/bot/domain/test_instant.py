"""Times on the venue's clock (DOMAIN §1.4)."""

import pytest

from bot.domain.instant import DAY_MS, YEAR_MS, clock_text, iso, years_between


def test_a_year_is_365_days() -> None:
    assert YEAR_MS == 31_536_000_000
    assert years_between(1681389351940, 1682668800000) == pytest.approx(0.0405710318, abs=5e-11)
    assert years_between(0, 30 * DAY_MS) == 30 / 365


@pytest.mark.parametrize(("then_ms", "years"), [(1_000, 0.0), (1_000 - YEAR_MS, -1.0)])
def test_what_has_come_is_zero_or_below(then_ms: int, years: float) -> None:
    assert years_between(1_000, then_ms) == years


@pytest.mark.parametrize(
    ("at_ms", "text", "clock"),
    [
        (0, "1970-01-01T00:00:00.000Z", "00:00:00"),
        (1780646400000, "2026-06-05T08:00:00.000Z", "08:00:00"),  # an expiry, DOMAIN §1.3
        (1780646400007, "2026-06-05T08:00:00.007Z", "08:00:00"),
        (1780646399999, "2026-06-05T07:59:59.999Z", "07:59:59"),
    ],
)
def test_an_instant_is_written_in_utc_to_the_millisecond(at_ms: int, text: str, clock: str) -> None:
    assert iso(at_ms) == text
    assert clock_text(at_ms) == clock
