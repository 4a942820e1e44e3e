"""Reading a recording line by line, in order of time, with bounded memory."""

import gzip
import heapq
import zlib
from io import BufferedIOBase
from pathlib import Path
from typing import Final, final

from bot.domain.ids import InstrumentName
from bot.domain.instrument import Instrument
from bot.simulator.market.fault import BadRecordingError
from bot.simulator.market.recorded_line import (
    BadLineError,
    RecordedLine,
    decode_line,
    recorded_instrument,
)

__all__ = ["RecordingFile", "find_recording"]

_LINE_BYTES_MAX: Final = 65_536
_DEFAULT: Final = "btc_5min_*.jsonl*"
_SUFFIXES: Final = (".jsonl", ".jsonl.gz")
# Requests ran in parallel: lines are up to 15 s out of order in the recordings that we have.
_LOOKAHEAD_MS: Final = 120_000
_WAITING_MAX: Final = 20_000
_INSTRUMENTS_MAX: Final = 5_000


def find_recording(path: Path) -> Path:
    """Return the file to replay: the path itself, or the five-minute one in a folder.

    Raises BadRecordingError when there is none, or more than one.
    """
    if path.is_file():
        return path
    if not path.is_dir():
        raise BadRecordingError(str(path), line=0, why="there is no such file or folder")
    found = sorted(p for p in path.glob(_DEFAULT) if p.name.endswith(_SUFFIXES))
    if len(found) != 1:
        raise BadRecordingError(
            str(path), line=0, why=f"the folder holds {len(found)} files {_DEFAULT}, not one"
        )
    return found[0]


@final
class RecordingFile:
    """A recording opened for one pass, plain or gzip by its name.

    Lines are held back for two minutes of their own time, so that those which were written late
    come out where they belong. Raises BadRecordingError at the first bad line, and closes.
    """

    def __init__(self, path: Path) -> None:
        """Open the file and read its first line; an empty one is refused."""
        self.path: Final = path
        self.instruments: Final[dict[InstrumentName, Instrument]] = {}  # of all lines read so far
        self._number = 0
        self._newest_ms = 0
        self._is_over = False
        # Heap by time, then by place in the file.
        self._waiting: list[tuple[int, int, RecordedLine]] = []
        self._lines = _open(path)
        self._read_one()
        if not self._waiting:
            self._number = 0
            raise self._bad("it is empty")
        self.start_ms: Final = self._waiting[0][0]

    @property
    def is_over(self) -> bool:
        """True once every line has been taken."""
        return self._is_over and not self._waiting

    def take(self, at_ms: int) -> tuple[RecordedLine, ...]:
        """Return the lines up to a time that have not been taken yet, in order of time."""
        taken: list[RecordedLine] = []
        while True:
            is_read = self._is_over or self._newest_ms > at_ms + _LOOKAHEAD_MS
            # Lines two minutes before the newest are settled: taking them keeps the heap small.
            settled_ms = at_ms if is_read else min(at_ms, self._newest_ms - _LOOKAHEAD_MS)
            while self._waiting and self._waiting[0][0] <= settled_ms:
                taken.append(heapq.heappop(self._waiting)[2])
            if is_read:
                return tuple(taken)
            self._read_one()

    def close(self) -> None:
        """Close the file."""
        self._lines.close()

    def _read_one(self) -> None:
        self._number += 1
        try:
            text = self._lines.readline(_LINE_BYTES_MAX + 1)
        except (OSError, EOFError, zlib.error) as fault:
            raise self._bad(str(fault)) from None
        if not text:
            self._is_over = True
            return
        if len(text) > _LINE_BYTES_MAX:
            raise self._bad(f"it is longer than {_LINE_BYTES_MAX} bytes")
        try:
            line = decode_line(text)
            self._list(line.instrument_name)
        except BadLineError as fault:
            raise self._bad(str(fault)) from None
        if len(self._waiting) >= _WAITING_MAX:
            raise self._bad(f"more than {_WAITING_MAX} lines lie within two minutes")
        self._newest_ms = max(self._newest_ms, line.timestamp)
        heapq.heappush(self._waiting, (line.timestamp, self._number, line))

    def _list(self, name: InstrumentName) -> None:
        if name in self.instruments:
            return
        if len(self.instruments) >= _INSTRUMENTS_MAX:
            raise BadLineError(f"it is of instrument number {_INSTRUMENTS_MAX + 1}")
        self.instruments[name] = recorded_instrument(name)

    def _bad(self, why: str) -> BadRecordingError:
        self.close()
        return BadRecordingError(str(self.path), line=self._number, why=why)


def _open(path: Path) -> BufferedIOBase:
    try:
        if path.suffix == ".gz":
            return gzip.open(path, "rb")
        return path.open("rb")
    except OSError as fault:
        raise BadRecordingError(str(path), line=0, why=str(fault.strerror)) from None
