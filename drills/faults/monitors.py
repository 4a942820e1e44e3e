"""Drills of the monitors: what shuts opens by proof, lasts or flaps, and checks that fail."""

from typing import Final

from bot.domain.mode import Mode
from bot.domain.reason import Reason
from drills.faults.drill import Back, Drill
from drills.faults.expectation import (
    ExitGoes,
    Forces,
    Keeps,
    Never,
    OpensComeOff,
    Refuses,
    Shuts,
)
from drills.faults.spoiling import edit_policy, garble_figures, move_index, revoke_key
from drills.faults.timing import back_s
from drills.faults.wishes import OPENS, holds_until, take_back

__all__ = ["MONITORS"]

_LOOK_S: Final = 6.0  # the machine is looked at every 5 s, and told of each second

MONITORS: Final = {
    "silence-noticed": Drill(
        says="nothing comes any more on a line that is up: opens shut long before it is given up",
        source="DOMAIN 8.2 row 2, RELIABILITY F03",
        cues=OPENS,
        venue=((3_000, "half_open"),),
        policy={"execution.silence_ms_max": 3_000},
        seconds=60.0,
        back=Back.BY_PROOF,
        safe_ms_max=5_000,
        expects=(Keeps(), Shuts(Reason.VENUE_SILENT), Shuts(Reason.RECONNECTING), OpensComeOff()),
    ),
    "check-raises-once": Drill(
        says="a check that opens need has a bug, and works again at the next look",
        source="DOMAIN 8.2 row 25, RELIABILITY F47",
        cues=OPENS,
        acts=(garble_figures(4_000, field="policy_hash", seconds=5.0),),
        seconds=back_s(Reason.MONITOR_FAILED, gone_s=9.0 + _LOOK_S),
        back=Back.BY_PROOF,
        safe_ms_max=2_000,
        expects=(Keeps(), Shuts(Reason.MONITOR_FAILED), Never(Reason.KILL_CHECK_FAILED)),
    ),
    "check-raises": Drill(
        says="a check that opens need has a bug, and goes on having it",
        source="DOMAIN 8.2 row 25, C-302, RELIABILITY F47",
        cues=holds_until(20_000),
        acts=(garble_figures(4_000, field="policy_hash", seconds=30.0),),
        seconds=50.0,
        back=Back.BY_REARM,
        safe_ms_max=12_000,  # opens are shut at once; what rests comes off with the mode
        expects=(
            Shuts(Reason.MONITOR_FAILED),
            Forces(Mode.REDUCE_ONLY, Reason.LATCH_OVERDUE),
            Never(Reason.KILL_CHECK_FAILED),
            OpensComeOff(),
            ExitGoes(),
        ),
    ),
    "kill-check-raises": Drill(
        says="a check that guards against ruin has a bug",
        source="C-606, RELIABILITY F47",
        cues=OPENS,
        acts=(garble_figures(4_000, field="bytes_free", seconds=20.0),),
        is_sound=False,
        seconds=40.0,
        back=Back.BY_REARM,
        safe_ms_max=2_000,
        expects=(Forces(Mode.KILL, Reason.KILL_CHECK_FAILED), OpensComeOff()),
    ),
    "policy-edited": Drill(
        says="the policy file is edited under the running engine, and put back",
        source="C-003, RELIABILITY F53",
        cues=holds_until(15_000),
        acts=(edit_policy(4_000, seconds=20.0),),
        seconds=back_s(Reason.POLICY_CHANGED, gone_s=24.0 + _LOOK_S),
        back=Back.BY_PROOF,
        safe_ms_max=2_000,
        expects=(Keeps(), Shuts(Reason.POLICY_CHANGED), Refuses(Reason.LATCH_SHUT), ExitGoes()),
    ),
    "index-jump": Drill(
        says="the index jumps by 6 % in a moment",
        source="DOMAIN 8.2 row 27",
        cues=holds_until(20_000),
        acts=(move_index(4_000, share=0.06),),
        seconds=back_s(Reason.INDEX_JUMP, gone_s=16.0),  # for ten seconds it was lately
        back=Back.BY_PROOF,
        safe_ms_max=2_000,
        expects=(Keeps(), Shuts(Reason.INDEX_JUMP), Refuses(Reason.LATCH_SHUT), ExitGoes()),
    ),
    "mark-stuck": Drill(
        says="the venue's fair value stands still, and the index leaves it behind",
        source="DOMAIN 8.1 stuck_mark, RELIABILITY F45",
        cues=holds_until(15_000),
        venue=((4_000, "mark_stuck"),),
        acts=(move_index(6_000, share=0.005),),
        seconds=back_s(Reason.MARK_STALE, gone_s=66.0),  # it is stuck for a minute at most
        back=Back.BY_PROOF,
        safe_ms_max=8_000,
        expects=(Keeps(), Shuts(Reason.MARK_STALE), Never(Reason.INDEX_JUMP)),
    ),
    "hedge-halted": Drill(
        says="the instrument that hedges is halted",
        source="DOMAIN 8.1 liq_cascade, RELIABILITY F50",
        cues=OPENS,
        venue=((4_000, "halted"),),
        seconds=back_s(Reason.HEDGE_MARKET, gone_s=190.0),  # it is halted for 3 min at most
        tick_s=0.5,
        back=Back.BY_PROOF,
        safe_ms_max=2_000,
        expects=(Keeps(), Shuts(Reason.HEDGE_MARKET), Refuses(Reason.LATCH_SHUT)),
    ),
    "flapping": Drill(
        says="the line breaks again and again, each time for a moment",
        source="RELIABILITY F47, C-302",
        cues=(*OPENS, take_back(30_000)),
        venue=((4_000, "reset"), (14_000, "reset"), (24_000, "reset"), (34_000, "reset")),
        policy={"guard.latch_losses_max": 3},
        seconds=60.0,
        back=Back.BY_REARM,
        safe_ms_max=1_000,
        expects=(Shuts(Reason.RECONNECTING), Forces(Mode.REDUCE_ONLY, Reason.LATCH_FLAPPING)),
    ),
    "key-revoked": Drill(
        says="the key is revoked at the venue: the engine is blind and has no hands",
        source="DOMAIN 8.2 row 28",
        cues=OPENS,
        acts=(revoke_key(4_000, seconds=240.0),),
        seconds=400.0,
        tick_s=0.5,
        back=Back.BY_REARM,
        safe_ms_max=1_000,
        expects=(Forces(Mode.KILL, Reason.AUTH_LOST), OpensComeOff()),
    ),
}
