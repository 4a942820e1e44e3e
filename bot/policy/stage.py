"""Caps that a stage of the rollout puts on the limits [C-003]."""

from decimal import Decimal
from enum import Enum
from typing import Annotated, Final

import msgspec

from bot.policy.term import Riskier, Term

__all__ = ["CAPPED", "Stage", "StageCaps", "Stages"]


class Stage(Enum):
    """How far the engine has been let [C-902]. DEV and STAGING run as paper."""

    PAPER = "paper"
    MICRO_LIVE = "micro_live"
    FULL = "full"


class StageCaps(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How wide the limits may be set in one stage; a wider limit is refused, never cut."""

    order_amount_max: Annotated[
        Decimal,
        Term(
            "coin",
            Riskier.HIGHER,
            "The widest per_order.amount_max of this stage.",
        ),
    ]
    order_notional_usd_max: Annotated[
        Decimal,
        Term(
            "USD",
            Riskier.HIGHER,
            "The widest per_order.notional_usd_max of this stage.",
        ),
    ]
    delta_max: Annotated[
        Decimal,
        Term(
            "coin, per currency",
            Riskier.HIGHER,
            "The widest portfolio.delta_max of this stage.",
        ),
    ]
    gamma_max: Annotated[
        Decimal,
        Term(
            "coin per 1 % move, per currency",
            Riskier.HIGHER,
            "The widest portfolio.gamma_max of this stage.",
        ),
    ]
    vega_usd_max: Annotated[
        Decimal,
        Term(
            "USD per vol point, per currency",
            Riskier.HIGHER,
            "The widest portfolio.vega_usd_max of this stage.",
        ),
    ]
    total_delta_usd_max: Annotated[
        Decimal,
        Term(
            "USD",
            Riskier.HIGHER,
            "The widest portfolio.total_delta_usd_max of this stage.",
        ),
    ]
    total_gamma_usd_max: Annotated[
        Decimal,
        Term(
            "USD per 1 % move",
            Riskier.HIGHER,
            "The widest portfolio.total_gamma_usd_max of this stage.",
        ),
    ]
    total_vega_usd_max: Annotated[
        Decimal,
        Term(
            "USD per vol point",
            Riskier.HIGHER,
            "The widest portfolio.total_vega_usd_max of this stage.",
        ),
    ]
    short_per_expiry_max: Annotated[
        Decimal,
        Term(
            "coin, per currency and expiry",
            Riskier.HIGHER,
            "The widest portfolio.short_per_expiry_max of this stage.",
        ),
    ]
    gross_options_max: Annotated[
        Decimal,
        Term(
            "coin, per currency",
            Riskier.HIGHER,
            "The widest portfolio.gross_options_max of this stage.",
        ),
    ]
    initial_margin_use_max: Annotated[
        Decimal,
        Term(
            "of margin balance",
            Riskier.HIGHER,
            "The widest portfolio.initial_margin_use_max of this stage.",
            high=Decimal("1"),
        ),
    ]
    maintenance_margin_use_max: Annotated[
        Decimal,
        Term(
            "of margin balance",
            Riskier.HIGHER,
            "The widest portfolio.maintenance_margin_use_max of this stage.",
            high=Decimal("1"),
        ),
    ]
    day_loss_max: Annotated[
        Decimal,
        Term(
            "of equity at the day's start",
            Riskier.HIGHER,
            "The widest per_day.loss_max of this stage.",
            high=Decimal("1"),
        ),
    ]
    drawdown_max: Annotated[
        Decimal,
        Term(
            "of the highest equity",
            Riskier.HIGHER,
            "The widest per_day.drawdown_max of this stage.",
            high=Decimal("1"),
        ),
    ]
    opens_per_day_max: Annotated[
        int,
        Term(
            "orders",
            Riskier.HIGHER,
            "The widest per_day.opens_max of this stage.",
        ),
    ]


class Stages(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The caps of every stage. micro_live may nowhere be wider than full."""

    paper: StageCaps
    micro_live: StageCaps
    full: StageCaps


# Cap of a stage → the limit that may not be wider: (block, field).
CAPPED: Final = {
    "order_amount_max": ("per_order", "amount_max"),
    "order_notional_usd_max": ("per_order", "notional_usd_max"),
    "delta_max": ("portfolio", "delta_max"),
    "gamma_max": ("portfolio", "gamma_max"),
    "vega_usd_max": ("portfolio", "vega_usd_max"),
    "total_delta_usd_max": ("portfolio", "total_delta_usd_max"),
    "total_gamma_usd_max": ("portfolio", "total_gamma_usd_max"),
    "total_vega_usd_max": ("portfolio", "total_vega_usd_max"),
    "short_per_expiry_max": ("portfolio", "short_per_expiry_max"),
    "gross_options_max": ("portfolio", "gross_options_max"),
    "initial_margin_use_max": ("portfolio", "initial_margin_use_max"),
    "maintenance_margin_use_max": ("portfolio", "maintenance_margin_use_max"),
    "day_loss_max": ("per_day", "loss_max"),
    "drawdown_max": ("per_day", "drawdown_max"),
    "opens_per_day_max": ("per_day", "opens_max"),
}
