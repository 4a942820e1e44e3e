"""A disk that can lose power: what no barrier has covered may be there, or not, or torn.

Registers a VFS over real files. Beside each file it keeps what is surely on the platter, and every
write, truncation and deletion since. At any moment `images` tells what the disk could hold after a
power cut: whole writes kept or lost in any order, and single sectors of them. A file's first
barrier makes its name durable too, as SQLite's own VFS sees to.
"""

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import apsw

SECTOR: Final = 512
_NUMBER: Final = itertools.count()


class Change(NamedTuple):
    """A write at an offset, or a truncation to it when `data` is None; below 0, the deletion."""

    offset: int
    data: bytes | None


DELETION: Final = Change(-1, None)


class Platter:
    """One file's durable bytes, None while it has no name, and the changes without a barrier."""

    def __init__(self) -> None:
        self.durable: bytes | None = None
        self.pending: list[Change] = []

    def sync(self) -> None:
        """Everything so far is durable."""
        self.durable = applied(self.durable, self.pending) or b""
        self.pending.clear()


def applied(content: bytes | None, changes: Sequence[Change]) -> bytes | None:
    """The bytes after these changes; what a lost write leaves in between is zero."""
    after = None if content is None else bytearray(content)
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
    return None if after is None else bytes(after)


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


class PowerFiles:
    """Registers a VFS of its own name; `on_event` is called around each change and sync."""

    def __init__(self, on_event: Callable[[], None]) -> None:
        self.name = f"power-{next(_NUMBER)}"
        self.platters: dict[str, Platter] = {}
        self.on_event = on_event
        self._vfs = _Vfs(self)

    def sync_folder(self) -> None:
        """A new file's first barrier syncs the folder, and with it every deletion so far."""
        for platter in self.platters.values():
            if DELETION in platter.pending:
                last = len(platter.pending) - platter.pending[::-1].index(DELETION)
                platter.durable, platter.pending = None, platter.pending[last:]

    def images(self, draw: random.Random) -> Iterator[dict[str, bytes]]:
        """What each file could hold after a power cut now: every fate for all, and crosswise."""
        fates = [(name, name) for name in FATES] + [("kept", "lost"), ("lost", "kept")]
        if sum(1 for platter in self.platters.values() if platter.pending) == 0:
            fates = [("kept", "kept")]
        for main, log in fates:
            image = {
                name: applied(
                    platter.durable,
                    FATES[log if name.endswith("-wal") else main](draw, platter.pending)
                    if platter.pending
                    else [],
                )
                for name, platter in self.platters.items()
            }
            yield {name: content for name, content in image.items() if content is not None}


class _Vfs(apsw.VFS):
    def __init__(self, files: PowerFiles) -> None:
        super().__init__(files.name, "")
        self._files = files

    def xOpen(  # noqa: N802  # the name is apsw's
        self, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> "_File":
        return _File(self._files, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802  # the name is apsw's
        self._files.on_event()
        super().xDelete(filename, syncdir)
        platter = self._files.platters.setdefault(Path(filename).name, Platter())
        platter.pending.append(DELETION)
        if syncdir:
            platter.durable, platter.pending = None, []
        self._files.on_event()


class _File(apsw.VFSFile):
    def __init__(
        self, files: PowerFiles, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> None:
        super().__init__("", name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        assert path is not None, "a temporary file would be out of sight"
        self._files = files
        self._platter = files.platters.setdefault(Path(path).name, Platter())
        if path.endswith(".db") and self._platter.durable is None:
            self._platter.durable = b""  # who opens the ledger has made the file's name durable

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802  # the name is apsw's
        self._files.on_event()
        super().xWrite(data, offset)
        self._platter.pending.append(Change(offset, bytes(data)))
        self._files.on_event()

    def xTruncate(self, newsize: int) -> None:  # noqa: N802  # the name is apsw's
        self._files.on_event()
        super().xTruncate(newsize)
        self._platter.pending.append(Change(newsize, None))
        self._files.on_event()

    def xSync(self, flags: int) -> None:  # noqa: N802  # the name is apsw's
        self._files.on_event()
        super().xSync(flags)
        if self._platter.durable is None:
            self._files.sync_folder()
        self._platter.sync()
        self._files.on_event()
