"""What must never come in, planted: each fails the project's own check [C-101, C-104]."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("bot", "cockpit", "commands", "drills", "ledger")
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what `make check` reads, to plant in."""
    folder = tmp_path_factory.mktemp("planted")
    for package in (*PACKAGES, "plans"):
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run one line of `make check` in the copy."""
    return subprocess.run(  # noqa: S603  # our own interpreter, with words from this file
        [sys.executable, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def floats(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check money code."""
    return run(folder, "plans/float_check.py")


@pytest.mark.rule("C-104")
@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("bot/portfolio/fee.py", "_CAP = 0.125"),
        ("bot/domain/money.py", "def half(price: Price) -> float: return float(price)"),
        ("bot/intent/quantise.py", "def half(price: Decimal) -> Decimal: return price / 2"),
        ("ledger/planted.py", "RATE = 1.5"),
    ],
)
def test_a_float_in_money_code_fails(copy: Path, where: str, line: str) -> None:
    assert floats(copy).returncode == 0
    _planted(copy, where, line, by=floats, told=where)


@pytest.mark.rule("C-101")
@pytest.mark.parametrize(
    ("where", "line", "contract"),
    [
        ("bot/core/decide.py", "import time", "pure-effects"),
        ("bot/gates/clock.py", "from datetime import datetime\nimport time", "pure-effects"),
        ("bot/engine/shell.py", "from bot.venue.write import WritePort", "write-port"),
        ("drills/planted.py", "import bot.venue.write", "write-port"),
    ],
)
def test_a_clock_in_the_core_and_a_second_path_to_the_venue_fail(
    copy: Path, where: str, line: str, contract: str
) -> None:
    def lint(folder: Path) -> subprocess.CompletedProcess[str]:
        return run(folder, "-c", LINT, "--no-cache", "--contract", contract)

    assert lint(copy).returncode == 0
    _planted(copy, where, line, by=lint, told=where.removesuffix(".py").replace("/", "."))


def _planted(copy: Path, where: str, line: str, *, by: object, told: str) -> None:
    path = copy / where
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        answer = by(copy)  # type: ignore[operator]  # one of the checks above
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_text(before, encoding="utf-8")
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert told in answer.stdout + answer.stderr
