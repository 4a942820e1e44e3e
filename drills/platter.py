"""What a disk could hold after a power cut: what no barrier has covered is there, or not, or torn.

A file's writes, truncations and deletion since its last barrier are kept in order. Whole ones may
be kept or lost in any combination, and single sectors of them.
"""

import random
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

__all__ = ["DELETION", "FATES", "SECTOR", "Change", "Fate", "Platter", "image_of"]

SECTOR: Final = 512


class Change(NamedTuple):
    """A write at an offset, or a truncation to it when `data` is None; below 0, the deletion."""

    offset: int
    data: bytes | None


DELETION: Final = Change(-1, None)


class Platter:
    """One file's durable bytes, None while it has no name, and the changes without a barrier."""

    def __init__(self, durable: bytes | None = None) -> None:
        """Begin with what is surely there."""
        self._durable = None if durable is None else bytearray(durable)
        self.pending: list[Change] = []

    @property
    def durable(self) -> bytes | None:
        """What a power cut cannot take."""
        return None if self._durable is None else bytes(self._durable)

    @property
    def is_named(self) -> bool:
        """True once the file's name is durable too."""
        return self._durable is not None

    def sync(self) -> None:
        """Everything so far is durable."""
        self._durable = _changed(self._durable, self.pending)
        if self._durable is None:
            self._durable = bytearray()
        self.pending.clear()

    def begin(self) -> None:
        """The name is durable, with nothing in it."""
        self._durable = bytearray()

    def delete(self) -> None:
        """The deletion is durable."""
        self._durable, self.pending = None, []

    def after(self, changes: Sequence[Change]) -> bytes | None:
        """Return the content with these changes on top of what is durable."""
        held = None if self._durable is None else bytearray(self._durable)
        changed = _changed(held, changes)
        return None if changed is None else bytes(changed)


def _changed(content: bytearray | None, changes: Sequence[Change]) -> bytearray | None:
    """Change the bytes in place; what a lost write leaves in between is zero."""
    after = content
    for change in changes:
        offset, data = change
        if change == DELETION:
            after = None
            continue
        after = bytearray() if after is None else after
        if data is None:
            del after[offset:]
            continue
        if len(after) < offset + len(data):
            after.extend(bytes(offset + len(data) - len(after)))
        after[offset : offset + len(data)] = data
    return after


def sectors(change: Change) -> list[Change]:
    """A write as the sectors it covers; a truncation is one thing."""
    if change.data is None:
        return [change]
    cuts = [change.offset]
    end = change.offset + len(change.data)
    cuts += range((change.offset // SECTOR + 1) * SECTOR, end, SECTOR)
    return [
        Change(begin, change.data[begin - change.offset : stop - change.offset])
        for begin, stop in zip(cuts, [*cuts[1:], end], strict=True)
    ]


Fate = Callable[[random.Random, list[Change]], list[Change]]


def _some(draw: random.Random, changes: list[Change]) -> list[Change]:
    return [change for change in changes if draw.random() < 0.5]


def _torn_last(draw: random.Random, changes: list[Change]) -> list[Change]:
    return [*changes[:-1], *_some(draw, sectors(changes[-1]))]


def _torn_all(draw: random.Random, changes: list[Change]) -> list[Change]:
    return _some(draw, [part for change in changes for part in sectors(change)])


# What becomes of one file's changes since its last barrier.
FATES: Final[dict[str, Fate]] = {
    "kept":       lambda _draw, changes: changes,
    "lost":       lambda _draw, _changes: [],
    "last only":  lambda _draw, changes: changes[-1:],
    "all but last": lambda _draw, changes: changes[:-1],
    "some":       _some,
    "torn last":  _torn_last,
    "torn":       _torn_all,
}  # fmt: skip


def image_of(platter: Platter, *, fate: str, draw: random.Random) -> bytes | None:
    """Return what one file holds after a cut; None when it has no name."""
    return platter.after(FATES[fate](draw, platter.pending) if platter.pending else [])
