"""What must hold of a ledger whenever it is opened again, after whatever ended the last life."""

from typing import Final

from bot.core.life import Phase
from bot.core.order import Order
from bot.domain.reason import Reason
from drills.world.invariants.seen import Opened, Truth

__all__ = ["OPENED", "sticky_stays"]


def acknowledged_is_there(seen: Opened) -> str | None:
    """I15: every acknowledged record is there, and is the same [C-210]."""
    seq, digest = seen.truth.head
    if seen.head_seq < seq:
        return f"{seq} records were acknowledged, {seen.head_seq} are there"
    if seq and seen.at_head != digest:
        return f"record {seq} is {seen.at_head[:12]}, acknowledged was {digest[:12]}"
    return None


def sticky_survives(seen: Opened) -> str | None:
    """I23: what forced a mode still does [C-308]."""
    gone = seen.truth.causes - set(seen.durable.causes)
    # A rearm whose commit was cut off may be there all the same: it was asked for.
    if gone and seen.truth.rearmed_ms < seen.truth.causes_ms:
        return f"{', '.join(sorted(r.value for r in gone))} did not survive"
    return None


def sticky_stays(
    truth: Truth, causes: frozenset[Reason], *, rearmed: frozenset[Reason]
) -> str | None:
    """I21, I23: no record takes away what forces a mode, but an owner's rearm [C-302, C-307].

    Asked whenever something has become durable, the start of a next run among it; `rearmed` is what
    the owner's rearms among the new records have cleared.
    """
    gone = truth.causes - causes - rearmed
    if gone and not truth.is_damaged:
        return f"{', '.join(sorted(r.value for r in gone))} went, and the owner has not rearmed"
    return None


def sent_is_known(seen: Opened) -> str | None:
    """I7: what left and had not ended is known, and in doubt [C-205]."""
    orders: dict[str, Order] = {order.label: order for order in seen.durable.orders.values()}
    for rest in seen.truth.venue.open.values():
        if rest.label not in seen.truth.sent:
            continue
        known = orders.get(rest.label)
        if known is not None and known.phase in (Phase.RECORDED, Phase.SENT):
            continue  # the next record, of the run's start, puts it in doubt
        closed = any(order.label == rest.label for order in seen.durable.closed.values())
        if known is None and not closed:
            return f"{rest.label} rests at the venue, and is not known"
    return None


def reserve_is_folded_in(seen: Opened) -> str | None:
    """C-212: what the reserve has acknowledged is in the journal after the next opening."""
    return f"{seen.lost[0]} was acknowledged by the reserve, and is gone" if seen.lost else None


def one_holder(seen: Opened) -> str | None:
    """I16: nobody else holds this ledger [C-202]."""
    return f"{seen.holders} hold it" if seen.holders > 1 else None


OPENED: Final = (
    reserve_is_folded_in,
    acknowledged_is_there,
    sticky_survives,
    sent_is_known,
    one_holder,
)
