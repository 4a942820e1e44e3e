"""From a seed that fails to the smallest set of faults with which it still does."""

from collections.abc import Callable, Sequence
from typing import Final

__all__ = ["TRIES_MAX", "smallest"]

TRIES_MAX: Final = 48


def smallest(
    faults: Sequence[str], *, fails: Callable[[tuple[str, ...]], bool], tries_max: int = TRIES_MAX
) -> tuple[str, ...]:
    """Return a subset that still fails, no single one of which can be left out.

    After `tries_max` runs it returns the smallest so far.

    Halves first, then smaller parts (delta debugging, Zeller and Hildebrandt 2002). Each fault has
    a stream of its own, so that leaving one out leaves the others where they were at first.
    """
    kept = tuple(faults)
    parts, tries = 2, 0
    while len(kept) >= 2 and tries < tries_max:
        size = max(1, len(kept) // parts)
        pieces = [kept[at : at + size] for at in range(0, len(kept), size)]
        for piece in pieces:
            rest = tuple(name for name in kept if name not in piece)
            tries += 1
            if fails(rest):
                kept, parts = rest, max(parts - 1, 2)
                break
        else:
            if size == 1:
                return kept
            parts = min(len(kept), parts * 2)
    return () if kept and fails(()) else kept
