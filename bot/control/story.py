"""Journal records as lines for people: what `bot tail`, the cockpit and status show."""

from typing import assert_never

from bot.control.view import EventRow, FillRow
from bot.core.record import (
    AccountSeen,
    Anomaly,
    CloseBegun,
    CloseEnded,
    Delivered,
    Edited,
    FillBooked,
    FlattenAsked,
    GroupBegun,
    GroupMoved,
    GroupStep,
    IntentRecorded,
    LatchMoved,
    ModeCauseRaised,
    Moved,
    OrderClassified,
    PositionClassified,
    ProofMade,
    Rearmed,
    Record,
    Refused,
    RunEnded,
    RunStarted,
    SetApart,
)
from bot.domain.instant import iso
from bot.domain.money import plain
from bot.intent.intent import CancelIntent, EditIntent, OrderIntent

__all__ = ["event_row", "fill_row", "short"]


def short(identity: str) -> str:
    """Return the last four characters: enough to tell today's orders apart on a screen."""
    return identity[-4:]


def event_row(record: Record, *, seq: int, at_ms: int) -> EventRow:
    """Return the line of one record."""
    kind, text, about, code = _told(record)
    return EventRow(seq=seq, at=iso(at_ms), kind=kind, text=text, about=about, code=code)


def fill_row(record: Record, *, seq: int) -> FillRow | None:
    """Return a booked trade as a row; None for a record of anything else."""
    if not isinstance(record, FillBooked):
        return None
    fill = record.fill
    return FillRow(
        seq=seq,
        at=iso(fill.at_ms),
        trade_id=fill.trade_id,
        label=fill.label,
        instrument=fill.instrument,
        side=fill.side.value,
        price=plain(fill.price),
        size=plain(fill.amount),
        fee=plain(fill.fee),
        fee_currency=fill.fee_currency,
        liquidity=fill.liquidity.value,
    )


def _told(record: Record) -> tuple[str, str, str | None, str | None]:
    """Return kind, text, what it is about, and a reason code."""
    match record:
        case IntentRecorded():
            return _intent(record)
        case Moved():
            filled = "" if record.filled is None else f", filled {plain(record.filled)}"
            text = f"{record.phase.value}{filled}: {record.why}"
            return "moved", text, short(record.intent_id[:48]), None
        case Edited():
            text = f"{'edited' if record.applied else 'as before'}: {record.why}"
            return "edited", text, short(record.intent_id[:48]), None
        case FillBooked(fill=fill):
            text = f"{fill.side.value} {plain(fill.amount)} {fill.instrument} @ {plain(fill.price)}"
            about = None if fill.label is None else short(fill.label)
            return "fill", f"{text}  fee {plain(fill.fee)} {fill.fee_currency}", about, None
        case Refused():
            code, was, limit = record.refusals[0]
            text = f"{code}  {was}{f', limit {limit}' if limit else ''}  {record.instrument}"
            return "refused", text, None, code
        case ModeCauseRaised():
            return "mode", f"{record.mode.value}  {record.detail}", None, record.reason.value
        case Rearmed():
            cleared = ", ".join(reason.value for reason in record.cleared) or "nothing"
            return "rearm", f'by {record.by}, "{record.why}": cleared {cleared}', None, None
        case LatchMoved():
            missing = ", ".join(record.missing)
            return "latch", "open" if record.is_open else f"shut: {missing}", None, None
        case ProofMade():
            return "proof", f"#{record.generation} {record.detail}", None, None
        case AccountSeen():
            text = f"equity {plain(record.equity)} {record.currency}, losses are measured from it"
            return "account", text, None, None
        case Delivered():
            text = f"{record.instrument.name} delivered at {plain(record.delivery_price)}"
            return "deliver", text, None, None
        case SetApart():
            text = f"{plain(record.amount)} {record.instrument.name} is not ours: {record.why}"
            return "foreign", text, None, "FOREIGN_POSITION"
        case OrderClassified() | PositionClassified():
            return "foreign", _decided(record), None, None
        case RunStarted():
            return "start", f"{record.run_id}, build {record.build_id}", None, None
        case RunEnded():
            return "end", f"{record.run_id} by {record.by}: {record.why}", None, None
        case CloseBegun():
            what = f"{record.side.value} {plain(record.amount)} {record.instrument}"
            return "close", f"to close: {what}, by {record.by}: {record.why}", None, None
        case CloseEnded():
            return "close", f"given up: {record.instrument}: {record.why}", None, None
        case FlattenAsked():
            return "close", f"everything, by {record.by}: {record.why}", None, None
        case GroupBegun(group=group):
            legs = ", ".join(
                f"{leg.side.value} {plain(leg.amount)} {leg.instrument}" for leg in group.legs
            )
            return "group", f"{group.group_id} begins: {legs}: {group.why}", None, None
        case GroupStep():
            what = "rescue of leg" if record.is_rescue else "leg"
            sent = "not sent" if record.intent_id is None else "sent"
            text = f"{record.group_id} {what} {record.leg + 1} {sent}: {record.why}"
            return "group", text, None, None
        case GroupMoved():
            return "group", f"{record.group_id} {record.stage.value}: {record.why}", None, None
        case Anomaly():
            return "odd", f"{record.code}  {record.detail}", None, None
        case _:
            assert_never(record)


def _decided(record: OrderClassified | PositionClassified) -> str:
    return f'{record.verdict.value} by {record.by}, "{record.why}": {record.seen}'


def _intent(record: IntentRecorded) -> tuple[str, str, str | None, str | None]:
    intent = record.intent
    match intent:
        case OrderIntent():
            what = f"{intent.role.value} {intent.side.value} {plain(intent.amount)}"
            text = f"{what} {intent.instrument} @ {plain(intent.price)}"
            return "intent", text, short(record.label), None
        case CancelIntent():
            # A foreign order has no label of ours: the venue's id names it.
            target = intent.target_label or intent.order_id or ""
            text = f"cancel {short(target)} {intent.instrument}"
            return "cancel", text, short(record.label), None
        case EditIntent():
            what = f"edit {short(intent.target_label)} to {plain(intent.amount)}"
            text = f"{what} {intent.instrument} @ {plain(intent.price)}"
            return "edit", text, short(record.label), None
        case _:
            assert_never(intent)
