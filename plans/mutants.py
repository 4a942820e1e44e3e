"""Plant bugs in the real code, one at a time, and see each of them caught [C-804].

plans/mutants.toml says what is planted, and who has to notice: the storm, by an invariant of the
world, or a named test. Each plant is made in a copy of the tree. What the unmodified code shows on
the same seeds and tests is looked at first: if it is not clean, a kill means nothing.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mutant_table import Mutant, WrongTableError, load, plant

ROOT: Final = Path(__file__).resolve().parents[1]
COPIED: Final = ("bot", "cockpit", "commands", "config", "drills", "ledger", "plans", "tests")
LIMIT_S: Final = 150.0
TESTS_S: Final = 600.0  # for all named tests on the unmodified code
SEED_S: Final = 120.0  # for one seed of it
_OF_THE_RUN: Final = ("liveness", "engine_never_falls", "nothing_escapes", "no_handle_left")
_PART: Final = 12  # seeds between two words of how far it is


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one. `by` is the invariant or test that noticed, empty when nothing did."""

    id: str
    by: str
    what: str
    seed: int | None
    seconds: float


def copy_tree(folder: Path) -> None:
    """Copy what the runs need, compiled: a mutant then compiles no more than its own file."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    # By content: a file that is replaced within one second, at one length, is still compiled anew.
    words = ["-m", "compileall", "-q", "--invalidation-mode", "checked-hash", *COPIED]
    _python(folder, words, limit_s=TESTS_S)


def fate_of(mutant: Mutant, base: Path, *, limit_s: float) -> Fate:
    """Plant one in a copy of its own and see who notices."""
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bot-mutant-") as home:
        folder = Path(home) / "tree"
        shutil.copytree(base, folder)
        plant(folder, mutant)
        if mutant.by == "storm":
            by, what, seed = _storm(folder, mutant, limit_s=limit_s)
        else:
            by, what, seed = *_test(folder, mutant, limit_s=limit_s), None
    return Fate(mutant.id, by, what, seed, time.monotonic() - began_s)


def _storm(folder: Path, mutant: Mutant, *, limit_s: float) -> tuple[str, str, int | None]:
    words = ["plans/mutant_storm.py", json.dumps(mutant.runs)]
    answer = _python(folder, words, limit_s=limit_s)
    rows = [json.loads(line) for line in answer.stdout.splitlines()]
    for row in rows:
        if row["finding"] is not None:
            return row["finding"][0], row["finding"][1], row["run"]["seed"]
    if answer.returncode != 0:
        return "", f"it broke: {_last(answer.stderr)}", None
    if len(rows) < len(mutant.runs):
        return "", f"not caught within {limit_s:.0f} s, {len(rows)} seeds", None
    return "", f"not caught by {len(rows)} seeds", None


def _test(folder: Path, mutant: Mutant, *, limit_s: float) -> tuple[str, str]:
    answer = _pytest(folder, (mutant.by,), limit_s=limit_s)
    if answer.returncode == 1 and " failed" in answer.stdout:
        return mutant.by, "it failed"
    if answer.returncode == 0:
        return "", "the test passed"
    return "", f"it broke: {_last(answer.stdout + answer.stderr)}"


def _pytest(
    folder: Path, names: Sequence[str], *, limit_s: float
) -> subprocess.CompletedProcess[str]:
    words = ["-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider", *names]
    return _python(folder, words, limit_s=limit_s)


def _python(
    folder: Path, words: Sequence[str], *, limit_s: float
) -> subprocess.CompletedProcess[str]:
    """Run our interpreter on the copy; one that is not done in time ends as it is."""
    settings = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(  # noqa: S603  # our own interpreter, with words from this file
        [sys.executable, *words],
        cwd=folder,
        env=settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        out, err = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        return subprocess.CompletedProcess(words, 0, out, err)
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "without a word"


def is_clean(mutants: Sequence[Mutant], base: Path, *, jobs: int) -> bool:
    """Say whether the unmodified code shows nothing on these seeds and tests; tell what it does."""
    known = {json.dumps(run, sort_keys=True): run for mutant in mutants for run in mutant.runs}
    runs = list(known.values())
    found: list[str] = []
    parts = [runs[at : at + _PART] for at in range(0, len(runs), _PART)]
    with ThreadPoolExecutor(jobs) as pool:
        waiting = [pool.submit(_clean_part, part, base) for part in parts]
        for number, done in enumerate(as_completed(waiting), 1):
            found += done.result()
            _say(f"unmodified  {min(number * _PART, len(runs))} of {len(runs)} seeds")
    tests = sorted({mutant.by for mutant in mutants if mutant.by != "storm"})
    if tests:
        answer = _pytest(base, tests, limit_s=TESTS_S)
        if answer.returncode != 0 or " passed" not in answer.stdout:
            found.append(f"the tests: {_last(answer.stdout + answer.stderr)}")
    for line in found:
        _say(f"unmodified  {line}")
    if not found:
        _say(f"unmodified  clean on {len(runs)} seeds and {len(tests)} tests")
    return not found


def _clean_part(part: Sequence[dict[str, Any]], base: Path) -> list[str]:
    words = ["plans/mutant_storm.py", json.dumps(part), "--all"]
    answer = _python(base, words, limit_s=SEED_S * len(part))
    rows = [json.loads(line) for line in answer.stdout.splitlines()]
    found = [
        f"{row['run']}: {': '.join(row['finding'])}" for row in rows if row["finding"] is not None
    ]
    if len(rows) < len(part):
        found.append(f"{len(part) - len(rows)} seeds did not end: {_last(answer.stderr)}")
    return found


def invariants() -> tuple[str, ...]:
    """Name every invariant of the world, in the order in which they stand there."""
    from drills.world.invariants.end import END
    from drills.world.invariants.opened import OPENED, sticky_stays
    from drills.world.invariants.sending import SENDING
    from drills.world.invariants.state import STATE
    from drills.world.invariants.stopped import STOPPED
    from drills.world.invariants.venue import VENUE

    checks = (*SENDING, *VENUE, *STATE, *OPENED, sticky_stays, *STOPPED, *END)
    return (*(check.__name__ for check in checks), *_OF_THE_RUN)


def table(fates: Sequence[Fate]) -> list[str]:
    """Say which invariant killed what, and which killed nothing."""
    killed: dict[str, list[str]] = defaultdict(list)
    for fate in fates:
        if fate.by:
            killed[fate.by].append(fate.id)
    names = [*invariants(), *sorted(set(killed) - set(invariants()))]
    width = max(len(name) for name in names if "::" not in name)
    lines = ["", "WHO NOTICED, AND WHAT"]
    lines += [f"  {name:<{width}}  {', '.join(killed[name])}" for name in names if killed[name]]
    idle = [name for name in names if not killed[name]]
    return [*lines, "", f"Invariants that killed nothing: {', '.join(idle) or 'none'}"]


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _tell(fate: Fate, done: int, of: int) -> None:
    after = "" if fate.seed is None else f"  seed {fate.seed}"
    verdict = f"killed    {fate.by}" if fate.by else f"SURVIVED  {fate.what}"
    _say(f"[{done:>2}/{of}]  {fate.id:<36}  {verdict}{after}  {fate.seconds:.0f} s")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="plans/mutants.sh", description=__doc__)
    parser.add_argument("--only", action="append", metavar="ID", help="this one; may be repeated")
    parser.add_argument("--list", action="store_true", help="say what is planted, and run nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what came of it")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="at a time; default 1")
    parser.add_argument("--limit", type=float, default=LIMIT_S, metavar="S", help="for a mutant")
    return parser.parse_args()


def _chosen(only: Sequence[str] | None) -> tuple[Mutant, ...]:
    mutants = load()
    if only is None:
        return mutants
    unknown = sorted(set(only) - {mutant.id for mutant in mutants})
    if unknown:
        raise WrongTableError(f"no mutant is called {', '.join(unknown)}; --list names them all")
    return tuple(mutant for mutant in mutants if mutant.id in only)


def run(mutants: Sequence[Mutant], *, jobs: int, limit_s: float) -> list[Fate] | None:
    """See what becomes of each; None when the unmodified code is not clean."""
    with tempfile.TemporaryDirectory(prefix="bot-mutants-") as home:
        base = Path(home) / "tree"
        copy_tree(base)
        if not is_clean(mutants, base, jobs=jobs):
            return None
        fates = []
        with ThreadPoolExecutor(jobs) as pool:
            waiting = [pool.submit(fate_of, one, base, limit_s=limit_s) for one in mutants]
            for done in as_completed(waiting):
                fates.append(done.result())
                _tell(fates[-1], len(fates), len(mutants))
    return fates


def main() -> int:
    """List or run; 1 when something survived or the unmodified code is not clean."""
    options = _options()
    try:
        mutants = _chosen(options.only)
        if options.list:
            for mutant in mutants:
                _say(f"{mutant.id:<36}  {mutant.says}  [{mutant.by}]")
            return 0
        began_s = time.monotonic()
        fates = run(mutants, jobs=max(options.jobs, 1), limit_s=options.limit)
    except WrongTableError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 2
    if fates is None:
        sys.stderr.write("The unmodified code is not clean: a kill would mean nothing.\n")
        return 1
    took_s = time.monotonic() - began_s
    order = {mutant.id: number for number, mutant in enumerate(mutants)}
    fates.sort(key=lambda fate: order[fate.id])
    survivors = [fate for fate in fates if not fate.by]
    for line in table(fates):
        _say(line)
    _say(f"{len(fates)} mutants, {len(survivors)} survived, {took_s:.0f} s on {options.jobs} jobs")
    for fate in survivors:
        _say(f"  {fate.id}: {fate.what}")
    if options.json is not None:
        _write(options.json, fates, took_s=took_s, jobs=options.jobs)
    return 1 if survivors else 0


def _write(path: Path, fates: Sequence[Fate], *, took_s: float, jobs: int) -> None:
    rows = [
        {"id": f.id, "by": f.by, "what": f.what, "seed": f.seed, "seconds": round(f.seconds, 1)}
        for f in fates
    ]
    figures = {
        "mutants": len(fates),
        "survivors": sum(not fate.by for fate in fates),
        "seconds": round(took_s),
        "jobs": jobs,
    }
    document = {"schema": "bot.mutants/1", "figures": figures, "results": rows}
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
