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
        ("C-101\n", "False", 1, "C-101     2 tests  claimed  FAILED"),
        ("C-104\n", "True", 1, "C-104     0 tests  claimed  NO TEST"),
        ("C-103\n", "True", 1, "C-103     1 tests  claimed  ONLY SKIPPED"),
        ("# C-104\n", "True", 0, "Every claimed rule is proven."),
    ],
)
def test_a_claimed_rule_needs_a_test_that_passes(
    required: str, two: str, code: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "plans").mkdir()
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "plans/verify.py", tmp_path / "plans")
    (tmp_path / "plans/rules_required.txt").write_text(required)
    (tmp_path / "tests/test_it.py").write_text(TESTS.format(two=two))
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = rule(number): a rule\n")

    answer = subprocess.run(  # noqa: S603  # our own interpreter and script
        [sys.executable, str(tmp_path / "plans/verify.py")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert said in answer.stdout
    assert answer.returncode == code
