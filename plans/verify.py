"""Map contract rules to tests by their `rule` markers, and say which rules are proven."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
REQUIRED = ROOT / "plans/rules_required.txt"


class Rules:
    """A pytest plugin: what is collected by rule, and how each test ended."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self.tests: dict[str, set[str]] = defaultdict(set)
        self.failed: set[str] = set()
        self.passed: set[str] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the rules of every test."""
        for item in items:
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


def required(text: str) -> tuple[str, ...]:
    """Read the list of rules; a line's words after the rule are for people."""
    return tuple(line.split()[0] for line in text.splitlines() if line and line[0] == "C")


def table(rules: Rules, wanted: Iterable[str], *, is_count: bool) -> tuple[list[str], bool]:
    """Return the lines, and whether every wanted rule is proven."""
    wanted = tuple(wanted)
    lines, is_good = [], True
    for rule in sorted({*wanted, *rules.tests}):
        tests = rules.tests.get(rule, set())
        failed, passed = tests & rules.failed, tests & rules.passed
        verdict = _verdict(tests, failed=failed, passed=passed, is_count=is_count)
        claim = "claimed" if rule in wanted else ""
        is_good = is_good and (rule not in wanted or verdict in ("passed", "counted"))
        lines.append(f"{rule}  {len(tests):>4} tests  {claim:<7}  {verdict}".rstrip())
        lines += [f"       failed: {name}" for name in sorted(failed)]
    return lines, is_good


def _verdict(tests: set[str], *, failed: set[str], passed: set[str], is_count: bool) -> str:
    if not tests:
        return "NO TEST"
    if is_count:
        return "counted"
    if failed:
        return "FAILED"
    return "passed" if passed else "ONLY SKIPPED"


def files_of(tests: Mapping[str, set[str]]) -> list[str]:
    """Return the test files that prove any rule."""
    return sorted({name.partition("::")[0] for names in tests.values() for name in names})


def main() -> int:
    """Count, run unless told not to, print the table; 1 when a claimed rule is not proven."""
    is_count = "--count" in sys.argv
    rules = Rules()
    quiet = ["-q", "--no-header", "-p", "no:cacheprovider"]
    code = pytest.main([*quiet, "--collect-only", "-qq", str(ROOT / "tests")], plugins=[rules])
    if code != pytest.ExitCode.OK:
        sys.stderr.write("The tests could not be collected; see above.\n")
        return 1
    if not is_count:
        run = [*quiet, "-n", "2", "--dist", "loadgroup", *files_of(rules.tests)]
        pytest.main(run, plugins=[rules])
    lines, is_good = table(rules, required(REQUIRED.read_text()), is_count=is_count)
    sys.stdout.write("\n".join(lines) + "\n")
    end = "Every claimed rule is proven." if is_good else "Not every claimed rule is proven."
    sys.stdout.write(f"{end}\n")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
