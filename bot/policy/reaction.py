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
    on_kill: Annotated[
        OnKill,
        Term(
            "flatten, hedge or hold",
            Riskier.LATER,
            "Under KILL, flatten closes positions, hedge keeps delta at 0, hold leaves them alone.",
        ),
    ]
