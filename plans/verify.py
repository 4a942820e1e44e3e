"""Run everything, map contract rules to the tests that ran, and say which rules are proven."""

import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
REQUIRED: Final = ROOT / "plans/rules_required.txt"
# What must never come in, planted by these: a run that left them out has proven nothing.
PLANTED: Final = ("tests/test_planted.py", "tests/test_architecture.py")
DRILLS: Final = (
    # words                                  the figures that must be 0
    (("crash-matrix", "--cycles", "30"), ("duplicates", "lost_fills", "unresolved",
                                          "position_mismatch", "sent_before_durable")),
    (("wal-order", "--n", "100"),        ("sent_before_durable",)),
    (("faults", "--all"),                ("failed", "duplicates", "opens_sent_while_forbidden")),
    (("reduce-only",),                   ("failed",)),
    (("explore", "--depth", "5"),        ("findings",)),
)  # fmt: skip
CHECK_S: Final = 600
DRILL_S: Final = 300


class Rules:
    """A pytest plugin: what is collected by rule, and how each test ended."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self.all: set[str] = set()
        self.tests: dict[str, set[str]] = defaultdict(set)
        self.failed: set[str] = set()
        self.passed: set[str] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep every test and its rules."""
        for item in items:
            self.all.add(item.nodeid)
            for mark in item.iter_markers("rule"):
                for rule in mark.args:
                    self.tests[rule].add(item.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the end of every test: set-up, call and tear-down each have a report."""
        name = report.nodeid.partition("@")[0]  # a distributed run adds its group
        if report.failed:
            self.failed.add(name)
        elif report.when == "call" and report.passed:
            self.passed.add(name)


@dataclass(frozen=True, slots=True)
class Claims:
    """What plans/rules_required.txt says; the words tell what is not there yet, or why."""

    scope: tuple[str, ...]
    claimed: Mapping[str, str]
    unclaimed: Mapping[str, str]


def claims(text: str) -> Claims:
    """Read the list: `scope C-001..C-011 …`, `C-101 words`, `not C-006 words`; # is a remark.

    Raises ValueError for another line, and for a rule that is given up without a word of why.
    """
    scope: list[str] = []
    claimed: dict[str, str] = {}
    unclaimed: dict[str, str] = {}
    for line in text.splitlines():
        match line.split():
            case [] | ["#", *_]:
                pass
            case ["scope", *spans]:
                scope += (rule for span in spans for rule in _rules_of(span))
            case ["not", rule, _, *_]:
                unclaimed[rule] = line.partition(rule)[2].strip()
            case [rule, *_] if rule.startswith("C-"):
                claimed[rule] = line.partition(rule)[2].strip()
            case _:
                raise ValueError(f"plans/rules_required.txt: {line!r} is no rule of the list")
    return Claims(scope=tuple(scope), claimed=claimed, unclaimed=unclaimed)


def _rules_of(span: str) -> list[str]:
    first, _, last = span.partition("..")
    low, high = int(first.removeprefix("C-")), int((last or first).removeprefix("C-"))
    return [f"C-{number:03}" for number in range(low, high + 1)]


def table(rules: Rules, claimed: Claims, *, is_count: bool) -> tuple[list[str], bool]:
    """Return a line for each rule and for what is not claimed, and whether the rest is proven."""
    lines, is_good = ["RULE   TESTS  PASSED  CLAIM    VERDICT"], True
    for rule in sorted({*claimed.scope, *claimed.claimed, *claimed.unclaimed, *rules.tests}):
        tests = rules.tests.get(rule, set())
        failed, passed = tests & rules.failed, tests & rules.passed
        claim = _claim(rule, claimed)
        verdict = _verdict(tests, failed=failed, passed=passed, is_count=is_count)
        is_good = is_good and claim != "MISSING"
        if claim in ("claimed", "in part"):
            is_good = is_good and verdict in ("passed", "counted")
        ran = "-" if is_count else str(len(passed))
        lines.append(f"{rule}  {len(tests):>5}  {ran:>6}  {claim:<7}  {verdict}".rstrip())
        lines += [f"       failed: {name}" for name in sorted(failed)]
    lines += ["", "Claimed in part:"]
    lines += [f"  {rule}  {words}" for rule, words in sorted(claimed.claimed.items()) if words]
    lines += ["", "Not claimed:"]
    lines += [f"  {rule}  {words}" for rule, words in sorted(claimed.unclaimed.items())]
    return lines, is_good


def _claim(rule: str, claimed: Claims) -> str:
    if rule in claimed.claimed:
        return "in part" if claimed.claimed[rule] else "claimed"
    if rule in claimed.unclaimed:
        return "not"
    return "MISSING" if rule in claimed.scope else "-"


def _verdict(tests: set[str], *, failed: set[str], passed: set[str], is_count: bool) -> str:
    if not tests:
        return "NO TEST"
    if is_count:
        return "counted"
    if failed:
        return "FAILED"
    return "passed" if passed else "ONLY SKIPPED"


def run_tests(rules: Rules) -> str:
    """Run every test once; return what was wrong, empty when nothing."""
    arguments = ["-q", "--no-header", "-p", "no:cacheprovider", "-n", "2", "--dist", "loadgroup"]
    code = pytest.main([*arguments, str(ROOT / "tests")], plugins=[rules])
    if code != pytest.ExitCode.OK:
        return f"{len(rules.failed)} tests failed, pytest ended with {int(code)}"
    return ""


def planted(rules: Rules) -> str:
    """Look whether every planting ran and was caught."""
    for name in PLANTED:
        tests = {test for test in rules.all if test.startswith(f"{name}::")}
        if not tests:
            return f"{name} is not there"
        if not tests <= rules.passed:
            return f"{len(tests - rules.passed)} of {len(tests)} tests of {name} did not pass"
    return ""


def make_check() -> str:
    """Run the linters, types, import contracts, generated files and the look for floats."""
    answer = subprocess.run(
        ["make", "--no-print-directory", "check"],  # noqa: S607  # the project's own first command
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=CHECK_S,
        check=False,
    )
    if answer.returncode == 0:
        return ""
    sys.stdout.write(answer.stdout + answer.stderr)
    return f"make check ended with {answer.returncode}, its words are above"


def drill(words: tuple[str, ...], *, zeros: tuple[str, ...]) -> str:
    """Run one drill in short and read its figures."""
    answer = subprocess.run(  # noqa: S603  # our own program, with words from this file
        [sys.executable, "-m", "commands", "drill", *words, "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=DRILL_S,
        check=False,
    )
    try:
        figures = json.loads(answer.stdout)["figures"]
    except (ValueError, KeyError, TypeError):
        return f"no figures, exit {answer.returncode}: {answer.stderr.strip()[-300:]}"
    wrong = [f"{name} was {figures.get(name)}" for name in zeros if figures.get(name) != 0]
    if answer.returncode != 0:
        wrong.append(f"exit {answer.returncode}")
    return ", ".join(wrong)


def part(name: str, run: Callable[[], str], *, ended: dict[str, str]) -> None:
    """Run one part, keep what was wrong with it, and how long it took."""
    began_s = time.monotonic()
    try:
        wrong = run()
    except subprocess.TimeoutExpired as late:
        wrong = f"not done within {late.timeout:.0f} s"
    took_s = time.monotonic() - began_s
    ended[name] = wrong
    sys.stdout.write(f"{name}: {wrong or 'passed'} ({took_s:.0f} s)\n")
    sys.stdout.flush()


def main() -> int:
    """Count or run, print the table; 1 when a part failed or a claimed rule is not proven."""
    is_count = "--count" in sys.argv
    claimed = claims(REQUIRED.read_text(encoding="utf-8"))
    rules = Rules()
    quiet = ["-qq", "--no-header", "-p", "no:cacheprovider", "--collect-only"]
    if pytest.main([*quiet, str(ROOT / "tests")], plugins=[rules]) != pytest.ExitCode.OK:
        sys.stderr.write("The tests could not be collected; see above.\n")
        return 1
    ended: dict[str, str] = {}
    if not is_count:
        is_whole = "--rules" not in sys.argv
        if is_whole:
            part("make check", make_check, ended=ended)
        part("tests", partial(run_tests, rules), ended=ended)
        if is_whole:
            part("planted faults", partial(planted, rules), ended=ended)
            for words, zeros in DRILLS:
                name = f"bot drill {' '.join(words)}"
                part(name, partial(drill, words, zeros=zeros), ended=ended)
    lines, is_good = table(rules, claimed, is_count=is_count)
    sys.stdout.write("\n".join(["", *lines, ""]) + "\n")
    wrong = {name: what for name, what in ended.items() if what}
    for name, what in wrong.items():
        sys.stdout.write(f"{name}: {what}\n")
    end = "Every claimed rule is proven." if is_good else "Not every claimed rule is proven."
    sys.stdout.write(f"{end}\n")
    return 0 if is_good and not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
