"""A disk that can lose power: a VFS over real files that notes what no barrier has covered.

At any moment `images` tells what the disk could hold after a power cut. A file's first barrier
makes its name durable too, as SQLite's own VFS sees to.
"""

import itertools
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import apsw

from drills.platter import DELETION, FATES, Change, Platter, image_of

_NUMBER: Final = itertools.count()


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
                pending = platter.pending[last:]
                platter.delete()
                platter.pending = pending

    def images(self, draw: random.Random) -> Iterator[dict[str, bytes]]:
        """What each file could hold after a power cut now: every fate for all, and crosswise."""
        fates = [(name, name) for name in FATES] + [("kept", "lost"), ("lost", "kept")]
        if sum(1 for platter in self.platters.values() if platter.pending) == 0:
            fates = [("kept", "kept")]
        for main, log in fates:
            image = {
                name: image_of(platter, fate=log if name.endswith("-wal") else main, draw=draw)
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
            platter.delete()
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
        if path.endswith(".db") and not self._platter.is_named:
            self._platter.begin()  # who opens the ledger has made the file's name durable

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
        if not self._platter.is_named:
            self._files.sync_folder()
        self._platter.sync()
        self._files.on_event()
