"""What is made from data is not stale [C-306]."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def check(script: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # our own interpreter and script
        [sys.executable, str(script), "--check"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.rule("C-306")
def test_the_generated_files_are_those_of_the_registry() -> None:
    answer = check(ROOT / "plans/generate.py")
    assert answer.returncode == 0, answer.stderr


@pytest.mark.rule("C-306")
@pytest.mark.parametrize(
    ("stale", "word"),
    [
        ("bot/domain/reason.py", "STARTING"),
        ("docs/reason_codes.md", "STARTING"),
        ("docs/commands.md", "bot mode rearm"),
        ("docs/exit_codes.md", "unsafe start"),
        ("docs/socket.md", "subscribe"),
        ("docs/trading_policy.md", "amount_max"),
    ],
)
def test_a_stale_file_is_named_and_made_anew(stale: str, word: str, tmp_path: Path) -> None:
    copies = (
        "plans/generate.py",
        "plans/reference.py",
        "plans/trading_policy_head.md",
        "bot/guard/reasons.toml",
        "bot/domain/reason.py",
        "docs/reason_codes.md",
        "docs/commands.md",
        "docs/exit_codes.md",
        "docs/socket.md",
        "docs/trading_policy.md",
    )
    for name in copies:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    fresh = (tmp_path / stale).read_text()
    (tmp_path / stale).write_text(fresh.replace(word, "something else"))

    answer = check(tmp_path / "plans/generate.py")
    assert answer.returncode == 1
    assert f"{stale} is stale; run: python plans/generate.py\n" in answer.stderr

    subprocess.run(  # noqa: S603  # our own interpreter and script
        [sys.executable, str(tmp_path / "plans/generate.py")], timeout=60, check=True
    )
    assert (tmp_path / stale).read_text() == fresh
    assert check(tmp_path / "plans/generate.py").returncode == 0
