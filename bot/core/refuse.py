"""A proposal that the rules do not let through is written down, and not every time anew."""

from typing import Final

from bot.core.author import Author
from bot.core.cause import raise_cause
from bot.core.record import Refused
from bot.core.turn import Turn
from bot.domain.ids import InstrumentName
from bot.domain.instant import MINUTE_MS
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.domain.side import Side

__all__ = ["refuse"]

_REFUSAL_AGAIN_MS: Final = MINUTE_MS  # the same refusal is written down once a minute, not more


def refuse(
    turn: Turn,
    refusals: tuple[Refusal, ...],
    *,
    author: Author,
    instrument: InstrumentName,
    side: Side,
    wanted: str,
) -> None:
    """Record it with every reason, the first of which decides; the same one once a minute."""
    state, first = turn.state, refusals[0]
    turn.count(refusals=1)
    key = (instrument, side)
    before = state.refused.get(key)
    is_news = (
        before is None
        or before[0] is not first.reason
        or state.now_ms - before[1] >= _REFUSAL_AGAIN_MS
    )
    if not is_news or state.ledger_failure is not None:
        return
    turn.set(refused={**state.refused, key: (first.reason, state.now_ms)})
    turn.record(
        Refused(
            strategy=author.name,
            instrument=instrument,
            wanted=wanted,
            refusals=tuple((r.reason.value, r.was, r.limit) for r in refusals),
            at_ms=state.now_ms,
        )
    )
    turn.say(
        "refused",
        reason=first.reason.value,
        was=first.was,
        limit=first.limit,
        instrument=instrument,
    )
    if first.reason is Reason.INTERNAL:
        raise_cause(turn, Reason.INTERNAL, first.was)
