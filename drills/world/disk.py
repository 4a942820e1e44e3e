"""The engine's disk: real files of a folder in memory, of which a power cut keeps what it must.

Every change goes through here: the file seam under SQLite and the one of the reserve file. What a
barrier has covered is durable; labels that have become durable are noted from the bytes themselves,
so that nobody's word is taken for it.
"""

import errno
import hashlib
import itertools
import os
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple, final

import apsw

from drills.platter import DELETION, FATES, Change, Platter, image_of
from drills.world.process import Process

__all__ = ["Disk", "Image"]

_NUMBER: Final = itertools.count()
_LABEL: Final = re.compile(rb"b[dspl]-[0-9a-f]{8}-[0-9a-f]{48}")
_RESERVE: Final = "ledger.reserve"
_MAKING: Final = "ledger.reserve.new"  # its name until it is whole and durable


class Image(NamedTuple):
    """What a power cut leaves: fates of the log and of the other files, and the draw."""

    main: str
    log: str
    draw: random.Random


@final
class Disk:
    """A folder with its file seams. `told` hears of each act as (what, file, offset, bytes)."""

    def __init__(
        self, home: Path, *, draw: random.Random, told: Callable[[str, str, int, bytes], None]
    ) -> None:
        """Register the seam under a name of its own."""
        self.home = home
        self.name = f"world-{next(_NUMBER)}"
        self.durable_labels: set[str] = set()
        self.owner: Process | None = None  # who opens files now
        self.fault: Callable[[str, str], str | None] = lambda _what, _file: None
        self.on_act: Callable[[Process | None], None] = lambda _process: None  # before it is made
        self.acts = 0
        self.barriers_lie = False
        self._copies: dict[str, dict[str, bytes]] = {}
        self._draw = draw
        self._told = told
        self._platters: dict[str, Platter] = {}
        self._vfs = _Vfs(self)
        _seed_sqlite(home, draw)

    def close(self) -> None:
        """Take the seam away."""
        self._vfs.unregister()

    def platter(self, file: str) -> Platter:
        """Return what is known of a file; what is there when it is first met counts as durable."""
        known = self._platters.get(file)
        if known is None:
            path = self.home / file
            known = self._platters[file] = Platter(path.read_bytes() if path.exists() else None)
        return known

    def cut(self, asked: Image | None = None) -> str:
        """Lose power: each file becomes one that could have been left. Returns how, for people."""
        fates = sorted(FATES)
        asked = asked or Image(self._draw.choice(fates), self._draw.choice(fates), self._draw)
        for file, image in self.after_cut(asked):
            path = self.home / file
            if image is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(image)
        self._platters.clear()
        (self.home / "ledger.db-shm").unlink(missing_ok=True)  # made anew, never trusted
        return f"ledger {asked.main}, log {asked.log}"

    def after_cut(self, asked: Image) -> Iterator[tuple[str, bytes | None]]:
        """Yield what each file would hold, None without a name."""
        self._follow_rename()
        for file, platter in self._platters.items():
            fate = asked.log if file.endswith("-wal") else asked.main
            yield file, image_of(platter, fate=fate, draw=asked.draw)

    def digest(self) -> str:
        """Return a hash of what the files hold now."""
        found = hashlib.blake2b(digest_size=16)
        for path in sorted(self.home.glob("ledger.*")):
            if not path.name.endswith("-shm"):
                found.update(path.name.encode() + path.read_bytes())
        return found.hexdigest()

    # Damage at rest, while nobody holds the files.

    def flip_bit(self) -> str:
        """Turn one bit of the ledger around."""
        path = self._any_file()
        content = bytearray(path.read_bytes())
        at = self._draw.randrange(len(content))
        content[at] ^= 1 << self._draw.randrange(8)
        path.write_bytes(bytes(content))
        self._platters.clear()
        return f"{path.name} byte {at}"

    def cut_short(self) -> str:
        """Lose the end of the ledger."""
        path = self._any_file()
        content = path.read_bytes()
        kept = self._draw.randrange(len(content))
        path.write_bytes(content[:kept])
        self._platters.clear()
        return f"{path.name} at {kept} of {len(content)}"

    def has_copy(self, name: str) -> bool:
        """Say whether a copy of this name is kept."""
        return name in self._copies

    def keep_copy(self, name: str) -> None:
        """Remember the ledger as it is, under a name."""
        self._copies[name] = {
            path.name: path.read_bytes()
            for path in sorted(self.home.glob("ledger.db*"))
            if not path.name.endswith("-shm")
        }

    def forget_copy(self, name: str) -> None:
        """Forget a copy, if there is one."""
        self._copies.pop(name, None)

    def put_copy_back(self, name: str) -> str:
        """Put a remembered ledger in the place of the present one; it is forgotten then."""
        copy = self._copies.pop(name)
        for path in sorted(self.home.glob("ledger.db*")):
            path.unlink()
        for file, content in copy.items():
            (self.home / file).write_bytes(content)
        self._platters.clear()
        return ", ".join(f"{file} {len(content)}" for file, content in copy.items())

    def _any_file(self) -> Path:
        found = [
            path
            for path in sorted(self.home.glob("ledger.db*"))
            if not path.name.endswith("-shm") and path.stat().st_size
        ]
        return self._draw.choice(found)

    def changed(self, process: Process | None, what: str, file: str, change: Change) -> None:
        """Count a change and let it fail if it is to. Raises what the fault is, or Killed."""
        self.acts += 1
        if process is not None:
            process.act()
        self.on_act(process)
        self._told(what, file, change.offset, change.data or b"")

    def synced(self, file: str) -> None:
        """Note that a barrier has completed."""
        if self.barriers_lie:
            return
        platter = self.platter(file)
        for change in platter.pending:
            if change.data is not None:
                found = _LABEL.findall(change.data)
                self.durable_labels.update(label.decode() for label in found)
        if not platter.is_named:
            self._sync_folder()
        platter.sync()

    def _sync_folder(self) -> None:
        """A new file's first barrier syncs the folder, and with it every deletion so far."""
        for platter in self._platters.values():
            if DELETION in platter.pending:
                last = len(platter.pending) - platter.pending[::-1].index(DELETION)
                pending = platter.pending[last:]
                platter.delete()
                platter.pending = pending

    # The seam of the reserve file.

    def pwrite(self, handle: int, content: memoryview, at: int) -> int:
        """Write into the reserve file."""
        data = bytes(content)
        file = self._reserve(handle)
        platter = self._platters[file]
        self.changed(self.owner, "write", file, Change(at, data))
        self._fail("write", file)
        written = os.pwrite(handle, data, at)
        platter.pending.append(Change(at, data[:written]))
        return written

    def barrier(self, handle: int) -> None:
        """Wait for the reserve file."""
        file = self._reserve(handle)
        self.changed(self.owner, "sync", file, Change(0, b""))
        self._fail("sync", file)
        os.fdatasync(handle)
        self.synced(file)

    def _reserve(self, handle: int) -> str:
        """Return the reserve file's name of this moment, with its platter in place."""
        self._follow_rename()
        file = Path(f"/proc/self/fd/{handle}").readlink().name
        if file == _MAKING:
            self._platters.setdefault(file, Platter())  # no folder has been synced for it yet
        else:
            self.platter(file)
        return file

    def _follow_rename(self) -> None:
        """The folder is synced with the new name, before anything else can happen."""
        if _MAKING in self._platters and (self.home / _RESERVE).exists():
            self._platters[_RESERVE] = self._platters.pop(_MAKING)

    def _fail(self, what: str, file: str) -> None:
        match self.fault(what, file):
            case None:
                return
            case "full":
                raise OSError(errno.ENOSPC, "No space left on device")
            case "read-only":
                raise OSError(errno.EROFS, "Read-only file system")
            case _:
                raise OSError(errno.EIO, "Input/output error")

    def fail_database(self, what: str, file: str) -> None:
        """Fail an act of SQLite's if it is to. Raises apsw.Error."""
        match self.fault(what, file):
            case None:
                return
            case "full":
                raise apsw.FullError("no space left")
            case "read-only":
                raise apsw.ReadOnlyError("read-only file system")
            case _:
                raise apsw.IOError("input/output error")


