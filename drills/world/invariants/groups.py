"""What must hold of a group and of the guard's closings after every turn [C-401, C-402, C-403]."""

from decimal import Decimal
from fractions import Fraction
from typing import Final

from bot.group.group import Leg, Stage
from drills.world.invariants.seen import Change, Sending

__all__ = ["GROUPS", "GROUP_SENDING"]

_RESCUES: Final = 2
# DOMAIN §10: after its first leg has rested a group opens for half a minute and then ends; what is
# in doubt is proven a minute after its fence. Beyond that only trouble holds it up.
_ENDS_MS: Final = 180_000
_REST_MS: Final = 120_000


def rescues_are_bounded(seen: Change) -> str | None:
    """I27: at most two rescues, over crashes too."""
    group = seen.after.durable.group
    if group is None or group is seen.before.durable.group or group.rescues <= _RESCUES:
        return None
    return f"{group.group_id} has tried {group.rescues} rescues"


def group_ends_unmixed(seen: Change) -> str | None:
    """I28: it ends complete, empty, flattened or hedged, and says which truly."""
    before, group = seen.before.durable.group, seen.after.durable.group
    if group is None or group is before or not group.stage.is_over:
        return None
    if before is not None and before.group_id == group.group_id and before.stage.is_over:
        return f"{group.group_id} moved after its end" if before.stage is not group.stage else None
    stands = {_stands(seen, leg) for leg in group.legs}
    match group.stage:
        case Stage.COMPLETE if len(stands) > 1 or min(stands) <= 0:
            return f"{group.group_id} is complete, and stands at {sorted(map(str, stands))}"
        case Stage.EMPTY if any(leg.filled for leg in group.legs):
            return f"{group.group_id} is empty, and something has filled"
        case Stage.FLATTENED if any(stands) and not _is_flattened(seen):
            return f"{group.group_id} is flattened, and stands at {sorted(map(str, stands))}"
    return None


def closes_no_more_than_filled(seen: Change) -> str | None:
    """I30: the guard closes of a leg no more than had filled of it."""
    group = seen.after.durable.group
    if group is None or group is seen.before.durable.group:
        return None
    for leg in group.legs:
        if leg.closed > leg.filled:
            return f"{group.group_id}: {leg.closed} closed of {leg.filled} {leg.instrument}"
    return None


def closing_is_of_what_is_held(seen: Change) -> str | None:
    """C-403: a closing is on the other side of a position, and never larger than it."""
    durable = seen.after.durable
    if durable.closings is seen.before.durable.closings and (
        durable.positions is seen.before.durable.positions
    ):
        return None
    for name, closing in durable.closings.items():
        position = durable.positions.get(name)
        held = Decimal(0) if position is None else position.quantity * -closing.side.sign
        if closing.left > held and durable.closings is not seen.before.durable.closings:
            return f"{closing.side.value} {closing.left} of {held} {name} is to be closed"
    return None


def naked_time_is_kept(seen: Change) -> str | None:
    """I29: what stands without its counterpart is on the clock."""
    group = seen.after.durable.group
    if group is None or group.stage.is_over or group is seen.before.durable.group:
        return None
    least = min(leg.net for leg in group.legs)
    is_naked = any(leg.side.sign < 0 and leg.net > least for leg in group.legs)
    if is_naked and group.naked_since_ms is None:
        return f"{group.group_id} is naked, and no time is kept"
    return None


def group_ends_in_time(seen: Change) -> str | None:
    """RELIABILITY §6: once nothing hinders it, a group ends within two minutes."""
    truth, group = seen.truth, seen.after.durable.group
    if group is None or group.stage.is_over or not seen.after.link.is_up:
        return None
    if seen.after.reserve_failure is not None or seen.after.stopping is not None:
        return None
    since_ms = max(group.begun_ms + min(group.rest_ms, _REST_MS), truth.calm_since_ms)
    late_ms = truth.venue_ms - since_ms
    return f"{group.group_id} goes on {late_ms // 1000} s after" if late_ms > _ENDS_MS else None


def leg_waits_for_the_one_before(seen: Sending) -> str | None:
    """I28: no order of a group leaves while another of it may still fill at the venue [C-401]."""
    group = seen.state.durable.group
    if group is None or seen.method == "private/edit":
        return None
    orders = seen.state.durable.orders
    labels = {orders[key].label: key for key in group.orders if key in orders}
    if seen.label not in labels:
        return None
    for rest in seen.truth.venue.open.values():
        if rest.label in labels and rest.label != seen.label:
            return f"{seen.label} leaves while {rest.label} of its group rests"
    return None


def _stands(seen: Change, leg: Leg) -> Fraction:
    """Return what of a leg is there, in units of the group: the strategy, delivery and the venue
    take positions away as well.
    """
    position = seen.after.durable.positions.get(leg.instrument)
    held = Decimal(0) if position is None else max(position.quantity * leg.side.sign, Decimal(0))
    return min(leg.net, Fraction(held) / Fraction(leg.ratio))


def _is_flattened(seen: Change) -> bool:
    """Say whether somebody closes everything, which takes a group's legs along."""
    group, closings = seen.after.durable.group, seen.after.durable.closings
    names = set() if group is None else {leg.instrument for leg in group.legs}
    return any(c.group is None for name, c in closings.items() if name in names)


GROUPS: Final = (
    rescues_are_bounded,
    group_ends_unmixed,
    closes_no_more_than_filled,
    closing_is_of_what_is_held,
    naked_time_is_kept,
    group_ends_in_time,
)
GROUP_SENDING: Final = (leg_waits_for_the_one_before,)
