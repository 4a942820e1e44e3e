"""The table of planted bugs: plans/mutants.toml read, checked, and carried out on a copy."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
TABLE: Final = ROOT / "plans/mutants.toml"
_KEYS: Final = {"id", "says", "file", "old", "new", "by"}
_STORM_KEYS: Final = {"weather", "seeds"}


class WrongTableError(Exception):
    """The table of mutants, or a tree that it does not fit."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One planted bug. `by` is `storm`, with its runs, or a test's id."""

    id: str
    says: str
    file: str
    old: str
    new: str
    by: str
    runs: tuple[dict[str, Any], ...]


def load(path: Path = TABLE) -> tuple[Mutant, ...]:
    """Read the table. Raises WrongTableError."""
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    mutants = [_mutant(row, found["weather"]) for row in found["mutant"]]
    ids = [mutant.id for mutant in mutants]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise WrongTableError(f"{path.name}: {', '.join(twice)} stands there twice")
    return tuple(mutants)


def _mutant(row: dict[str, Any], weathers: dict[str, Any]) -> Mutant:
    name, is_storm = row.get("id", "?"), row.get("by") == "storm"
    keys = _KEYS | _STORM_KEYS if is_storm else _KEYS
    wrong = sorted(keys ^ set(row))
    if wrong:
        raise WrongTableError(f"{name}: {', '.join(wrong)} is missing, or has no place here")
    if is_storm and row["weather"] not in weathers:
        raise WrongTableError(f"{name}: there is no weather {row['weather']}")
    runs = tuple(_runs(row["seeds"], weathers[row["weather"]])) if is_storm else ()
    return Mutant(**{key: row[key] for key in sorted(_KEYS)}, runs=runs)


def _runs(seeds: str, weather: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return a run for each seed: `1..8,11` are nine."""
    for span in seeds.split(","):
        first, _, last = span.partition("..")
        for seed in range(int(first), int(last or first) + 1):
            yield {"seed": seed, **weather}


def plant(folder: Path, mutant: Mutant) -> None:
    """Replace its text. Raises WrongTableError when that does not occur exactly once."""
    path = folder / mutant.file
    text = path.read_text(encoding="utf-8")
    count = text.count(mutant.old)
    if count != 1:
        raise WrongTableError(f"{mutant.id}: `old` occurs {count} times in {mutant.file}, not once")
    path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
