"""A file system seam that fails on demand, under a real SQLite file [DEPENDENCIES §2.2.9]."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Final

import apsw

_NUMBER: Final = itertools.count()


class FaultyFiles:
    """Registers a VFS of its own name; `on_read`, `on_write`, `on_sync` may raise before a call.

    `done` lists what reached the disk, as (what, file name), in order.
    """

    def __init__(self) -> None:
        self.name = f"faulty-{next(_NUMBER)}"
        self.done: list[tuple[str, str]] = []
        self.on_read: Callable[[str], None] = lambda _file: None
        self.on_write: Callable[[str], None] = lambda _file: None
        self.on_sync: Callable[[str], None] = lambda _file: None
        self._vfs = _Vfs(self)

    def heal(self) -> None:
        """Let everything through again."""
        self.on_read = self.on_write = self.on_sync = lambda _file: None


class _Vfs(apsw.VFS):
    def __init__(self, files: FaultyFiles) -> None:
        super().__init__(files.name, "")
        self._files = files

    def xOpen(  # noqa: N802  # the name is apsw's
        self, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> "_File":
        return _File(self._files, name, flags)


class _File(apsw.VFSFile):
    def __init__(
        self, files: FaultyFiles, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> None:
        super().__init__("", name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = Path(path or "temporary").name
        self._files = files

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802  # the name is apsw's
        self._files.on_read(self._name)
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802  # the name is apsw's
        self._files.on_write(self._name)
        super().xWrite(data, offset)
        self._files.done.append(("write", self._name))

    def xSync(self, flags: int) -> None:  # noqa: N802  # the name is apsw's
        self._files.on_sync(self._name)
        super().xSync(flags)
        self._files.done.append(("sync", self._name))


def full(_file: str) -> None:
    """Answer as a full disk does."""
    raise apsw.FullError("no space left")


def broken(_file: str) -> None:
    """Answer as a failing disk does."""
    raise apsw.IOError("input/output error")


def read_only(_file: str) -> None:
    """Answer as a disk that was remounted read-only."""
    raise apsw.ReadOnlyError("read-only file system")
