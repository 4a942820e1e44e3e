"""Local time, and the venue's by comparison [C-507]."""

import pytest

from bot.engine.clock import LocalClock, VenueClock

# Round trips in local ms: (asked, answered, venue's own time).
GOOD = (1_000, 1_004, 1_102)  # offset 100, bound 3


def clock() -> VenueClock:
    return VenueClock(LocalClock(speed=1.0))


@pytest.mark.rule("C-507")
def test_the_tightest_of_the_last_samples_counts() -> None:
    venue = clock()
    venue.take(asked_ms=1_000, answered_ms=1_100, venue_ms=1_150)
    best = venue.take(asked_ms=GOOD[0], answered_ms=GOOD[1], venue_ms=GOOD[2])
    assert (best.offset_ms, best.bound_ms) == (100, 3)
    again = venue.take(asked_ms=1_000, answered_ms=1_100, venue_ms=1_150)
    assert again == best


class Standing:
    """Local time that stands still."""

    def now_ms(self) -> int:
        """Return it."""
        return 5_000

    def mono_ms(self) -> int:
        """Return it."""
        return 7


@pytest.mark.rule("C-208")
@pytest.mark.rule("C-507")
def test_venue_time_is_local_time_and_the_measured_offset() -> None:
    venue = VenueClock(Standing())
    assert (venue.now_ms(), venue.local_ms(), venue.mono_ms()) == (5_000, 5_000, 7)
    venue.take(asked_ms=GOOD[0], answered_ms=GOOD[1], venue_ms=GOOD[2])
    assert (venue.now_ms(), venue.local_ms(), venue.mono_ms()) == (5_100, 5_000, 7)


@pytest.mark.rule("C-507")
def test_two_samples_that_cannot_be_true_beside_the_old_ones_void_them() -> None:
    venue = clock()
    for _ in range(11):
        venue.take(asked_ms=GOOD[0], answered_ms=GOOD[1], venue_ms=GOOD[2])
    # After a suspend of a minute the venue is a minute ahead, and this trip was a slow one.
    first = venue.take(asked_ms=2_000, answered_ms=2_100, venue_ms=62_150)
    assert (first.offset_ms, first.bound_ms) == (100, 60_051)  # covers both, which shuts opens
    assert not venue.is_settled
    after = venue.take(asked_ms=3_000, answered_ms=3_100, venue_ms=63_150)
    assert (after.offset_ms, after.bound_ms) == (60_100, 51)
    assert venue.is_settled


@pytest.mark.rule("C-208")
@pytest.mark.rule("C-507")
def test_one_wrong_answer_moves_no_fence() -> None:
    venue = clock()
    good = venue.take(asked_ms=GOOD[0], answered_ms=GOOD[1], venue_ms=GOOD[2])
    wrong = venue.take(asked_ms=2_000, answered_ms=2_004, venue_ms=7_002)
    assert (wrong.offset_ms, wrong.bound_ms) == (100, 4_903)
    assert venue.take(asked_ms=3_000, answered_ms=3_004, venue_ms=3_102) == good
    assert venue.is_settled


@pytest.mark.rule("C-507")
def test_gateways_a_little_apart_widen_the_bound_and_contradict_nothing() -> None:
    venue = clock()
    venue.take(asked_ms=GOOD[0], answered_ms=GOOD[1], venue_ms=GOOD[2])
    other = venue.take(asked_ms=2_000, answered_ms=2_004, venue_ms=2_002)  # offset 0, bound 3
    assert (other.offset_ms, other.bound_ms) == (100, 97)
    assert venue.is_settled


@pytest.mark.rule("C-507")
def test_a_recording_s_clock_runs_at_its_speed_from_its_start() -> None:
    local = LocalClock(speed=1_000.0, start_ms=1_681_300_000_000)
    began = local.mono_ms()
    while local.mono_ms() - began < 20:
        pass
    passed_ms = local.now_ms() - 1_681_300_000_000
    assert passed_ms >= 19 * 1_000  # mono_ms counts whole ones
