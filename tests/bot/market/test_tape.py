"""Jumps, range, and a mark that stands: what monitors read of the last minutes."""

import pytest

from bot.market.tape import Tape, jump_of, note_index, note_mark, range_of


def tape_of(*prices: tuple[int, float]) -> Tape:
    tape = Tape()
    for at_ms, price in prices:
        tape = note_index(tape, price=price, now_ms=at_ms)
    return tape


@pytest.mark.rule("C-709")
@pytest.mark.parametrize(
    ("prices", "now_ms", "expected"),
    [
        ((), 0, 0.0),
        (((0, 100.0),), 0, 0.0),
        (((0, 100.0), (1_000, 106.0)), 1_000, 0.06),
        (((0, 100.0), (1_000, 94.0)), 1_000, 0.06),
        (((0, 100.0), (500, 103.0), (1_000, 106.0)), 1_000, 0.06),  # in two steps within a second
        (((0, 100.0), (2_000, 106.0)), 2_000, 0.06),
        (((0, 100.0), (2_001, 106.0)), 2_001, 0.0),  # that slowly it is a market
        (((0, 100.0), (1_000, 106.0), (1_100, 100.0)), 1_100, 0.06),
        (((0, 100.0), (1_000, 106.0)), 10_000, 0.06),
        (((0, 100.0), (1_000, 106.0)), 10_001, 0.0),  # its first point is forgotten
    ],
)
def test_a_jump_is_the_largest_step_within_a_second_or_two(
    prices: tuple[tuple[int, float], ...], now_ms: int, expected: float
) -> None:
    assert jump_of(tape_of(*prices), now_ms=now_ms) == pytest.approx(expected)


@pytest.mark.rule("C-709")
@pytest.mark.parametrize(
    ("prices", "now_ms", "expected"),
    [
        ((), 0, 0.0),
        (((0, 100.0),), 0, 0.0),
        (((0, 100.0), (1, 104.0), (2, 98.0)), 2, 104 / 98 - 1),
        (((0, 100.0), (150_000, 104.0)), 150_000, 0.04),
        (((0, 100.0), (299_999, 104.0)), 299_999, 0.04),
        (((0, 100.0), (300_000, 104.0)), 300_000, 0.0),
    ],
)
def test_a_range_covers_five_minutes(
    prices: tuple[tuple[int, float], ...], now_ms: int, expected: float
) -> None:
    assert range_of(tape_of(*prices), now_ms=now_ms) == pytest.approx(expected)


def test_a_mark_stands_until_it_is_another() -> None:
    tape = note_mark(tape_of((0, 100.0)), mark=100.5, now_ms=10)
    later = note_mark(note_index(tape, price=101.0, now_ms=20), mark=100.5, now_ms=30)
    assert (later.mark_ms, later.mark_index, later.index) == (10, 100.0, 101.0)
    moved = note_mark(later, mark=101.5, now_ms=40)
    assert (moved.mark_ms, moved.mark_index) == (40, 101.0)


def test_it_keeps_no_more_than_it_needs() -> None:
    tape = tape_of(*((at, 100.0) for at in range(0, 3_600_000, 50)))
    assert len(tape.points) <= 64
    assert len(tape.spans) <= 31
