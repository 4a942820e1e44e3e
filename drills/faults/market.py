"""Drills of books, prices and the clock."""

from decimal import Decimal
from typing import Final

from bot.domain.mode import Mode
from bot.domain.reason import Reason
from drills.faults.drill import Back, Drill
from drills.faults.expectation import Books, ExitGoes, Forces, Keeps, OpensComeOff, Refuses, Shuts
from drills.faults.owning import fund_account
from drills.faults.timing import back_s, mark, step_venue_clock, suspend
from drills.faults.wishes import HOLDS, OPENS, holds_until, rush, take_back
from drills.world.points.script import Cue, again, cross

__all__ = ["MARKET"]


def _again_and_again(name: str, *, since_ms: int, until_ms: int) -> tuple[tuple[int, str], ...]:
    """A span of the catalogue is drawn; struck every few seconds it stands for as long as said."""
    return tuple((at_ms, name) for at_ms in range(since_ms, until_ms, 5_000))


MARKET: Final = {
    "book-gap": Drill(
        says="a change of the book is missing, and the news of a fill come late",
        source="DOMAIN 8.2 row 4, RELIABILITY F12, F44",
        cues=OPENS,
        venue=((1_400, "fill_late"), (4_000, "book_gap")),
        seconds=80.0,
        back=Back.UNTOUCHED,
        safe_ms_max=None,
        expects=(Keeps(), Books(1)),
    ),
    "book-stuck": Drill(
        says="the book of what is traded falls silent",
        source="DOMAIN 8.2 row 9, RELIABILITY F45",
        cues=(*OPENS, take_back(9_000)),
        venue=_again_and_again("book_stuck", since_ms=3_000, until_ms=20_000),
        policy={"execution.book_perpetual_ms_max": 2_000},
        seconds=100.0,
        back=Back.UNTOUCHED,
        safe_ms_max=None,
        expects=(Keeps(), Refuses(Reason.BOOK_STALE)),
    ),
    "prices-stale": Drill(
        says="the index falls silent for longer than half a minute, and comes back",
        source="DOMAIN 8.2 row 9",
        cues=holds_until(45_000),
        venue=_again_and_again("index_silent", since_ms=4_000, until_ms=35_000),
        seconds=110.0,
        back=Back.BY_PROOF,
        safe_ms_max=40_000,
        expects=(Keeps(), Shuts(Reason.DATA_STALE)),
    ),
    "prices-gone": Drill(
        says="the index falls silent, and stays so for minutes",
        source="DOMAIN 8.2 row 9, C-302",
        cues=holds_until(60_000),
        venue=_again_and_again("index_silent", since_ms=4_000, until_ms=140_000),
        seconds=220.0,
        tick_s=0.5,
        back=Back.BY_REARM,
        safe_ms_max=40_000,
        expects=(
            Shuts(Reason.DATA_STALE),
            Forces(Mode.REDUCE_ONLY, Reason.LATCH_OVERDUE),
            OpensComeOff(),
            ExitGoes(),
        ),
    ),
    "clock-offset": Drill(
        says="the venue's clock is two seconds away from ours for a while",
        source="DOMAIN 8.2 row 10, RELIABILITY F42",
        cues=OPENS,
        acts=(step_venue_clock(4_000, step_ms=2_000, seconds=30.0),),
        seconds=back_s(Reason.CLOCK_OFFSET, gone_s=40.0),
        back=Back.BY_PROOF,
        safe_ms_max=15_000,
        expects=(Keeps(), Shuts(Reason.CLOCK_OFFSET), OpensComeOff()),
    ),
    "suspended": Drill(
        says="the machine sleeps for ten minutes with an open resting",
        source="RELIABILITY F36, F41",
        cues=OPENS,
        acts=(suspend(4_000, seconds=600.0),),
        seconds=90.0,
        back=Back.BY_REARM,  # a machine's time is read at a start, so that it takes a start as well
        safe_ms_max=15_000,
        expects=(
            Shuts(Reason.CLOCK_OFFSET),
            Forces(Mode.REDUCE_ONLY, Reason.LATCH_OVERDUE),
            OpensComeOff(),
        ),
    ),
    "runaway": Drill(
        says="a strategy wants 48 opens a second",
        source="DOMAIN 8.2 row 22",
        cues=(*HOLDS, Cue(4_000, rush)),
        acts=(mark(4_000, "runaway"),),
        policy={
            "rates.orders_per_second_max": 5,
            "rates.orders_per_minute_max": 60,
            "rates.replacements_per_minute_max": 20,
        },
        seconds=20.0,
        back=Back.UNTOUCHED,
        safe_ms_max=None,
        expects=(Keeps(), Refuses(Reason.CHURN), Refuses(Reason.ORDER_RATE)),
    ),
    "day-loss": Drill(
        says="the day's loss comes to its limit",
        source="DOMAIN 8.2 row 18",
        cues=(Cue(1_500, again), Cue(4_000, cross)),
        acts=(mark(4_000, "loss"), fund_account(30_000)),
        policy={"per_day.loss_max": Decimal("0.000000001")},
        seconds=40.0,
        back=Back.BY_REARM,
        safe_ms_max=2_000,
        expects=(Forces(Mode.KILL, Reason.LOSS_DAY), OpensComeOff()),
    ),
}
