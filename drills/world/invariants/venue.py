"""What must hold at the venue after each of its turns, whatever the engine thinks."""

from collections.abc import Iterator
from typing import Final

from bot.simulator.exchange.record import LogEntry
from drills.world.invariants.seen import VenueTurn

__all__ = ["VENUE"]

_OURS: Final = "bd-"  # how every label of ours in DEV begins


def one_order_a_label(seen: VenueTurn) -> str | None:
    """I1: a label comes to life once [C-207]."""
    for entry in _new(seen):
        ids = seen.truth.placed.get(entry.label, set())
        is_twice = entry.label in seen.truth.sent and len(ids) > 1
        if is_twice and entry.label not in seen.truth.doubled:
            return f"{entry.label} is order {entry.order_id} too, beside {min(ids)}"
    return None


def placed_was_sent(seen: VenueTurn) -> str | None:
    """I3: nothing at the venue bears our label that has not left us."""
    for entry in _new(seen):
        if entry.label.startswith(_OURS) and entry.label not in seen.truth.sent:
            return f"order {entry.order_id} came with {entry.label}, which never left"
    return None


def placed_was_durable(seen: VenueTurn) -> str | None:
    """I2: nothing comes to life whose record no barrier has covered [C-201]."""
    for entry in _new(seen):
        if seen.truth.is_damaged:
            return None
        if entry.label.startswith(_OURS) and entry.label not in seen.truth.durable_labels:
            return f"order {entry.order_id} came with {entry.label}, which is not durable"
    return None


def nothing_lives_after_absence(seen: VenueTurn) -> str | None:
    """O6: what was proven absent never comes to life [C-206]."""
    for entry in _new(seen):
        is_late = entry.order_id in seen.late
        if entry.label in seen.truth.absent and not is_late:
            return f"order {entry.order_id} came with {entry.label}, which was proven absent"
    return None


def _new(seen: VenueTurn) -> Iterator[LogEntry]:
    return (entry for entry in seen.entries if entry.event == "new")


VENUE: Final = (
    one_order_a_label,
    placed_was_sent,
    placed_was_durable,
    nothing_lives_after_absence,
)
