"""Which faults, how often, when, from which seed; and the file that says so."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn, final

from bot.simulator.fault import EXIT_CONFIG, ExchangeError
from bot.simulator.trouble.fault import FAULTS

__all__ = ["RATE_MAX", "Plan", "load_plan"]

RATE_MAX: Final = 36_000.0  # an hour: ten a second
_SEED_MAX: Final = 2**63 - 1
_AT_S_MAX: Final = 31_536_000  # a year
_FILE_BYTES_MAX: Final = 256 * 1024
_KEYS: Final = ("seed", "rates", "at")
_SECONDS: Final = re.compile(r"\d{1,9}(\.\d{1,9})?")
_AT_LINE: Final = re.compile(r"line (\d+)")
_A_FAULT: Final = "a fault's name (bot sim faults lists them)"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`rates` maps a fault's name to how often it strikes in an hour of exchange time.

    `at_ms` says what strikes besides, and when: exchange time since the start.
    """

    seed: int = 0
    rates: Mapping[str, float] = field(default_factory=dict)
    at_ms: tuple[tuple[int, str], ...] = ()


def load_plan(path: Path) -> Plan:
    """Read a plan in TOML. Raises ExchangeError that names file, line, what was and what may be."""
    source = _Source(path, _read(path))
    found = source.parsed()
    for key in found:
        if key not in _KEYS:
            source.refuse(key, must=f"one of {', '.join(_KEYS)}")
    seed = found.get("seed", 0)
    if type(seed) is not int or not 0 <= seed <= _SEED_MAX:
        source.refuse("seed", was=(seed,), must=f"a whole number from 0 to {_SEED_MAX}")
    rates = {
        name: _rate(source, name, was)
        for name, was in source.table("rates", found.get("rates", {})).items()
    }
    at_ms = [
        (_moment_ms(source, at), name)
        for at, named in source.table("at", found.get("at", {})).items()
        for name in _names(source, at, named)
    ]
    return Plan(seed=seed, rates=rates, at_ms=tuple(at_ms))


def _rate(source: "_Source", name: str, was: Any) -> float:
    if name not in FAULTS:
        source.refuse(name, table="rates", must=_A_FAULT)
    if type(was) not in (int, float) or not 0 <= was <= RATE_MAX:  # NaN is not between either
        must = f"a number from 0 to {RATE_MAX:g}: times an hour"
        source.refuse(name, table="rates", was=(was,), must=must)
    return float(was)


def _moment_ms(source: "_Source", at: str) -> int:
    if not _SECONDS.fullmatch(at) or float(at) > _AT_S_MAX:
        must = f"seconds since the start, from 0 to {_AT_S_MAX}"
        source.refuse(at, table="at", must=must)
    return round(float(at) * 1_000)


def _names(source: "_Source", at: str, named: Any) -> tuple[str, ...]:
    if isinstance(named, dict):  # 12.5 = … without quotes is 5 in a table 12
        source.refuse(at, table="at", was=(named,), must='a time in quotes: "12.5"')
    names = named if isinstance(named, list) else [named]
    for name in names:
        if not isinstance(name, str) or name not in FAULTS:
            source.refuse(at, table="at", was=(name,), must=f"{_A_FAULT}, or a list of such")
    return tuple(names)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_FILE_BYTES_MAX + 1)
        if len(raw) > _FILE_BYTES_MAX:
            raise _unread(path, f"is longer than {_FILE_BYTES_MAX} bytes")
        return raw.decode()
    except OSError as error:
        raise _unread(path, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _unread(path, "is not UTF-8") from None


def _unread(path: Path, what: str) -> ExchangeError:
    return ExchangeError(
        f"{path} {what}",
        why="It should be a plan of faults, in TOML",
        next_step="Name another file: --faults FILE",
        exit_code=EXIT_CONFIG,
    )


@final
class _Source:
    """The text of a plan, and where in it things are."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()
        self._text = text

    def parsed(self) -> dict[str, Any]:
        """Return what the text says."""
        try:
            return tomllib.loads(self._text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            at = _AT_LINE.search(str(error))
            line = int(at[1]) if at else max(1, len(self._lines))
            raise self._error(line, f"it was no TOML: {error}", must="a plan in TOML") from None

    def table(self, name: str, was: Any) -> dict[str, Any]:
        """Return a table as it is."""
        if not isinstance(was, dict):
            self.refuse(name, was=(was,), must=f"a table: [{name}]")
        return was

    def refuse(
        self, key: str, *, table: str = "", was: tuple[object] | None = None, must: str
    ) -> NoReturn:
        """Refuse what a key was, or, without that, the key itself."""
        shown = f"{table}.{key}" if table else key
        what = f"{shown} was {was[0]!r}" if was else f"{shown} is unknown"
        raise self._error(self._line(key, table=table), what, must=must)

    def _error(self, line: int, what: str, *, must: str) -> ExchangeError:
        return ExchangeError(
            f"{self._path} line {line}: {what}",
            why=f"Allowed is {must}",
            next_step="Mend the line and start again",
            exit_code=EXIT_CONFIG,
        )

    def _line(self, key: str, *, table: str) -> int:
        """Find the line of a key: below its table's head, else where it is written first."""
        word = re.compile(rf"(?<![\w.-]){re.escape(key)}(?![\w-])")
        inside, first = "", 0
        for number, line in enumerate(self._lines, start=1):
            code = line.split("#", 1)[0].strip()
            if code.startswith("["):
                inside = code.strip("[] \"'")
            if not word.search(code):
                continue
            if inside == table or (not table and inside == key):
                return number
            first = first or number
        return first or 1
