"""The catalogue is complete: what is listed is asked for."""

import re
from pathlib import Path

import bot.simulator
from bot.simulator.trouble.fault import FAULTS, Group

FOLDER = Path(next(iter(bot.simulator.__path__)))


def test_every_fault_of_the_link_has_a_site() -> None:
    sources = "".join(
        path.read_text() for path in sorted(FOLDER.rglob("*.py")) if path.name != "fault.py"
    )
    asked = set(re.findall(r'\b(?:take|stands)\("(\w+)"\)', sources))
    assert {name for name, fault in FAULTS.items() if fault.group is Group.LINK} <= asked
    assert asked <= set(FAULTS)


def test_every_fault_says_what_happens_in_one_line() -> None:
    for name, fault in FAULTS.items():
        assert re.fullmatch(r"[a-z_]+", name)
        assert 10 <= len(fault.says) <= 66
        if fault.span_s is not None:
            assert 0 < fault.span_s[0] <= fault.span_s[1]
