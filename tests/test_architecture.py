"""Who may import whom (STYLE §3): the contracts hold, and each one bites."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("bot", "cockpit", "commands", "drills", "ledger")
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the linter over the packages in a folder, and nowhere else."""
    return subprocess.run(  # noqa: S603  # our own interpreter, with words from this file
        [sys.executable, "-c", LINT, "--no-cache", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.rule("C-101")
def test_every_import_contract_holds() -> None:
    answer = lint(ROOT)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "0 broken" in answer.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project's packages, to plant violations in."""
    folder = tmp_path_factory.mktemp("copy")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.mark.rule("C-101")
@pytest.mark.parametrize(
    ("contract", "where", "line"),
    [
        ("write-port", "bot/core/planted.py", "from bot.venue.write import WritePort"),
        ("write-port", "commands/planted.py", "from bot.venue.write import WritePort"),
        ("write-port", "bot/reconcile/planted.py", "import bot.venue.write"),
        ("write-port", "bot/control/planted.py", "from bot.venue import write"),
        ("pure-order", "bot/domain/planted.py", "import bot.pricing.black76"),
        ("pure-order", "bot/strategy/planted.py", "import bot.intent.build"),
        ("pure-order", "bot/unplaced/__init__.py", ""),
        ("pure-effects", "bot/strategy/planted.py", "import time"),
        ("pure-effects", "bot/gates/planted.py", "from random import Random"),
        ("pure-effects", "bot/core/planted.py", "from bot.venue.read import ReadPort"),
        ("database", "bot/engine/planted.py", "import sqlite3"),
        ("database", "commands/planted.py", "import apsw"),
        ("venue", "bot/venue/planted.py", "import bot.core.step"),
        ("simulator-alone", "bot/simulator/planted.py", "import bot.venue.wire.book"),
        ("simulator-unseen", "bot/engine/planted.py", "import bot.simulator.server"),
        ("effects-apart", "bot/dispatch/planted.py", "import bot.engine"),
        ("control-shows", "bot/control/planted.py", "import bot.dispatch.dispatch"),
        ("reconcile-reads", "bot/reconcile/planted.py", "import bot.dispatch.dispatch"),
        ("ledger-below", "ledger/planted.py", "import bot.venue.read"),
        ("watchdog-apart", "bot/watchdog/planted.py", "import bot.core.step"),
        ("watchdog-apart", "bot/watchdog/planted.py", "from bot.venue.write import WritePort"),
        ("clients", "cockpit/planted.py", "import bot.core.state"),
    ],
)
def test_a_planted_violation_fails_its_contract(
    copy: Path, contract: str, where: str, line: str
) -> None:
    planted = copy / where
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(f"{line}\n")
    try:
        answer = lint(copy, "--contract", contract)
    finally:
        planted.unlink()
        if where.endswith("__init__.py"):
            shutil.rmtree(planted.parent)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert "1 broken" in answer.stdout
    assert planted.parent.name in answer.stdout
