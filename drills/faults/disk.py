"""Drills of the disk and of the ledger's files."""

from typing import Final

from bot.domain.mode import Mode
from bot.domain.reason import Reason
from drills.faults.breaking import (
    damage_ledger,
    fail_disk,
    mend_ledger,
    replace_file,
    slow_barrier,
    steal_lock,
)
from drills.faults.drill import Back, Drill
from drills.faults.expectation import (
    ExitGoes,
    Forces,
    Keeps,
    Never,
    OpensComeOff,
    Raises,
    Shuts,
    StartRefused,
)
from drills.faults.owning import owner_downs
from drills.faults.wishes import OPENS, holds_until, take_back

__all__ = ["DISK"]

DISK: Final = {
    "disk-full": Drill(
        says="no space is left for the ledger; exits go by the reserve file",
        source="DOMAIN 8.2 row 12, RELIABILITY F28",
        cues=holds_until(9_000),
        acts=(fail_disk(4_000, name="disk_full", kind="full", files="ledger.db", seconds=30.0),),
        seconds=40.0,
        back=Back.BY_REARM,
        safe_ms_max=5_000,
        # The look at the machine forces the mode; that very record then fails to be written.
        expects=(
            Forces(Mode.REDUCE_ONLY, Reason.DISK_FULL),
            Raises(Reason.LEDGER_UNWRITABLE),
            Shuts(Reason.LEDGER_UNWRITABLE),
            OpensComeOff(),
            ExitGoes(),
        ),
    ),
    "disk-gone": Drill(
        says="neither the ledger nor its reserve can be written: the engine ends",
        source="RELIABILITY F33",
        cues=(*OPENS, take_back(5_000)),
        acts=(fail_disk(4_000, name="reserve_broken", kind="error", files="ledger", seconds=20.0),),
        seconds=60.0,
        back=Back.BY_PROOF,  # nothing could be recorded: the next start knows of no cause
        safe_ms_max=5_000,
        expects=(Forces(Mode.KILL, Reason.RESERVE_FAILED), OpensComeOff()),
    ),
    "barrier-stuck": Drill(
        says="a barrier takes longer than anybody waits",
        source="RELIABILITY F31",
        cues=holds_until(12_000),
        acts=(slow_barrier(4_000, barrier_s=6.0),),
        seconds=40.0,
        back=Back.BY_REARM,
        safe_ms_max=8_000,
        expects=(Forces(Mode.REDUCE_ONLY, Reason.LEDGER_UNWRITABLE), OpensComeOff()),
    ),
    "lock-lost": Drill(
        says="the lock file is deleted under an engine that rests",
        source="DOMAIN 8.2 row 15, C-202",
        cues=OPENS,
        acts=(steal_lock(4_000),),
        seconds=40.0,
        back=Back.BY_PROOF,  # nothing may be recorded: the next start knows of no cause
        safe_ms_max=2_000,
        # Who cannot know that he is alone sends nothing: the end of the line takes opens off.
        expects=(Forces(Mode.KILL, Reason.LEDGER_LOCK_LOST), OpensComeOff()),
    ),
    "lock-lost-busy": Drill(
        says="the lock file is deleted while the strategy takes an order back",
        source="DOMAIN 8.2 row 15, C-202",
        cues=(*OPENS, take_back(4_000)),
        acts=(steal_lock(3_900),),
        seconds=40.0,
        back=Back.BY_PROOF,
        safe_ms_max=1_000,
        expects=(
            Forces(Mode.KILL, Reason.LEDGER_LOCK_LOST),
            Never(Reason.LEDGER_UNWRITABLE),
            OpensComeOff(),
        ),
    ),
    "file-replaced": Drill(
        says="another file takes the ledger's place for a while",
        source="RELIABILITY F32",
        cues=(*OPENS, take_back(5_000)),
        acts=(replace_file(4_000, seconds=20.0),),
        seconds=40.0,
        back=Back.BY_REARM,
        safe_ms_max=10_000,
        expects=(Forces(Mode.REDUCE_ONLY, Reason.LEDGER_UNWRITABLE), OpensComeOff()),
    ),
    "ledger-corrupt": Drill(
        says="half of the ledger is lost while the engine is down; a copy is put back",
        source="DOMAIN 8.2 row 13, RELIABILITY F30",
        cues=OPENS,
        acts=(owner_downs(4_000), damage_ledger(3_900), mend_ledger(10_000)),
        seconds=40.0,
        back=Back.BY_PROOF,
        safe_ms_max=1_000,
        expects=(Keeps(), Shuts(Reason.STARTING), StartRefused("LEDGER_CORRUPT")),
    ),
}
