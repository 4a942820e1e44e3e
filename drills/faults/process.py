"""Drills of the process: killed, cut off, started twice, or spoilt by a part of its own."""

from typing import Final

from bot.core.life import Phase
from bot.domain.mode import Mode
from bot.domain.reason import Reason
from drills.faults.drill import Back, Drill
from drills.faults.expectation import (
    Dies,
    Forces,
    Keeps,
    OpensComeOff,
    Reaches,
    Shuts,
    StartRefused,
)
from drills.faults.killing import kill_at_send, kill_lives, start_rival, vanish
from drills.faults.timing import mark
from drills.faults.wishes import HOLDS, OPENS, RAISES
from drills.world.points.script import Cue, again

__all__ = ["PROCESS"]

PROCESS: Final = {
    "killed-before-send": Drill(
        says="killed between an order's record and its first byte",
        source="DOMAIN 8.2 row 7",
        cues=OPENS,
        acts=(kill_at_send(1_900),),
        seconds=20.0,
        back=Back.BY_PROOF,
        safe_ms_max=1_000,
        expects=(
            Keeps(),
            Shuts(Reason.STARTING),
            Reaches(Phase.UNKNOWN, 1),
            Reaches(Phase.ABSENT, 1),
        ),
    ),
    "restart-loop": Drill(
        says="killed, and then a hundred starts in a row, each a little later",
        source="DOMAIN 8.2 row 8",
        cues=OPENS,
        acts=(kill_lives(2_500, lives=100),),
        seconds=400.0,
        back=Back.BY_PROOF,
        safe_ms_max=1_000,
        expects=(Keeps(), Shuts(Reason.STARTING), Dies(101)),
    ),
    "machine-gone": Drill(
        says="the machine is cut off while an open rests, and the engine starts elsewhere",
        source="DOMAIN 8.2 row 8, RELIABILITY F35",
        cues=OPENS,
        acts=(vanish(4_000),),
        seconds=40.0,
        back=Back.BY_PROOF,
        safe_ms_max=1_000,
        expects=(Keeps(), Shuts(Reason.STARTING)),
    ),
    "long-absence": Drill(
        says="killed before a send, and down for longer than the venue remembers orders",
        source="RELIABILITY F19",
        cues=(*HOLDS, Cue(10_000, again)),
        acts=(kill_at_send(9_000, away_s=1_900.0),),
        seconds=2_000.0,
        tick_s=1.0,
        market_step_ms=2_000,
        back=Back.BY_PROOF,
        safe_ms_max=1_000,
        expects=(Keeps(), Reaches(Phase.UNKNOWN, 1), Reaches(Phase.ABSENT, 1)),
    ),
    "second-engine": Drill(
        says="a second engine starts on the same home",
        source="DOMAIN 8.2 row 14, RELIABILITY F38",
        cues=OPENS,
        acts=(start_rival(4_000),),
        seconds=20.0,
        back=Back.UNTOUCHED,
        safe_ms_max=None,
        expects=(Keeps(), StartRefused("LEDGER_HELD")),
    ),
    "strategy-raises": Drill(
        says="the strategy has a bug",
        source="DOMAIN 8.2 row 25, C-606",
        cues=(),
        acts=(mark(4_000, "strategy_raises"),),
        strategy=RAISES,
        is_sound=False,
        seconds=20.0,
        back=Back.BY_REARM,
        safe_ms_max=2_000,
        expects=(Forces(Mode.KILL, Reason.INTERNAL), OpensComeOff()),
    ),
}
