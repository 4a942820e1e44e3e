"""Five expiries, a handful of strikes, and always some around the index."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.instant import DAY_MS, HOUR_MS
from drills.world.market.listing import expiries_at, strikes_at

WEDNESDAY_MS = 1_795_564_800_000  # 2026-11-25T00:00:00Z
instants = st.integers(WEDNESDAY_MS, WEDNESDAY_MS + 30 * DAY_MS)


def days(at_ms: int) -> list[str]:
    return [f"{datetime.fromtimestamp(e // 1000, tz=UTC):%a %d %H}" for e in expiries_at(at_ms)]


def test_three_dailies_and_the_next_two_fridays_beyond_them_are_listed() -> None:
    assert days(WEDNESDAY_MS) == ["Wed 25 08", "Thu 26 08", "Fri 27 08", "Fri 04 08", "Fri 11 08"]
    at_eight = WEDNESDAY_MS + 8 * HOUR_MS
    assert days(at_eight) == ["Thu 26 08", "Fri 27 08", "Sat 28 08", "Fri 04 08", "Fri 11 08"]


@given(instants, instants)
def test_what_is_listed_stays_until_it_expires(one: int, other: int) -> None:
    early, late = sorted((one, other))
    if late - early <= DAY_MS:
        alive = {e for e in expiries_at(early) if e > late}
        assert alive <= set(expiries_at(late))


def test_first_strikes_stand_around_the_index() -> None:
    found = list(strikes_at(WEDNESDAY_MS + 9 * HOUR_MS, price=60_000.0, known={}).values())
    # 0.75 deviations of 42 %: 989 USD in a day, 2 613 in a week, up to a round number
    assert found[0] == (59_000, 60_000, 61_000)
    assert [len(strikes) for strikes in found] == [3, 3, 3, 4, 4]
    assert found[3] == (55_000, 60_000, 65_000, 70_000)


@given(instants, st.floats(20_000, 150_000), st.floats(0.7, 1.4))
def test_known_strikes_stay_and_the_index_has_one_on_each_side(
    at_ms: int, price: float, factor: float
) -> None:
    known = strikes_at(at_ms, price=price, known={})
    moved = price * factor
    for expiry_ms, strikes in strikes_at(at_ms, price=moved, known=known).items():
        assert set(known[expiry_ms]) <= set(strikes)
        assert strikes[0] <= moved <= strikes[-1]
        assert list(strikes) == sorted(set(strikes))
        assert len(strikes) <= 12
