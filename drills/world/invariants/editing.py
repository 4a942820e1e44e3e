"""What must hold whenever the bytes of an edit are about to leave [C-213]."""

from typing import Final

from bot.domain.mode import Mode
from drills.world.invariants.seen import Editing

__all__ = ["EDITING"]


def edit_sent_once(seen: Editing) -> str | None:
    """I1: an edit leaves once [C-207]."""
    count = seen.truth.edits_sent.get(seen.label, 0)
    return f"{seen.label} leaves for the {count + 1}. time" if count else None


def edit_is_durable(seen: Editing) -> str | None:
    """I2: its record was below a barrier before [C-201]."""
    if seen.label in seen.truth.durable_labels or seen.truth.is_damaged:
        return None
    return f"edit {seen.label} leaves, and no barrier has covered it"


def edit_only_when_allowed(seen: Editing) -> str | None:
    """I4: an edit that raises exposure leaves only when an open may [C-213, C-303]."""
    if seen.edit.role.is_exit:
        return None
    if seen.state.durable.mode is not Mode.ACTIVE or not seen.state.proofs.is_open:
        mode = seen.state.durable.mode.value
        return f"an edit of {seen.order.label} opens, under {mode} or a shut latch"
    return None


def edit_keeps_its_fence(seen: Editing) -> str | None:
    """I9: the valid_until that leaves with an edit is the edit's own [C-208]."""
    if seen.valid_until == seen.edit.valid_until_ms:
        return None
    return f"an edit of {seen.order.label} leaves with valid_until {seen.valid_until}"


EDITING: Final = (edit_sent_once, edit_is_durable, edit_only_when_allowed, edit_keeps_its_fence)
