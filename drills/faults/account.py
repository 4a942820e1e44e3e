"""Drills of what somebody else, or the venue itself, does to orders and account."""

from decimal import Decimal
from typing import Final

from bot.domain.mode import Mode
from bot.domain.reason import Reason
from drills.faults.drill import Back, Drill
from drills.faults.expectation import (
    Books,
    ExitGoes,
    Forces,
    Keeps,
    OpensComeOff,
    Refuses,
    Shuts,
)
from drills.faults.owning import drain_account, fund_account
from drills.faults.wishes import HOLDS, OPENS, holds_until, take_back
from drills.world.points.script import Cue, rest

__all__ = ["ACCOUNT"]

ACCOUNT: Final = {
    "foreign-order": Drill(
        says="an order that is not ours rests in the account",
        source="DOMAIN 8.2 row 17, RELIABILITY F24",
        cues=holds_until(9_000),
        venue=((4_000, "foreign_order"),),
        seconds=640.0,
        tick_s=0.5,
        market_step_ms=1_000,
        back=Back.BY_PROOF,
        safe_ms_max=15_000,
        expects=(Keeps(), Shuts(Reason.FOREIGN_ORDER), Refuses(Reason.LATCH_SHUT), ExitGoes()),
    ),
    "foreign-trade": Drill(
        says="somebody else trades in the account: the position is not what we booked",
        source="DOMAIN 8.2 row 16, RELIABILITY F24",
        cues=OPENS,
        venue=((4_000, "foreign_trade"),),
        seconds=60.0,
        back=Back.BY_REARM,
        safe_ms_max=5_000,
        expects=(Forces(Mode.REDUCE_ONLY, Reason.FOREIGN_FILL), OpensComeOff()),
    ),
    "liquidated": Drill(
        says="the venue closes part of the position",
        source="RELIABILITY F23",
        cues=OPENS,
        venue=((4_000, "liquidation"),),
        seconds=40.0,
        back=Back.BY_REARM,
        safe_ms_max=5_000,
        expects=(Forces(Mode.KILL, Reason.LIQUIDATED), OpensComeOff()),
    ),
    "margin-use": Drill(
        says="initial margin ties up more of the account than the limit",
        source="DOMAIN 8.2 row 19",
        cues=holds_until(12_000),
        policy={"portfolio.initial_margin_use_max": Decimal("0.4")},
        acts=(drain_account(4_000, use="0.7", of="initial"),),
        seconds=40.0,
        back=Back.BY_REARM,
        safe_ms_max=5_000,
        expects=(Forces(Mode.REDUCE_ONLY, Reason.MARGIN_USE), OpensComeOff(), ExitGoes()),
    ),
    "margin-critical": Drill(
        says="maintenance margin comes near to what the venue liquidates at",
        source="DOMAIN 8.2 row 20",
        cues=OPENS,
        acts=(drain_account(4_000, use="0.85", of="maintenance"), fund_account(30_000)),
        seconds=40.0,
        back=Back.BY_REARM,
        safe_ms_max=5_000,
        expects=(Forces(Mode.KILL, Reason.MARGIN_CRITICAL), OpensComeOff()),
    ),
    "late-accept": Drill(
        says="the venue takes an order after its valid_until, and fills it",
        source="DOMAIN 8.2 row 21, RELIABILITY F17",
        cues=HOLDS,
        venue=((1_400, "ignores_valid_until"),),
        market_step_ms=4_500,  # it lies until the exchange looks: well over a second late
        seconds=60.0,
        back=Back.BY_REARM,
        safe_ms_max=10_000,
        expects=(Forces(Mode.KILL, Reason.LATE_FILL), Books(1)),
    ),
    "fill-after-cancel": Drill(
        says="an order trades after its cancel was confirmed",
        source="DOMAIN 8.2 row 21, RELIABILITY F13",
        cues=(*HOLDS, Cue(2_000, rest), take_back(4_000)),
        venue=((3_500, "fill_after_cancel"),),
        seconds=60.0,
        back=Back.BY_REARM,
        safe_ms_max=10_000,
        expects=(Forces(Mode.KILL, Reason.LATE_FILL),),
    ),
    "doubled": Drill(
        says="the venue makes two orders of one",
        source="RELIABILITY F26",
        cues=OPENS,
        venue=((1_900, "order_doubled"),),
        seconds=60.0,
        back=Back.BY_REARM,
        safe_ms_max=5_000,
        expects=(Forces(Mode.KILL, Reason.ORDER_DOUBLED), OpensComeOff()),
    ),
    "clamped": Drill(
        says="the venue moves an order's price",
        source="RELIABILITY F23",
        cues=OPENS,
        venue=((1_900, "price_clamped"),),
        seconds=60.0,
        back=Back.BY_REARM,
        safe_ms_max=5_000,
        expects=(Forces(Mode.REDUCE_ONLY, Reason.ORDER_CHANGED), OpensComeOff()),
    ),
}
