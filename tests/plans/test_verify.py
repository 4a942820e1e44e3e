"""The map from rules to tests says when a claim has nothing behind it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

TESTS = """
import pytest

@pytest.mark.rule("C-101")
def test_one(): pass

@pytest.mark.rule("C-101", "C-102")
def test_two(): assert {two}

@pytest.mark.rule("C-103")
def test_three(): pytest.skip("nothing to see")
"""


@pytest.mark.parametrize(
    ("required", "two", "code", "said"),
    [
        ("C-101\nC-102 in part\n", "True", 0, "Every claimed rule is proven."),
        ("C-101\n", "False", 1, "C-101      2       1  claimed  FAILED"),
        ("C-104\n", "True", 1, "C-104      0       0  claimed  NO TEST"),
        ("C-103\n", "True", 1, "C-103      1       0  claimed  ONLY SKIPPED"),
        ("# C-104\n", "True", 0, "Every claimed rule is proven."),
        ("scope C-101..C-102\nC-101\n", "True", 1, "C-102      1       1  MISSING  passed"),
        ("scope C-101..C-102\nC-101\nC-102\n", "True", 0, "Every claimed rule is proven."),
        ("scope C-104\nnot C-104 later\n", "True", 0, "  C-104  later"),
        ("C-101 only buys\n", "True", 0, "  C-101  only buys"),
        ("# nothing\n", "False", 1, "tests: 1 tests failed"),
    ],
)
def test_a_claimed_rule_needs_a_test_that_passes(
    required: str, two: str, code: int, said: str, tmp_path: Path
) -> None:
    answer = verify(tmp_path, required=required, two=two)
    assert said in answer.stdout
    assert answer.returncode == code


@pytest.mark.parametrize("line", ["not C-104", "C104", "nothing at all"])
def test_a_line_that_says_nothing_is_refused(line: str, tmp_path: Path) -> None:
    answer = verify(tmp_path, required=f"C-101\n{line}\n", two="True")
    assert line in answer.stderr
    assert answer.returncode == 1


def verify(folder: Path, *, required: str, two: str) -> subprocess.CompletedProcess[str]:
    """Judge a project of three tests."""
    (folder / "plans").mkdir()
    (folder / "tests").mkdir()
    shutil.copy(ROOT / "plans/verify.py", folder / "plans")
    (folder / "plans/rules_required.txt").write_text(required)
    (folder / "tests/test_it.py").write_text(TESTS.format(two=two))
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = rule(number): a rule\n")
    return subprocess.run(  # noqa: S603  # our own interpreter and script
        [sys.executable, str(folder / "plans/verify.py"), "--rules"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
