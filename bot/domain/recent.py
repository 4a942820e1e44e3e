"""Something that happened lately on one side of one instrument: what brakes count [C-115]."""

import msgspec

from bot.domain.ids import InstrumentName
from bot.domain.side import Side

__all__ = ["Recent", "since"]


class Recent(msgspec.Struct, frozen=True, array_like=True):
    """An order decided, or a trade booked, at a venue time."""

    at_ms: int
    instrument: InstrumentName
    side: Side


def since(
    happened: tuple[Recent, ...],
    at_ms: int,
    *,
    instrument: InstrumentName | None = None,
    side: Side | None = None,
) -> int:
    """Count what happened after an instant, of one instrument and side where they are given."""
    return sum(
        1
        for known in happened
        if known.at_ms > at_ms
        and (instrument is None or known.instrument == instrument)
        and (side is None or known.side is side)
    )
