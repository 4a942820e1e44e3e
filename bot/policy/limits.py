"""Limits of exposure, loss and pace (DOMAIN §5.1). A breach refuses opens, never exits."""

from decimal import Decimal
from typing import Annotated

import msgspec

from bot.domain.reason import Reason
from bot.policy.term import Riskier, Term

__all__ = ["PerDay", "PerOrder", "Portfolio", "Rates"]


class PerOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits of one order; the first two are cut to, the others refuse."""

    amount_max: Annotated[
        Decimal,
        Term(
            "coin",
            Riskier.HIGHER,
            "The largest single option order.",
            Reason.SIZE_ORDER,
        ),
    ]
    notional_usd_max: Annotated[
        Decimal,
        Term(
            "USD",
            Riskier.HIGHER,
            "The largest single order by what it moves: amount times index.",
            Reason.NOTIONAL_ORDER,
        ),
    ]
    mark_distance_ticks_max: Annotated[
        Decimal,
        Term(
            "ticks",
            Riskier.HIGHER,
            "A price may be this far from the venue's fair value, or as far as the ratio allows.",
            Reason.MARK_DISTANCE,
        ),
    ]
    mark_distance_ratio_max: Annotated[
        Decimal,
        Term(
            "of the mark price",
            Riskier.HIGHER,
            "The same as a part of the fair value; the wider of the two counts.",
            Reason.MARK_DISTANCE,
            high=Decimal("1"),
        ),
    ]
    premium_min: Annotated[
        Decimal,
        Term(
            "coin per coin",
            Riskier.LOWER,
            "An option that brings less than this is not sold: fee and one tick eat it.",
            Reason.PREMIUM_SMALL,
            high=Decimal("1"),
        ),
    ]


class Portfolio(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits of what is held, pending orders counted as filled against us [C-108].

    Those in coin hold for each currency by itself, the `total` ones over all of them at the index.
    """

    delta_max: Annotated[
        Decimal,
        Term(
            "coin, per currency",
            Riskier.HIGHER,
            "How far the account may lean on the coin's price, long or short.",
            Reason.DELTA_LIMIT,
        ),
    ]
    gamma_max: Annotated[
        Decimal,
        Term(
            "coin per 1 % move, per currency",
            Riskier.HIGHER,
            "How fast delta may change with the price.",
            Reason.GAMMA_LIMIT,
        ),
    ]
    vega_usd_max: Annotated[
        Decimal,
        Term(
            "USD per vol point, per currency",
            Riskier.HIGHER,
            "What one point of volatility may win or lose.",
            Reason.VEGA_LIMIT,
        ),
    ]
    total_delta_usd_max: Annotated[
        Decimal,
        Term(
            "USD",
            Riskier.HIGHER,
            "The sum of all currencies' delta, each at its index.",
            Reason.DELTA_LIMIT,
        ),
    ]
    total_gamma_usd_max: Annotated[
        Decimal,
        Term(
            "USD per 1 % move",
            Riskier.HIGHER,
            "The sum of all currencies' gamma, each at its index.",
            Reason.GAMMA_LIMIT,
        ),
    ]
    total_vega_usd_max: Annotated[
        Decimal,
        Term(
            "USD per vol point",
            Riskier.HIGHER,
            "The sum of all currencies' vega.",
            Reason.VEGA_LIMIT,
        ),
    ]
    short_per_expiry_max: Annotated[
        Decimal,
        Term(
            "coin, per currency and expiry",
            Riskier.HIGHER,
            "Options of one expiry that may be short.",
            Reason.SHORT_OPTIONS_EXPIRY,
        ),
    ]
    gross_options_max: Annotated[
        Decimal,
        Term(
            "coin, per currency",
            Riskier.HIGHER,
            "Options that may be held in all, long and short added.",
            Reason.GROSS_OPTIONS,
        ),
    ]
    initial_margin_use_max: Annotated[
        Decimal,
        Term(
            "of margin balance",
            Riskier.HIGHER,
            "Initial margin after an open may tie up this much of the account.",
            Reason.MARGIN_WHAT_IF,
            high=Decimal("1"),
        ),
    ]
    maintenance_margin_use_max: Annotated[
        Decimal,
        Term(
            "of margin balance",
            Riskier.HIGHER,
            "Maintenance margin after an open may tie up this much of the account.",
            Reason.MARGIN_WHAT_IF,
            high=Decimal("1"),
        ),
    ]


class PerDay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits of a trading day, which begins at 08:00 UTC."""

    loss_max: Annotated[
        Decimal,
        Term(
            "of equity at the day's start",
            Riskier.HIGHER,
            "A day that loses this much ends in KILL.",
            Reason.LOSS_DAY,
            high=Decimal("1"),
        ),
    ]
    drawdown_max: Annotated[
        Decimal,
        Term(
            "of the highest equity",
            Riskier.HIGHER,
            "A fall of this much from the best equity ends in KILL.",
            Reason.DRAWDOWN,
            high=Decimal("1"),
        ),
    ]
    fees_max: Annotated[
        Decimal,
        Term(
            "of equity at the day's start",
            Riskier.HIGHER,
            "Fees of a day; beyond it nothing is opened.",
            Reason.FEES_DAY,
            high=Decimal("1"),
        ),
    ]
    opens_max: Annotated[
        int,
        Term(
            "orders",
            Riskier.HIGHER,
            "Orders of a day that may open.",
            Reason.OPENS_DAY,
        ),
    ]


class Rates(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often orders may be sent. Exits are counted, and never stopped."""

    orders_per_second_max: Annotated[
        int,
        Term(
            "orders",
            Riskier.HIGHER,
            "Orders in one second.",
            Reason.ORDER_RATE,
        ),
    ]
    orders_per_minute_max: Annotated[
        int,
        Term(
            "orders",
            Riskier.HIGHER,
            "Orders in one minute.",
            Reason.ORDER_RATE,
        ),
    ]
    orders_per_day_max: Annotated[
        int,
        Term(
            "orders",
            Riskier.HIGHER,
            "Orders in one trading day.",
            Reason.ORDER_RATE,
        ),
    ]
    replacements_per_minute_max: Annotated[
        int,
        Term(
            "orders",
            Riskier.HIGHER,
            "Orders in one minute on one side of one instrument.",
            Reason.CHURN,
        ),
    ]
    executions_per_minute_max: Annotated[
        int,
        Term(
            "trades",
            Riskier.HIGHER,
            "Trades in one minute on one side of one instrument, before opens of it stop.",
            Reason.REPEATED_EXECUTION,
        ),
    ]
    requests_per_fill_max: Annotated[
        int,
        Term(
            "orders and cancels per trade",
            Riskier.HIGHER,
            "Requests of a day for each trade, judged from the fiftieth request on.",
            Reason.ORDER_TO_FILL,
        ),
    ]
