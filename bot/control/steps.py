"""What happened to an intent, a step a record, in plain words."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from bot.core.life import LifeEvent
from bot.core.record import Edited, FillBooked, IntentRecorded, Moved, Record, RunStarted
from bot.domain.ids import RunId
from bot.domain.instant import iso
from bot.domain.money import Price, plain
from bot.intent.intent import CancelIntent, EditIntent

__all__ = ["Line", "Step", "steps_of"]


# At most 8 letters: they stand in a column.
_WORDS: Final = {
    LifeEvent.SEND: "sent",
    LifeEvent.UNSENT: "unsent",
    LifeEvent.ACK: "acked",
    LifeEvent.OPEN: "acked",
    LifeEvent.PARTIAL: "partly",
    LifeEvent.FILLED: "filled",
    LifeEvent.CANCELLED: "ended",
    LifeEvent.REJECT: "rejected",
    LifeEvent.FENCE: "expired",
    LifeEvent.DOUBT: "unknown",
    LifeEvent.ABSENCE: "absent",
}


class Line(NamedTuple):
    """One record as the journal has it; `at_ms` is venue time."""

    seq: int
    hash: str
    at_ms: int
    run_id: RunId
    record: Record


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened. `what` is one word of at most 8 letters."""

    seq: int
    at: str
    what: str
    text: str


def steps_of(lines: Sequence[Line], *, mid: Price | None) -> tuple[Step, ...]:
    """Tell each line; the first is the record of the intent itself. `mid` is what it expected."""
    steps = []
    for n, line in enumerate(lines):
        what, text = _told(line, is_first=n == 0, mid=mid)
        steps.append(Step(seq=line.seq, at=iso(line.at_ms), what=what, text=text))
    return tuple(steps)


def _told(line: Line, *, is_first: bool, mid: Price | None) -> tuple[str, str]:
    match line.record:
        case IntentRecorded(intent=CancelIntent(), label=label) if not is_first:
            return "cancel", f"asked for, as intent {label[-4:]}"
        case IntentRecorded(intent=EditIntent() as edit, label=label) if not is_first:
            terms = f"{plain(edit.amount)} @ {plain(edit.price)}"
            return "edit", f"to {terms}, asked for as intent {label[-4:]}"
        case Edited() as edited:
            what = "edited" if edited.applied else "kept"
            return what, f"by intent {edited.edit_id[:48][-4:]}: {edited.why}"
        case IntentRecorded():
            return "recorded", f"durable as record {line.seq}, hash {line.hash[:12]}"
        case Moved() as moved:
            return _moved(moved)
        case FillBooked() as booked:
            return "fill", _fill(booked, mid=mid)
        case RunStarted(run_id=run_id):
            return "restart", f"run {run_id} began; what was in flight is UNKNOWN until proven"
        case other:
            return "record", type(other).__name__


def _moved(moved: Moved) -> tuple[str, str]:
    if moved.event is LifeEvent.SEND:
        return _WORDS[moved.event], "let out to the venue, once it was durable"
    filled = "" if moved.filled is None else f", filled {plain(moved.filled)}"
    order = "" if moved.order_id is None else f", order {moved.order_id}"
    return _WORDS[moved.event], f"{moved.phase.value}{filled}{order}: {moved.why}"


def _fill(booked: FillBooked, *, mid: Price | None) -> str:
    fill = booked.fill
    text = f"{plain(fill.amount)} @ {plain(fill.price)}, trade {fill.trade_id}"
    text += f", fee {plain(fill.fee)} {fill.fee_currency}"
    if mid is None:
        return f"{text}, slippage unknown: no mid was seen"
    away = (fill.price - mid) * fill.side.sign
    if away == 0:
        return f"{text}, at the mid"
    return f"{text}, {plain(abs(away))} {'worse' if away > 0 else 'better'} than mid {plain(mid)}"
