"""When the engine is taken for dead, by hand on a time line of one look a second [C-505]."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.watchdog.judge import Beat, Do, Watch, judge

pytestmark = pytest.mark.rule("C-505")


def beat(count: int, run_id: str = "r-1") -> Beat:
    return Beat(run_id=run_id, count=count)


def watched(*looks: tuple[int, Beat | None]) -> list[Do]:
    """Judge looks at these times in ms, one after the other."""
    watch, done = Watch(), []
    for now_ms, heard in looks:
        watch, do = judge(watch, heard=heard, now_ms=now_ms)
        done.append(do)
    return done


def test_an_engine_whose_beat_moves_is_left_alone() -> None:
    looks = [(second * 1_000, beat(second * 10)) for second in range(600)]
    assert set(watched(*looks)) == {Do.NOTHING}


@pytest.mark.parametrize("answer", [None, beat(7)], ids=["no answer", "a beat that stands still"])
def test_silence_is_first_asked_about_once_and_then_acted_upon(answer: Beat | None) -> None:
    looks = [(0, beat(7)), *((second * 1_000, answer) for second in range(1, 10))]
    assert watched(*looks) == [
        *[Do.NOTHING] * 5,
        Do.REDUCE_ONLY,  # at 5 s
        *[Do.TAKE_OFF] * 4,  # from 6 s
    ]


def test_slow_looks_are_in_time_too() -> None:
    # Each look waits for its whole deadline: 1.8 s apart instead of 1.
    looks = [(0, beat(1)), *((n * 1_800, None) for n in range(1, 6))]
    done = watched(*looks)
    assert done.index(Do.REDUCE_ONLY) * 1_800 <= 6_000
    assert done.index(Do.TAKE_OFF) * 1_800 <= 8_000


def test_an_engine_that_was_never_heard_is_silent() -> None:
    assert watched(*((second * 1_000, None) for second in range(8))) == [
        *[Do.NOTHING] * 5,
        Do.REDUCE_ONLY,
        Do.TAKE_OFF,
        Do.TAKE_OFF,
    ]


def test_another_run_is_a_sign_of_life_whatever_its_count() -> None:
    looks = [(0, beat(7)), (4_000, None), (4_900, beat(7, "r-2")), (8_000, None)]
    assert set(watched(*looks)) == {Do.NOTHING}


def test_a_new_silence_is_asked_about_again() -> None:
    silent = [(second * 1_000, None) for second in range(1, 7)]
    again = [(10_000 + at_ms, None) for at_ms, _ in silent]
    done = watched((0, beat(1)), *silent, (10_000, beat(2)), *again)
    assert done.count(Do.REDUCE_ONLY) == 2


def test_our_own_sleep_is_not_the_engines_silence() -> None:
    looks = [(0, beat(1)), (1_000, None), (61_000, None), (62_000, beat(2))]
    assert set(watched(*looks)) == {Do.NOTHING}


@given(st.lists(st.tuples(st.integers(0, 5_000), st.booleans()), max_size=60))
def test_it_acts_only_after_six_seconds_of_looking_in_vain(steps: list[tuple[int, bool]]) -> None:
    watch, now_ms, count, looked_in_vain_ms = Watch(), 0, 0, 0
    for step_ms, is_alive in steps:
        now_ms += step_ms
        count += is_alive
        watch, do = judge(watch, heard=beat(count) if is_alive else None, now_ms=now_ms)
        looked_in_vain_ms = 0 if is_alive else looked_in_vain_ms + step_ms
        if do is Do.TAKE_OFF:
            assert looked_in_vain_ms >= 6_000
        if is_alive:
            assert do is Do.NOTHING
