"""What changes over the minutes of a scenario: paths, linear between points, and windows."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import final

__all__ = ["Path", "Windows", "flat"]


@final
@dataclass(frozen=True, slots=True)
class Path:
    """A value by minute: linear between points, the first before them, the last after them."""

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        """Refuse a path that goes back in time, or nowhere."""
        minutes = [minute for minute, _ in self.points]
        if not minutes or any(a >= b for a, b in pairwise(minutes)):
            raise ValueError(f"a path needs points at rising minutes, they were {minutes}")

    def at(self, minute: float) -> float:
        """Return the value at a minute."""
        points = self.points
        if len(points) == 1:
            return points[0][1]
        after = bisect_right(points, (minute, float("inf")))
        if after == 0:
            return points[0][1]
        if after == len(points):
            return points[-1][1]
        (begin, low), (end, high) = points[after - 1], points[after]
        return low + (high - low) * (minute - begin) / (end - begin)


@final
@dataclass(frozen=True, slots=True)
class Windows:
    """Spans of minutes, each with its begin and without its end."""

    spans: tuple[tuple[float, float], ...] = ()

    def hold(self, minute: float) -> bool:
        """Say whether a minute lies in one of them."""
        return any(begin <= minute < end for begin, end in self.spans)


def flat(value: float) -> Path:
    """Return the path that keeps one value."""
    return Path(((0.0, value),))
