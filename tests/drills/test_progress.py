"""Progress off a terminal is one line for each tenth."""

from io import StringIO

from drills.progress import Progress


def test_a_line_for_each_tenth_and_no_more() -> None:
    to = StringIO()
    progress = Progress("drill", total=40, to=to)
    for _ in range(40):
        progress.add()
    lines = to.getvalue().splitlines()
    assert len(lines) == 10
    assert lines[0] == "drill 10 %  4/40"
    assert lines[-1] == "drill 100 %  40/40"


def test_silent_says_nothing() -> None:
    to = StringIO()
    Progress("drill", total=1, is_silent=True, to=to).add()
    assert to.getvalue() == ""
