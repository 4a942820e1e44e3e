"""Which expiries are listed."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.instant import DAY_MS
from bot.simulator.market.expiries import expiry_ms, future_expiries, option_expiries


def _days(expiries: tuple[int, ...]) -> list[str]:
    return [f"{datetime.fromtimestamp(e / 1000, tz=UTC):%Y-%m-%dT%H}" for e in expiries]


def test_listing_of_a_known_day() -> None:
    at_ms = expiry_ms(date(2026, 1, 14)) + 1  # a Wednesday, just after the daily expiry
    assert _days(option_expiries(at_ms)) == [
        "2026-01-15T08",  # dailies
        "2026-01-16T08",
        "2026-01-23T08",  # weeklies
        "2026-01-30T08",  # also a month end
        "2026-02-06T08",
        "2026-02-27T08",  # month end
        "2026-03-27T08",  # quarters
        "2026-06-26T08",
    ]
    assert _days(future_expiries(at_ms)) == ["2026-03-27T08", "2026-06-26T08"]


def test_an_expiry_is_gone_at_its_own_instant() -> None:
    at_ms = expiry_ms(date(2026, 3, 27))
    assert at_ms in option_expiries(at_ms - 1)
    assert at_ms in future_expiries(at_ms - 1)
    assert at_ms not in option_expiries(at_ms)
    assert at_ms not in future_expiries(at_ms)


@given(st.integers(min_value=1_700_000_000_000, max_value=1_900_000_000_000))
def test_there_are_always_enough_and_one_of_about_a_month(at_ms: int) -> None:
    found = option_expiries(at_ms)
    assert len(found) >= 6
    assert found == tuple(sorted(set(found)))
    assert all(e > at_ms and e % DAY_MS == DAY_MS // 3 for e in found)
    assert any(21 * DAY_MS <= e - at_ms <= 45 * DAY_MS for e in found)
    assert set(future_expiries(at_ms)) <= set(found)


@given(
    st.integers(min_value=1_700_000_000_000, max_value=1_900_000_000_000),
    st.integers(min_value=1, max_value=40 * DAY_MS),
)
def test_what_is_listed_stays_listed_until_it_expires(at_ms: int, later_ms: int) -> None:
    later = option_expiries(at_ms + later_ms)
    assert all(e in later for e in option_expiries(at_ms) if e > at_ms + later_ms)
