"""Drills of the line, and of the venue's door."""

from typing import Final

from bot.core.life import Phase
from bot.domain.mode import Mode
from bot.domain.reason import Reason
from drills.faults.drill import Back, Drill
from drills.faults.expectation import (
    Books,
    ExitGoes,
    Forces,
    Keeps,
    OpensComeOff,
    Reaches,
    Refuses,
    Sends,
    Shuts,
)
from drills.faults.timing import back_s
from drills.faults.wishes import OPENS, holds_until, take_back

__all__ = ["LINE"]

LINE: Final = {
    "answer-lost": Drill(
        says="the line breaks right after an order was taken; its answer is lost",
        source="DOMAIN 8.2 row 1, RELIABILITY F10",
        cues=OPENS,
        venue=((1_900, "reply_lost"),),
        seconds=20.0,
        back=Back.BY_PROOF,
        safe_ms_max=1_000,
        expects=(
            Keeps(),
            Shuts(Reason.RECONNECTING),
            OpensComeOff(),
            Books(1),
        ),
    ),
    "request-cut": Drill(
        says="the line breaks in the middle of an order, which never arrives",
        source="DOMAIN 8.2 row 1, RELIABILITY F02",
        cues=OPENS,
        venue=((1_900, "request_cut"),),
        seconds=20.0,
        back=Back.BY_PROOF,
        safe_ms_max=1_000,
        expects=(
            Keeps(),
            Shuts(Reason.RECONNECTING),
            Reaches(Phase.UNKNOWN, 1),
            Reaches(Phase.ABSENT, 1),
        ),
    ),
    "answer-never": Drill(
        says="an order is taken on a line that has fallen silent: in doubt, then found",
        source="DOMAIN 8.2 row 2, RELIABILITY F10",
        cues=OPENS,
        venue=((1_900, "half_open"),),
        seconds=60.0,
        back=Back.BY_PROOF,
        safe_ms_max=25_000,
        expects=(
            Keeps(),
            Shuts(Reason.UNKNOWN_ORDER),
            Shuts(Reason.RECONNECTING),
            Reaches(Phase.UNKNOWN, 1),
            Reaches(Phase.ABSENT, 0),
        ),
    ),
    "silence": Drill(
        says="nothing comes any more, and nobody closes the line",
        source="DOMAIN 8.2 row 2, RELIABILITY F03",
        cues=OPENS,
        venue=((3_000, "half_open"),),
        seconds=60.0,
        back=Back.BY_PROOF,
        safe_ms_max=25_000,
        expects=(Keeps(), Shuts(Reason.RECONNECTING), OpensComeOff()),
    ),
    "rate-refused": Drill(
        says="three orders in a row are one request too many; the venue closes the line each time",
        source="DOMAIN 8.2 row 3, RELIABILITY F15",
        cues=(*OPENS, take_back(8_500)),
        venue=((1_900, "rate_refused"), (3_000, "rate_refused"), (8_000, "rate_refused")),
        # Ten seconds after the first of them they are no longer three within ten.
        seconds=back_s(Reason.RATE_LIMITED, gone_s=13.0),
        back=Back.BY_PROOF,
        safe_ms_max=1_000,
        expects=(Keeps(), Shuts(Reason.RECONNECTING), Shuts(Reason.RATE_LIMITED)),
    ),
    "login-lost": Drill(
        says="the venue forgets the login while an open rests",
        source="RELIABILITY F16",
        cues=OPENS,
        venue=((3_000, "login_lost"),),
        seconds=40.0,
        back=Back.BY_PROOF,
        safe_ms_max=15_000,
        expects=(Keeps(), Shuts(Reason.RECONNECTING)),
    ),
    "answer-garbled": Drill(
        says="an order is taken, and its answer cannot be read: that is no refusal",
        source="RELIABILITY F11",
        cues=OPENS,
        venue=((1_900, "reply_undecodable"),),
        seconds=40.0,
        back=Back.UNTOUCHED,
        safe_ms_max=None,
        expects=(Keeps(), Reaches(Phase.REJECTED, 0), Sends(2)),
    ),
    "maintenance": Drill(
        says="maintenance: the line is cut, everything is refused for a while",
        source="DOMAIN 8.2 row 11, RELIABILITY F22",
        cues=OPENS,
        venue=((4_000, "maintenance"),),
        seconds=260.0,
        tick_s=0.5,
        back=Back.BY_REARM,
        safe_ms_max=1_000,
        # It is known for what it is, and has no deadline; the line that is down for it has one.
        expects=(
            Shuts(Reason.VENUE_MAINTENANCE),
            Shuts(Reason.RECONNECTING),
            Forces(Mode.REDUCE_ONLY, Reason.LATCH_OVERDUE),
        ),
    ),
    "locked": Drill(
        says="the platform is locked: cancels only",
        source="DOMAIN 8.2 row 11, RELIABILITY F22",
        cues=OPENS,
        venue=((4_000, "locked"),),
        seconds=260.0,
        tick_s=0.5,
        back=Back.BY_PROOF,
        safe_ms_max=1_000,
        expects=(Keeps(), Shuts(Reason.VENUE_LOCKED), OpensComeOff(), Refuses(Reason.LATCH_SHUT)),
    ),
    "line-and-exit": Drill(
        says="an order is lost with the line, and the position is left while opens are shut",
        source="DOMAIN 8.2 row 1, C-309",
        cues=holds_until(2_300),
        venue=((1_900, "reply_lost"),),
        seconds=20.0,
        back=Back.BY_PROOF,
        safe_ms_max=1_000,
        expects=(Keeps(), Shuts(Reason.RECONNECTING), ExitGoes(), Books(2)),
    ),
}
