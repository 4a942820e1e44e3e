"""What may be traded at all."""

from decimal import Decimal
from typing import Annotated

import msgspec

from bot.domain.ids import Currency, StrategyName
from bot.domain.instrument import Kind
from bot.domain.reason import Reason
from bot.policy.term import Riskier, Term

__all__ = ["Allowed"]


class Allowed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Opens outside of this are refused; exits never are [C-309]."""

    venues: Annotated[
        tuple[str, ...],
        Term(
            "names",
            Riskier.MORE,
            "Venues that orders may go to.",
            Reason.INSTRUMENT_NOT_ALLOWED,
        ),
    ]
    kinds: Annotated[
        tuple[Kind, ...],
        Term(
            "option, future, perpetual",
            Riskier.MORE,
            "Kinds of instrument that may be opened.",
            Reason.INSTRUMENT_NOT_ALLOWED,
        ),
    ]
    currencies: Annotated[
        tuple[Currency, ...],
        Term(
            "settlement currencies",
            Riskier.MORE,
            "Currencies that what we open may settle in.",
            Reason.INSTRUMENT_NOT_ALLOWED,
        ),
    ]
    underlyings: Annotated[
        tuple[Currency, ...],
        Term(
            "coins",
            Riskier.MORE,
            "Coins that what we open may depend on.",
            Reason.INSTRUMENT_NOT_ALLOWED,
        ),
    ]
    strategies: Annotated[
        tuple[StrategyName, ...],
        Term(
            "names",
            Riskier.MORE,
            "Strategies that may open positions.",
            Reason.STRATEGY_NOT_ALLOWED,
        ),
    ]
    expiry_minutes_min: Annotated[
        int,
        Term(
            "minutes to expiry",
            Riskier.LOWER,
            "Nothing is opened nearer to its expiry than this.",
            Reason.NO_TRADE_WINDOW,
        ),
    ]
    expiry_days_max: Annotated[
        int,
        Term(
            "days to expiry",
            Riskier.HIGHER,
            "Nothing is opened that expires later than this.",
            Reason.INSTRUMENT_NOT_ALLOWED,
            high=Decimal(1_000),
        ),
    ]
