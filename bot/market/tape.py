"""What the index and the hedge's mark did in the last minutes: jumps, range, a mark that stands."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

__all__ = ["RANGE_MS", "Tape", "jump_of", "note_index", "note_mark", "range_of"]

# "In 1 s" (DOMAIN §8.2, drill 27), over a price that comes each second and may be late by one.
_JUMP_MS: Final = 2_000
_POINTS_MS: Final = 10_000
_POINTS_MAX: Final = 64
_SPAN_MS: Final = 10_000
RANGE_MS: Final = 300_000
_SPANS_MAX: Final = RANGE_MS // _SPAN_MS + 1


@dataclass(frozen=True, slots=True)
class Tape:
    """Prices as model values, with the venue times at which they reached us.

    `points` are the last index prices, `spans` lowest and highest of each ten seconds of the last
    five minutes; `mark` has stood since `mark_ms`, when the index was `mark_index`.
    """

    points: tuple[tuple[int, float], ...] = ()
    spans: tuple[tuple[int, float, float], ...] = ()
    mark: float | None = None
    mark_ms: int = 0
    mark_index: float | None = None

    @property
    def index(self) -> float | None:
        """The last index price."""
        return self.points[-1][1] if self.points else None


def note_index(tape: Tape, *, price: float, now_ms: int) -> Tape:
    """Fold an index price in."""
    points = [*_since(tape.points, now_ms - _POINTS_MS), (now_ms, price)]
    span = now_ms // _SPAN_MS
    spans = list(tape.spans)
    if spans and spans[-1][0] == span:
        _, low, high = spans.pop()
        spans.append((span, min(low, price), max(high, price)))
    else:
        spans.append((span, price, price))
    return replace(tape, points=tuple(points[-_POINTS_MAX:]), spans=tuple(spans[-_SPANS_MAX:]))


def note_mark(tape: Tape, *, mark: float, now_ms: int) -> Tape:
    """Fold the hedge's mark in; one that is the same again goes on standing."""
    if mark == tape.mark:
        return tape
    return replace(tape, mark=mark, mark_ms=now_ms, mark_index=tape.index)


def jump_of(tape: Tape, *, now_ms: int) -> float:
    """Return the largest step of the index within a second or two, of the last ten; a fraction."""
    largest = 0.0
    points = list(_since(tape.points, now_ms - _POINTS_MS))
    for n, (at_ms, after) in enumerate(points):
        for then_ms, before in reversed(points[:n]):
            if at_ms - then_ms > _JUMP_MS:
                break
            if before > 0:
                largest = max(largest, abs(after / before - 1))
    return largest


def range_of(tape: Tape, *, now_ms: int) -> float:
    """Return how far apart lowest and highest of five minutes are, a fraction of the lowest."""
    recent = [span for span in tape.spans if span[0] * _SPAN_MS > now_ms - RANGE_MS]
    low = min((span[1] for span in recent), default=0.0)
    return max(span[2] for span in recent) / low - 1 if low > 0 else 0.0


def _since(points: tuple[tuple[int, float], ...], from_ms: int) -> Iterator[tuple[int, float]]:
    return (point for point in points if point[0] >= from_ms)
