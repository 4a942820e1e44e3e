"""What must hold whenever an order's bytes are about to leave."""

from typing import Final

from bot.core.durable import Order
from bot.domain.mode import Mode
from bot.domain.order import Role
from drills.world.invariants.seen import Sending

__all__ = ["SENDING"]

# The engine's clock is known to within a bound; the fence is the venue's to enforce.
_CLOCK_MS: Final = 1_000
_CLOCKS: Final = ("suspended", "stalled", "venue_step", "drift", "time_wrong")
_EXITS: Final = (Role.CLOSE, Role.REDUCE, Role.HEDGE, Role.CANCEL)
_ARMED: Final = ("public/set_heartbeat", "private/enable_cancel_on_disconnect")
_FRESH_MS: Final = 0  # decided in the turn before: what it saw is what is here


def label_sent_once(seen: Sending) -> str | None:
    """I1: an order leaves at most once in the life of its ledger [C-207]."""
    if seen.method == "private/edit":
        return None
    count = seen.truth.sent.get(seen.label, 0)
    return f"{seen.label} leaves for the {count + 1}. time" if count else None


def sent_is_durable(seen: Sending) -> str | None:
    """I2: its record was below a barrier before [C-201]."""
    if seen.label in seen.truth.durable_labels or seen.truth.is_damaged:
        return None
    return f"{seen.label} leaves, and no barrier has covered it"


def open_only_when_allowed(seen: Sending) -> str | None:
    """I4: no open leaves while the mode forbids it or the latch is shut [C-002, C-303]."""
    order = _order(seen)
    if order is None or _is_exit(seen, order):
        return None
    mode, proofs = seen.state.durable.mode, seen.state.proofs
    if mode is not Mode.ACTIVE:
        return f"{seen.label} opens, and leaves under {mode.value}"
    if not proofs.is_open:
        causes = ", ".join(cause.reason.value for cause in proofs.causes)
        return f"{seen.label} opens, and leaves while the latch is shut: {causes}"
    return None


def fence_not_passed(seen: Sending) -> str | None:
    """I9: nothing leaves after its own valid_until [C-208]."""
    until = seen.params.get("valid_until")
    if not isinstance(until, int):
        return f"{seen.label} leaves without valid_until"
    late_ms = seen.truth.venue_ms - until
    if late_ms <= _CLOCK_MS or seen.truth.recently(*_CLOCKS):
        return None
    return f"{seen.label} leaves {late_ms} ms after its valid_until"


def fence_never_recomputed(seen: Sending) -> str | None:
    """I9: the valid_until that leaves is the intent's own [C-208]."""
    order = _order(seen)
    if order is None or seen.method == "private/edit":
        return None
    until = seen.params.get("valid_until")
    if until == order.intent.valid_until_ms:
        return None
    return f"{seen.label} leaves with valid_until {until}, not {order.intent.valid_until_ms}"


def exit_within_position(seen: Sending) -> str | None:
    """I11: exits together are never larger than what they exit [C-108]."""
    order = _order(seen)
    if order is None or order.terms.role not in (Role.CLOSE, Role.REDUCE):
        return None
    if not seen.params.get("reduce_only"):
        return f"{seen.label} exits without reduce_only"
    held = seen.state.durable.positions.get(order.intent.instrument)
    quantity = abs(held.quantity) if held is not None else 0
    asked = sum(
        other.remaining
        for other in seen.state.durable.orders.values()
        if other.intent.instrument == order.intent.instrument
        and other.intent.side is order.intent.side
        and other.terms.role in (Role.CLOSE, Role.REDUCE)
        and other.phase.may_fill
    )
    if asked <= quantity:
        return None
    return f"{seen.label}: exits of {asked} {order.intent.instrument} stand against {quantity}"


def book_is_sound(seen: Sending) -> str | None:
    """I47: what opens was decided on a book that is whole and uncrossed [C-111]."""
    order = _order(seen)
    if order is None or _is_exit(seen, order):
        return None
    book = seen.state.market.books.get(order.intent.instrument)
    if book is None or book.is_broken or not book.is_crossed:
        return None  # one that broke after the decision is bounded by the fence
    if seen.state.now_ms - order.intent.decided_ms > _FRESH_MS:
        return None
    return f"{seen.label} opens on a crossed book"


def one_line_of_sight(seen: Sending) -> str | None:
    """I48: what opens leaves on a connection whose own proof holds [C-502]."""
    order = _order(seen)
    state = seen.state
    if order is None or _is_exit(seen, order) or state.recon.proven_epoch == state.link.epoch:
        return None
    return f"{seen.label} opens on connection {state.link.epoch}, proven was another"


def line_is_armed(seen: Sending) -> str | None:
    """I48: no order leaves on a connection that the venue does not watch over [C-505]."""
    lacking = [name for name in _ARMED if name not in seen.truth.asked]
    return f"{seen.label} leaves on a connection without {lacking[0]}" if lacking else None


def _order(seen: Sending) -> Order | None:
    for order in seen.state.durable.orders.values():
        if order.label == seen.label:
            return order
    return None


def _is_exit(seen: Sending, order: Order) -> bool:
    is_edit = seen.method == "private/edit" and order.edit is not None
    role = order.edit.role if is_edit and order.edit is not None else order.intent.role
    return role in _EXITS


SENDING: Final = (
    label_sent_once,
    sent_is_durable,
    one_line_of_sight,
    open_only_when_allowed,
    fence_not_passed,
    fence_never_recomputed,
    exit_within_position,
    book_is_sound,
    line_is_armed,
)
