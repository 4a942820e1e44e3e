"""How what the guard is to close changes with its orders and with what fills [C-403]."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from bot.core.author import GUARD
from bot.core.memory import Closing
from bot.core.order import Order
from bot.core.record import CloseBegun
from bot.domain.ids import InstrumentName
from bot.domain.money import Amount
from bot.domain.order import Role
from bot.domain.report import Fill
from bot.intent.intent import OrderIntent

__all__ = ["Closings", "begun", "closed_by", "closes", "left_over", "tried"]

Closings = Mapping[InstrumentName, Closing]


def closes(closing: Closing, intent: OrderIntent) -> bool:
    """Say whether an order is one of the guard's for this closing, and not a hedge of its own."""
    is_guards = intent.decision.strategy == GUARD.name
    return is_guards and intent.side is closing.side and intent.role is not Role.HEDGE


def tried(closings: Closings, intent: OrderIntent) -> Closings:
    """Count an order to the closing that it is for."""
    closing = closings.get(intent.instrument)
    if closing is None or not closes(closing, intent):
        return closings
    again = msgspec.structs.replace(
        closing, tries=closing.tries + 1, tried_ms=max(closing.tried_ms, intent.decided_ms)
    )
    return {**closings, intent.instrument: again}


def begun(closings: Closings, record: CloseBegun) -> Closings:
    """Begin a closing, or raise the one that stands to the larger amount."""
    before = closings.get(record.instrument)
    if before is not None and before.side is record.side:
        more = msgspec.structs.replace(
            before,
            left=Amount(max(before.left, record.amount)),
            # Whoever closes everything takes over from a group.
            group=None if record.group is None else before.group,
        )
    else:
        more = Closing(
            side=record.side,
            left=record.amount,
            begun_ms=record.at_ms,
            by=record.by,
            why=record.why,
            group=record.group,
        )
    return {**closings, record.instrument: more}


def closed_by(
    closings: Closings, fill: Fill, order: Order | None, *, quantity: Decimal
) -> Closings:
    """Take what a fill has closed; `quantity` is the position after it."""
    closing = closings.get(fill.instrument)
    if closing is None:
        return closings
    is_its = order is not None and closes(closing, order.intent)
    left = closing.left - fill.amount if is_its else closing.left
    return left_over(closings, fill.instrument, left=left, quantity=quantity)


def left_over(
    closings: Closings, name: InstrumentName, *, left: Decimal, quantity: Decimal
) -> Closings:
    """Note what is left to close of an instrument; with nothing left, or nothing held, it ends."""
    closing = closings.get(name)
    if closing is None:
        return closings
    held = quantity * closing.side.sign
    if left <= 0 or held >= 0:
        return {key: value for key, value in closings.items() if key != name}
    return {**closings, name: msgspec.structs.replace(closing, left=Amount(min(left, -held)))}
