"""Ages, spreads and depths (DOMAIN §5.3, §7.1). They refuse opens, never exits."""

from decimal import Decimal
from typing import Annotated

import msgspec

from bot.domain.reason import Reason
from bot.policy.term import Riskier, Term

__all__ = ["Execution"]


class Execution(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must be known, how fresh, and how good a market must be, before an open."""

    book_option_ms_max: Annotated[
        int,
        Term(
            "ms",
            Riskier.HIGHER,
            "An option's book is too old after this.",
            Reason.BOOK_STALE,
            high=Decimal("600000"),
        ),
    ]
    book_perpetual_ms_max: Annotated[
        int,
        Term(
            "ms",
            Riskier.HIGHER,
            "A future's book is too old after this.",
            Reason.BOOK_STALE,
            high=Decimal("600000"),
        ),
    ]
    mark_ms_max: Annotated[
        int,
        Term(
            "ms",
            Riskier.HIGHER,
            "Fair value and greeks are too old after this.",
            Reason.SIZING_METADATA_STALE,
            high=Decimal("600000"),
        ),
    ]
    index_ms_max: Annotated[
        int,
        Term(
            "ms",
            Riskier.HIGHER,
            "The coin's index price is too old after this.",
            Reason.SIZING_METADATA_STALE,
            high=Decimal("600000"),
        ),
    ]
    account_ms_max: Annotated[
        int,
        Term(
            "ms",
            Riskier.HIGHER,
            "Equity and margin are too old after this.",
            Reason.SIZING_METADATA_STALE,
            high=Decimal("600000"),
        ),
    ]
    instrument_ms_max: Annotated[
        int,
        Term(
            "ms",
            Riskier.HIGHER,
            "An instrument's definition is too old after this.",
            Reason.SIZING_METADATA_STALE,
            high=Decimal("86400000"),
        ),
    ]
    fees_ms_max: Annotated[
        int,
        Term(
            "ms",
            Riskier.HIGHER,
            "The fee schedule is too old after this.",
            Reason.FEES_STALE,
            high=Decimal("604800000"),
        ),
    ]
    clock_offset_ms_max: Annotated[
        int,
        Term(
            "ms",
            Riskier.HIGHER,
            "Our clock may be this far from the venue's, error bound included.",
            Reason.CLOCK_UNPROVEN,
            high=Decimal("5000"),
        ),
    ]
    silence_ms_max: Annotated[
        int,
        Term(
            "ms",
            Riskier.HIGHER,
            "A line that is up may say nothing for this long.",
            Reason.VENUE_SILENT,
            high=Decimal("20000"),  # then the connection is given up (PROTOCOL §4)
        ),
    ]
    round_trip_median_ms_max: Annotated[
        int,
        Term(
            "ms",
            Riskier.HIGHER,
            "Half of the last questions for the time must be answered within this.",
            Reason.NETWORK_JITTER,
            high=Decimal("10000"),
        ),
    ]
    round_trip_p95_ms_max: Annotated[
        int,
        Term(
            "ms",
            Riskier.HIGHER,
            "The same for 95 % of them.",
            Reason.NETWORK_JITTER,
            high=Decimal("10000"),
        ),
    ]
    valid_until_ms_max: Annotated[
        int,
        Term(
            "ms",
            Riskier.HIGHER,
            "The venue must refuse an order that reaches it later than this after the decision.",
            high=Decimal("60000"),
        ),
    ]
    absence_margin_ms_min: Annotated[
        int,
        Term(
            "ms",
            Riskier.LOWER,
            "A look-up proves an order absent only when begun this long after its valid_until.",
            Reason.UNKNOWN_ORDER,
            high=Decimal("600000"),
        ),
    ]
    spread_option_ticks_max: Annotated[
        Decimal,
        Term(
            "ticks",
            Riskier.HIGHER,
            "An option's spread is fine up to the wider of this and the ratio, or the vol points.",
            Reason.SPREAD_WIDE,
        ),
    ]
    spread_option_ratio_max: Annotated[
        Decimal,
        Term(
            "of the middle price",
            Riskier.HIGHER,
            "The same as a part of the middle price.",
            Reason.SPREAD_WIDE,
            high=Decimal("1"),
        ),
    ]
    spread_option_vol_points_max: Annotated[
        Decimal,
        Term(
            "vol points",
            Riskier.HIGHER,
            "A spread within these is fine however wide it is in price.",
            Reason.SPREAD_WIDE,
            high=Decimal("100"),
        ),
    ]
    spread_perpetual_bp_max: Annotated[
        Decimal,
        Term(
            "bp of the middle price",
            Riskier.HIGHER,
            "A future's spread is fine up to this.",
            Reason.SPREAD_WIDE,
            high=Decimal("1000"),
        ),
    ]
    depth_times_min: Annotated[
        Decimal,
        Term(
            "times our size",
            Riskier.LOWER,
            "The side that we take must show this much more than we want.",
            Reason.DEPTH_THIN,
        ),
    ]
    depth_ticks_max: Annotated[
        Decimal,
        Term(
            "ticks from the touch",
            Riskier.HIGHER,
            "How far from the best price the shown size counts.",
            Reason.DEPTH_THIN,
        ),
    ]
    index_gap_ratio_max: Annotated[
        Decimal,
        Term(
            "of the index",
            Riskier.HIGHER,
            "A forward may differ from the index by this,",
            Reason.INDEX_DISAGREES,
            high=Decimal("1"),
        ),
    ]
    index_gap_ratio_per_year_max: Annotated[
        Decimal,
        Term(
            "of the index, per year to expiry",
            Riskier.HIGHER,
            "and by this more for each year to expiry.",
            Reason.INDEX_DISAGREES,
            high=Decimal("10"),
        ),
    ]
    index_jump_ratio_max: Annotated[
        Decimal,
        Term(
            "of the index",
            Riskier.HIGHER,
            "Two neighbouring index prices may differ by this.",
            Reason.INDEX_DISAGREES,
            high=Decimal("1"),
        ),
    ]
    settlement_before_minutes_min: Annotated[
        int,
        Term(
            "minutes before 08:00 UTC",
            Riskier.LOWER,
            "Nothing is opened this long before the venue settles,",
            Reason.EXPIRY_WINDOW,
            high=Decimal("1440"),
        ),
    ]
    settlement_after_minutes_min: Annotated[
        int,
        Term(
            "minutes after 08:00 UTC",
            Riskier.LOWER,
            "nor this long after.",
            Reason.EXPIRY_WINDOW,
            high=Decimal("1440"),
        ),
    ]
