"""Drills of the owner's own acts."""

from decimal import Decimal
from typing import Final

from bot.domain.mode import Mode
from bot.domain.reason import Reason
from bot.domain.side import Side
from bot.policy.reaction import OnKill
from drills.faults.breaking import replace_file
from drills.faults.drill import Back, Drill
from drills.faults.expectation import (
    Answers,
    ExitGoes,
    Forces,
    Hedges,
    Holds,
    OpensComeOff,
    Refuses,
    TakesExit,
)
from drills.faults.killing import kill
from drills.faults.owning import (
    owner_downs,
    owner_flattens,
    owner_kills,
    owner_rearms,
    owner_reduces,
)
from drills.faults.wishes import HOLDS_CALL, OPENS, holds_until, take_back

__all__ = ["OPERATOR"]

OPERATOR: Final = {
    "owner-reduces": Drill(
        says="the owner asks for REDUCE_ONLY",
        source="DOMAIN 8.2 row 26",
        cues=holds_until(9_000),
        acts=(owner_reduces(4_000),),
        seconds=30.0,
        back=Back.BY_REARM,
        safe_ms_max=1_000,
        expects=(
            Answers("reduce_only done"),
            Forces(Mode.REDUCE_ONLY, Reason.OPERATOR),
            OpensComeOff(),
            Refuses(Reason.MODE),
            ExitGoes(),
        ),
    ),
    "owner-kills": Drill(
        says="the owner asks for KILL, and the process is killed and started again",
        source="C-304, C-308",
        cues=OPENS,
        acts=(owner_kills(4_000), kill(9_000)),
        seconds=30.0,
        back=Back.BY_REARM,
        safe_ms_max=1_000,
        expects=(
            Answers("kill done"),
            Forces(Mode.KILL, Reason.OPERATOR_KILL),
            OpensComeOff(),
        ),
    ),
    "kill-flattens": Drill(
        says="the owner asks for KILL, and the policy closes what is held under it",
        source="C-304, DOMAIN 8.2",
        cues=OPENS,
        acts=(owner_kills(4_000),),
        policy={"guard.on_kill": OnKill.FLATTEN},
        seconds=30.0,
        back=Back.BY_REARM,
        safe_ms_max=1_000,
        expects=(
            Forces(Mode.KILL, Reason.OPERATOR_KILL),
            OpensComeOff(),
            TakesExit(Side.SELL, Decimal(100)),
            Holds(0),
        ),
    ),
    "kill-hedges": Drill(
        says="the owner asks for KILL while a call is held, and the policy hedges it",
        source="C-304, DOMAIN 10.4",
        cues=(),
        strategy=HOLDS_CALL,
        acts=(owner_kills(6_000),),
        policy={"guard.on_kill": OnKill.HEDGE},
        seconds=30.0,
        back=Back.BY_REARM,
        safe_ms_max=1_000,
        expects=(
            Forces(Mode.KILL, Reason.OPERATOR_KILL),
            OpensComeOff(),
            Hedges(),
            Holds(2),
        ),
    ),
    "kill-then-flatten": Drill(
        says="KILL leaves positions alone by policy, and the owner closes them under it",
        source="C-304, C-403",
        cues=OPENS,
        acts=(owner_kills(4_000), owner_flattens(8_000)),
        policy={"guard.on_kill": OnKill.HOLD},
        seconds=30.0,
        back=Back.BY_REARM,
        safe_ms_max=1_000,
        expects=(
            Forces(Mode.KILL, Reason.OPERATOR_KILL),
            OpensComeOff(),
            Answers("flatten done"),
            TakesExit(Side.SELL, Decimal(100)),
            Holds(0),
        ),
    ),
    "owner-stops": Drill(
        says="the owner stops the engine in order under REDUCE_ONLY, and it is started again",
        source="C-308",
        cues=OPENS,
        acts=(owner_reduces(4_000), owner_downs(9_000)),
        seconds=30.0,
        back=Back.BY_REARM,
        safe_ms_max=1_000,
        expects=(Answers("down done"), Forces(Mode.REDUCE_ONLY, Reason.OPERATOR)),
    ),
    "rearm-refused": Drill(
        says="the owner rearms while the cause still stands",
        source="RELIABILITY F52, C-307",
        cues=(*OPENS, take_back(5_000)),
        acts=(replace_file(4_000, seconds=30.0), owner_rearms(15_000)),
        seconds=40.0,
        back=Back.BY_REARM,
        safe_ms_max=10_000,
        expects=(
            Forces(Mode.REDUCE_ONLY, Reason.LEDGER_UNWRITABLE),
            Answers("rearm REFUSED"),
            OpensComeOff(),
        ),
    ),
}
