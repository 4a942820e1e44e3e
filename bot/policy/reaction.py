"""What is done about delta, doubt and KILL."""

from decimal import Decimal
from enum import Enum
from typing import Annotated

import msgspec

from bot.domain.ids import InstrumentName
from bot.domain.reason import Reason
from bot.policy.term import Riskier, Term

__all__ = ["Guard", "Hedge", "HedgeBasis", "OnKill"]


class HedgeBasis(Enum):
    """What a hedge keeps still (DOMAIN §2.2): the number of coins, or their worth in USD."""

    COIN = "coin"
    USD = "usd"


class OnKill(Enum):
    """What happens to positions under KILL; each further one leaves more risk on."""

    FLATTEN = "flatten"
    HEDGE = "hedge"
    HOLD = "hold"


class Hedge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How delta is measured and hedged. All of the exposure code uses the same basis."""

    basis: Annotated[
        HedgeBasis,
        Term(
            "coin or usd",
            Riskier.ANY,
            "coin keeps the number of coins still, usd their worth.",
        ),
    ]
    instruments: Annotated[
        tuple[InstrumentName, ...],
        Term(
            "names",
            Riskier.MORE,
            "What delta is hedged with; anything else is an open.",
        ),
    ]
    band_ratio: Annotated[
        Decimal,
        Term(
            "coin of delta per coin of short options",
            Riskier.HIGHER,
            "Delta may stray by this before a hedge, and a hedge must end within it.",
            high=Decimal("1"),
        ),
    ]


class Guard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a doubt may last, and what KILL does once every open is cancelled [C-304]."""

    latch_deadline_s: Annotated[
        int,
        Term(
            "s",
            Riskier.HIGHER,
            "Opens shut for longer than this: the resting ones are cancelled.",
            Reason.LATCH_SHUT,
            high=Decimal("600"),
        ),
    ]
    latch_losses_max: Annotated[
        int,
        Term(
            "times",
            Riskier.HIGHER,
            "A proof that opens need may be lost this often within the window below.",
            Reason.LATCH_FLAPPING,
            high=Decimal("1000"),
        ),
    ]
    latch_losses_window_s_min: Annotated[
        int,
        Term(
            "s",
            Riskier.LOWER,
            "Losses of a proof count for this long; one too many forces REDUCE ONLY.",
            Reason.LATCH_FLAPPING,
            high=Decimal("86400"),
        ),
    ]
    unknown_deadline_s: Annotated[
        int,
        Term(
            "s",
            Riskier.HIGHER,
            "An order whose fate is unknown for longer than this shuts opens.",
            Reason.UNKNOWN_ORDER,
            high=Decimal("600"),
        ),
    ]
    rearm_age_s_max: Annotated[
        int,
        Term(
            "s",
            Riskier.HIGHER,
            "A rearm that was decided on a status older than this is refused.",
            Reason.REARM_EXPIRED,
            high=Decimal("3600"),
        ),
    ]
    hedge_spread_bp_max: Annotated[
        Decimal,
        Term(
            "bp of the middle price",
            Riskier.HIGHER,
            "Nothing is opened while the hedge's spread is wider than this,",
            Reason.HEDGE_MARKET,
            high=Decimal("1000"),
        ),
    ]
    hedge_depth_usd_min: Annotated[
        Decimal,
        Term(
            "USD in the book, of the thinner side",
            Riskier.LOWER,
            "its book shows less than this,",
            Reason.HEDGE_MARKET,
        ),
    ]
    hedge_basis_ratio_max: Annotated[
        Decimal,
        Term(
            "of the index",
            Riskier.HIGHER,
            "or its fair value is further from the index than this.",
            Reason.HEDGE_MARKET,
            high=Decimal("1"),
        ),
    ]
    vol_shock_ratio_max: Annotated[
        Decimal,
        Term(
            "of the lowest price of 5 minutes",
            Riskier.HIGHER,
            "A coin that moves further than this within 5 minutes shuts opens until it is calm.",
            Reason.VOL_SHOCK,
            high=Decimal("1"),
        ),
    ]
    disk_low_mb_min: Annotated[
        int,
        Term(
            "MB free",
            Riskier.LOWER,
            "With less room on the home's disk nothing is opened,",
            Reason.DISK_LOW,
            high=Decimal("1000000"),
        ),
    ]
    disk_full_mb_min: Annotated[
        int,
        Term(
            "MB free",
            Riskier.LOWER,
            "and with less than this it is REDUCE ONLY.",
            Reason.DISK_FULL,
            high=Decimal("1000000"),
        ),
    ]
    on_kill: Annotated[
        OnKill,
        Term(
            "flatten, hedge or hold",
            Riskier.LATER,
            "Under KILL, flatten closes positions, hedge keeps delta at 0, hold leaves them alone.",
        ),
    ]