def _seed_sqlite(home: Path, draw: random.Random) -> None:
    """Seed SQLite's own generator: it salts its logs from it, and asks the default VFS but once.

    It forgets its seed at the first file that a process opens, so that one is opened before.
    """
    apsw.Connection(str(home / "seed.db")).close()
    (home / "seed.db").unlink(missing_ok=True)
    seeded = _Seed(draw)
    apsw.randomness(0)  # forget, so that the next use asks anew
    apsw.randomness(1)
    seeded.unregister()


@final
class _Seed(apsw.VFS):
    def __init__(self, draw: random.Random) -> None:
        super().__init__(f"seed-{next(_NUMBER)}", "", makedefault=True)
        self._draw = draw

    def xRandomness(self, numbytes: int) -> bytes:  # noqa: N802  # the name is apsw's
        return self._draw.randbytes(numbytes)


@final
class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        super().__init__(disk.name, "")
        self._disk = disk

    def xOpen(  # noqa: N802  # the name is apsw's
        self, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> "_File":
        return _File(self._disk, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802  # the name is apsw's
        file = Path(filename).name
        platter = self._disk.platter(file)
        self._disk.changed(self._disk.owner, "delete", file, DELETION)
        super().xDelete(filename, syncdir)
        platter.pending.append(DELETION)
        if syncdir:
            platter.delete()


@final
class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        if path is None:
            raise apsw.CantOpenError("a temporary file would be out of sight")
        self._disk = disk
        self._file = Path(path).name
        self._owner = disk.owner
        self._platter = disk.platter(self._file)
        super().__init__("", name, flags)
        if self._file.endswith(".db") and not self._platter.is_named:
            self._platter.begin()  # who opens the ledger has made the file's name durable

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802  # the name is apsw's
        content = bytes(data)
        self._change("write", Change(offset, content))
        super().xWrite(content, offset)
        self._platter.pending.append(Change(offset, content))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802  # the name is apsw's
        self._change("truncate", Change(newsize, None))
        super().xTruncate(newsize)
        self._platter.pending.append(Change(newsize, None))

    def xSync(self, flags: int) -> None:  # noqa: N802  # the name is apsw's
        self._change("sync", Change(0, b""))
        super().xSync(flags)
        self._disk.synced(self._file)

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802  # the name is apsw's
        self._disk.fail_database("read", self._file)
        return super().xRead(amount, offset)

    def _change(self, what: str, change: Change) -> None:
        self._disk.changed(self._owner, what, self._file, change)
        self._disk.fail_database(what, self._file)
