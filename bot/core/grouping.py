"""How a group changes with its steps, with what fills of it, and with what the guard closes
[C-401, C-402].
"""

from decimal import Decimal
from typing import assert_never

import msgspec

from bot.core.closing import Closings, closes
from bot.core.order import Order
from bot.core.record import CloseBegun, GroupMoved, GroupStep
from bot.domain.money import Amount
from bot.domain.report import Fill
from bot.group.group import Group, Stage, filled_by

__all__ = ["group_after", "group_filled", "without_late"]


def group_after(group: Group | None, record: GroupStep | GroupMoved) -> Group | None:
    """Return the group after a step or a move of it; another group's changes nothing."""
    if group is None or group.group_id != record.group_id or group.stage.is_over:
        return group
    match record:
        case GroupStep():
            return _stepped(group, record)
        case GroupMoved(stage=stage):
            since, naked_ms = group.naked_since_ms, group.naked_ms
            if stage.is_over and since is not None:
                naked_ms += max(record.at_ms - since, 0)
            return msgspec.structs.replace(
                group,
                stage=stage,
                naked_ms=naked_ms,
                naked_since_ms=None if stage.is_over else since,
                ended_ms=record.at_ms if stage.is_over else 0,
                outcome=record.why if stage.is_over else "",
            )
        case _:
            assert_never(record)


def _stepped(group: Group, record: GroupStep) -> Group:
    leg = msgspec.structs.replace(group.legs[record.leg], is_tried=True)
    orders = group.orders
    if record.intent_id is not None:
        orders = {**orders, record.intent_id: record.leg}
    return msgspec.structs.replace(
        group,
        legs=(*group.legs[: record.leg], leg, *group.legs[record.leg + 1 :]),
        orders=orders,
        stage=Stage.RESCUE if record.is_rescue else group.stage,
        rescues=group.rescues + (1 if record.is_rescue else 0),
    )


def group_filled(
    group: Group | None, closings: Closings, fill: Fill, order: Order | None
) -> Group | None:
    """Count a fill to the leg that it is of, or that the guard closes with it."""
    if group is None or order is None:
        return group
    leg = group.orders.get(order.intent_id)
    if group.stage.is_over:
        if leg is None:
            return group
        late = Amount(group.late.get(fill.instrument, Decimal(0)) + fill.amount)
        return msgspec.structs.replace(group, late={**group.late, fill.instrument: late})
    if leg is not None:
        return filled_by(group, leg, filled=fill.amount, closed=Decimal(0), at_ms=fill.at_ms)
    closing = closings.get(fill.instrument)
    names = [known.instrument for known in group.legs]
    if closing is None or fill.instrument not in names or not closes(closing, order.intent):
        return group
    leg = names.index(fill.instrument)
    return filled_by(group, leg, filled=Decimal(0), closed=fill.amount, at_ms=fill.at_ms)


def without_late(group: Group | None, record: CloseBegun) -> Group | None:
    """Return the group without what filled after its end, now that it is being closed."""
    if group is None or group.group_id != record.group or record.instrument not in group.late:
        return group
    late = {name: left for name, left in group.late.items() if name != record.instrument}
    return msgspec.structs.replace(group, late=late)
