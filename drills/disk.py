"""The file seam under the ledger: the real files, with a witness told before and after each act.

Everything goes to the disk as it would without; the witness may end the process, or take notes.
Only this module of the drills knows the database's library.
"""

import itertools
from pathlib import Path
from typing import Final, Protocol, final

import apsw

__all__ = ["Witness", "watched_disk"]

_NUMBER: Final = itertools.count()


class Witness(Protocol):
    """What is told of each act on a file, by the file's own name, in the thread that acts."""

    def before_write(self, file: str, *, data: bytes, offset: int) -> None:
        """Nothing of this write is in the file yet."""
        ...

    def written(self, file: str, *, data: bytes, offset: int) -> None:
        """The operating system has it; a power cut would still lose it."""
        ...

    def before_sync(self, file: str) -> None:
        """The barrier is asked for."""
        ...

    def synced(self, file: str) -> None:
        """The barrier has completed without an error."""
        ...

    def asked(self, pragma: str, *, value: str | None) -> None:
        """The connection was asked for a setting, or to change it to `value`."""
        ...


def watched_disk(witness: Witness) -> str:
    """Register the seam and return its name, for `Seams.vfs`. It lives as long as the process."""
    disk = _Disk(f"watched-{next(_NUMBER)}", witness)
    _KEPT.append(disk)
    return disk.name


@final
class _Disk(apsw.VFS):
    def __init__(self, name: str, witness: Witness) -> None:
        super().__init__(name, "")
        self.name = name
        self._witness = witness

    def xOpen(  # noqa: N802  # the name is apsw's
        self, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> "_File":
        return _File(self._witness, name, flags)


@final
class _File(apsw.VFSFile):
    def __init__(
        self, witness: Witness, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> None:
        super().__init__("", name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = Path(path or "temporary").name
        self._witness = witness

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802  # the name is apsw's
        self._witness.before_write(self._name, data=data, offset=offset)
        super().xWrite(data, offset)
        self._witness.written(self._name, data=data, offset=offset)

    def xSync(self, flags: int) -> None:  # noqa: N802  # the name is apsw's
        self._witness.before_sync(self._name)
        super().xSync(flags)
        self._witness.synced(self._name)

    def xFileControl(self, op: int, ptr: int) -> bool:  # noqa: N802  # the name is apsw's
        if op == apsw.SQLITE_FCNTL_PRAGMA:
            pragma = apsw.VFSFcntlPragma(ptr)
            self._witness.asked(pragma.name, value=pragma.value)
        return super().xFileControl(op, ptr)


_KEPT: Final[list[_Disk]] = []
