"""Drills of groups: a leg without its counterpart is closed, and hedged when it cannot be."""

from typing import Final

from bot.domain.mode import Mode
from bot.domain.reason import Reason
from bot.group.group import Stage
from drills.faults.drill import Back, Drill
from drills.faults.expectation import (
    ExitGoes,
    Forces,
    GroupEnds,
    Hedges,
    Holds,
    Keeps,
    Shuts,
)
from drills.faults.grouping import GROUPS_ONCE, leave_bids, refuse_legs

__all__ = ["GROUPS"]

GROUPS: Final = {
    "group-leg-refused": Drill(
        says="leg A fills whole, leg B is refused, and so are both rescues: A is closed again",
        source="DOMAIN 8.2 row 5, C-402",
        cues=(),
        strategy=GROUPS_ONCE,
        acts=(refuse_legs(2_000),),
        seconds=60.0,
        back=Back.BY_PROOF,
        safe_ms_max=45_000,  # opens are shut with the closing, after rescues and doubts
        expects=(
            Keeps(),
            Shuts(Reason.GROUP_BROKEN),
            ExitGoes(),
            GroupEnds(Stage.FLATTENED),
            Holds(0),
        ),
    ),
    "group-hedged": Drill(
        says="leg A fills, B and its rescues do not, nor does any exit of A: delta is hedged",
        source="DOMAIN 8.2 row 6, C-402",
        cues=(),
        strategy=GROUPS_ONCE,
        acts=(leave_bids(2_000, seconds=70.0),),
        market_step_ms=100,  # the bids are gone before the next look around decides on leg B
        seconds=60.0,
        back=Back.BY_REARM,
        safe_ms_max=60_000,
        expects=(
            Shuts(Reason.GROUP_BROKEN),
            Forces(Mode.REDUCE_ONLY, Reason.GROUP_HEDGED),
            GroupEnds(Stage.HEDGED),
            Hedges(),
            Holds(2),
        ),
    ),
}
