"""The bar of long commands."""

import io
import sys
from pathlib import Path

import pytest

from commands.progress import WIDTH, Bar
from commands.session import Session

HOME = Path("home")


class Terminal(io.StringIO):
    """A stderr that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_off_a_terminal_each_tenth_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with Bar("records", session=Session(home=HOME), after_s=0) as bar:
        for done in range(0, 1_001, 5):
            bar(done, 1_000)
    said = capsys.readouterr().err.splitlines()
    assert said == [f"records: {tenth} %" for tenth in range(10, 101, 10)]


def test_on_a_terminal_it_fills_and_leaves_the_line_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Bar("pages", session=Session(home=HOME, is_ascii=True), after_s=0) as bar:
        bar(5, 10)
    shown = terminal.getvalue().split("\r\x1b[K")
    assert shown == ["", f"pages {'#' * (WIDTH // 2)}{'.' * (WIDTH // 2)}  50 %", ""]


@pytest.mark.parametrize(
    "session", [Session(home=HOME, as_json=True), Session(home=HOME, is_quiet=True)]
)
def test_programs_and_the_quiet_see_nothing(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    with Bar("pages", session=session, after_s=0) as bar:
        bar(5, 10)
    assert capsys.readouterr().err == ""


def test_what_ends_soon_needs_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with Bar("pages", session=Session(home=HOME)) as bar:
        bar(10, 10)
        bar(0, 0)
    assert capsys.readouterr().err == ""
