"""A home with a real ledger in it, written from what the real core decided; no engine beside it."""

from pathlib import Path

from bot.core.durable import trade_key
from bot.core.effect import Commit
from bot.core.record import FillBooked, IntentRecorded
from ledger.entry import Body, Entry
from tests.bot.core.desk import Desk
from tests.ledger.making import RUN, opened

__all__ = ["keep"]


def keep(desk: Desk, home: Path) -> None:
    """Write everything that this desk has recorded, as the shell would."""
    ledger = opened(home)
    for effect in desk.effects:
        if isinstance(effect, Commit):
            ledger.commit([_entry(made, at_ms=desk.now_ms) for made in effect.entries])
    ledger.close()


def _entry(made: object, *, at_ms: int) -> Entry:
    record = made.record  # type: ignore[attr-defined]  # the core's own entry
    intent_id, ref = getattr(record, "intent_id", None), None
    if isinstance(record, IntentRecorded):
        ref = str(record.label)
    elif isinstance(record, FillBooked):
        ref = trade_key(record.fill)
    bodies = made.bodies  # type: ignore[attr-defined]  # likewise
    return Entry(
        record=record,
        run_id=RUN,
        at_venue_ms=at_ms,
        at_mono_ns=1,
        intent_id=intent_id,
        ref=ref,
        bodies=tuple(Body(hash=body.hash, content=body.content) for body in bodies),
    )
