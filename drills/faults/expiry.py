"""Drills over 08:00 UTC, when the venue delivers: with the engine up, and with it down."""

from typing import Final

from bot.domain.reason import Reason
from drills.faults.drill import Back, Drill
from drills.faults.expectation import Delivers, Keeps, OpensComeOff, Shuts
from drills.faults.killing import kill
from drills.faults.timing import mark
from drills.faults.wishes import EXPIRES

__all__ = ["EXPIRY"]

_SHUT_MS: Final = 55 * 60_000  # 07:55 UTC: the world begins at 07:00

EXPIRY: Final = {
    "delivery": Drill(
        says="an option expires at 08:00 UTC with a hedge beside it and an open resting",
        source="DOMAIN 8.2 row 29, C-510",
        cues=(),
        strategy=EXPIRES,
        acts=(mark(_SHUT_MS, "settlement"),),
        policy={"allowed.expiry_minutes_min": 1},
        seconds=4_200.0,
        tick_s=5.0,
        market_step_ms=5_000,
        back=Back.BY_PROOF,
        safe_ms_max=6_000,
        expects=(Keeps(), Shuts(Reason.EXPIRY_WINDOW), OpensComeOff(), Delivers(1)),
    ),
    "delivery-unseen": Drill(
        says="the same, and the engine is down from 07:50 to 08:10 UTC",
        source="DOMAIN 8.2 row 29, C-510",
        cues=(),
        strategy=EXPIRES,
        acts=(kill(_SHUT_MS - 300_000, away_s=1_200.0),),
        policy={"allowed.expiry_minutes_min": 1},
        seconds=4_800.0,
        tick_s=5.0,
        market_step_ms=5_000,
        back=Back.BY_PROOF,
        safe_ms_max=1_000,
        expects=(Keeps(), Shuts(Reason.STARTING), Delivers(1)),
    ),
}
