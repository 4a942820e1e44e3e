"""What must hold of the engine's state after every turn that changed it."""

from collections.abc import Iterator
from typing import Final

from bot.core.durable import Order
from bot.core.life import Phase
from bot.domain.ids import OrderId
from bot.domain.mode import Mode
from bot.domain.reason import REASONS, Effect
from bot.engine.inbox import TOTAL_MAX
from drills.world.invariants.seen import Change

__all__ = ["STATE"]

# Written from DESIGN §5, not from the engine's own table: where an intent may be after one turn.
_LIVE: Final = frozenset({Phase.ACKED, Phase.OPEN, Phase.PARTIAL})
_ENDS: Final = frozenset({Phase.FILLED, Phase.CANCELLED})
_NOES: Final = frozenset({Phase.REJECTED, Phase.EXPIRED, Phase.ABSENT})
_MOVES: Final = {
    Phase.RECORDED: frozenset(Phase),
    Phase.SENT: frozenset(Phase) - {Phase.RECORDED},
    Phase.UNKNOWN: frozenset(Phase) - {Phase.RECORDED, Phase.SENT},
    Phase.ACKED: (_LIVE | _ENDS),
    Phase.OPEN: (_LIVE | _ENDS) - {Phase.ACKED},
    Phase.PARTIAL: _ENDS,
    Phase.CANCELLED: frozenset({Phase.FILLED}),
    Phase.FILLED: frozenset(),
    Phase.REJECTED: _LIVE | _ENDS,  # taken for dead, and there after all
    Phase.EXPIRED: _LIVE | _ENDS,
    Phase.ABSENT: _LIVE | _ENDS,
}
_REARM_MS: Final = 15_000
_CONTAIN_MS: Final = 60_000
_LOOKUP_MS: Final = 29 * 60_000  # for which the venue tells of closed orders
_COMPARED: Final = "private/get_positions"


def moves_along_the_table(seen: Change) -> str | None:
    """I5, I6: an intent moves along the life cycle, and an end stays an end [C-204]."""
    for before, after in _moved(seen):
        if after.phase is not before.phase and after.phase not in _MOVES[before.phase]:
            return f"{after.label} went from {before.phase.value} to {after.phase.value}"
    return None


def absence_is_true(seen: Change) -> str | None:
    """I46: what is proven absent has never come to life at the venue [C-206]."""
    for before, after in _moved(seen):
        if after.phase is Phase.ABSENT and before.phase is not Phase.ABSENT:
            seen.truth.absent[after.label] = seen.truth.venue_ms
            if after.label in seen.truth.placed and not _is_forgotten(seen, after):
                return f"{after.label} was proven absent, and the venue has taken it"
    return None


def _is_forgotten(seen: Change, order: Order) -> bool:
    """Say whether the venue has closed it untraded, so long ago that no look-up finds it: then only
    trades and position can prove that nothing of it is left, and they have [C-206].
    """
    if seen.truth.venue_ms - order.intent.decided_ms <= _LOOKUP_MS:
        return False
    venue = seen.truth.venue
    found = [venue.order(OrderId(placed)) for placed in seen.truth.placed[order.label]]
    return all(one is not None and not one.is_open and one.filled == 0 for one in found)


def refusal_is_true(seen: Change) -> str | None:
    """O4: what counts as refused does not rest at the venue."""
    for before, after in _moved(seen):
        is_no = after.phase in (Phase.REJECTED, Phase.EXPIRED) and before.phase is not after.phase
        if is_no and _rests(seen, after.label):
            return f"{after.label} counts as {after.phase.value}, and rests at the venue"
    return None


def no_fill_forgotten(seen: Change) -> str | None:
    """I18: what was booked stays booked, and no more than the order's whole."""
    for before, after in _moved(seen):
        if after.filled < before.filled:
            return f"{after.label} had {before.filled} filled, now {after.filled}"
        is_one = len(seen.truth.placed.get(after.label, ())) <= 1
        if after.filled > max(before.filled, after.whole) and is_one:
            return f"{after.label} has {after.filled} filled of {after.whole}"
    return None


def causes_stay(seen: Change) -> str | None:
    """I21: a mode never loosens but by the owner's rearm [C-302]."""
    gone = set(seen.before.durable.causes) - set(seen.after.durable.causes)
    if gone and not 0 <= seen.truth.venue_ms - seen.truth.rearmed_ms <= _REARM_MS:
        return f"{', '.join(sorted(r.value for r in gone))} went without a rearm"
    return None


def mode_is_the_causes(seen: Change) -> str | None:
    """I20: the mode is what the gravest cause forces [C-301]."""
    state = seen.after.durable
    worst = Mode.ACTIVE
    for reason in state.causes:
        effect = REASONS[reason].effect
        if effect is Effect.KILL:
            worst = Mode.KILL
        elif effect is Effect.REDUCE_ONLY and worst is Mode.ACTIVE:
            worst = Mode.REDUCE_ONLY
    order = [Mode.ACTIVE, Mode.REDUCE_ONLY, Mode.KILL]
    if order.index(state.mode) < order.index(worst):
        return f"{worst.value} is forced by {', '.join(r.value for r in state.causes)}"
    return None


def latch_has_all_proofs(seen: Change) -> str | None:
    """I22, I54: an open latch has every proof of this very generation [C-303]."""
    state = seen.after
    if not state.proofs.is_open or state.proofs is seen.before.proofs:
        return None
    if not state.link.is_up or state.recon.proven_epoch != state.link.epoch:
        return f"open on connection {state.link.epoch}, proven {state.recon.proven_epoch}"
    if _COMPARED not in seen.truth.asked:
        return f"open, and connection {state.link.epoch} was never asked for positions"
    if state.ledger_failure is not None:
        return f"open, and the ledger has failed: {state.ledger_failure}"
    undecided = set(state.foreign) - set(state.durable.foreign.orders)
    if undecided:
        return f"open, and {len(undecided)} foreign orders rest"
    for name, apart in state.durable.foreign.apart.items():
        if apart.amount != apart.ignored:
            return f"open, and {apart.amount} {name} is a stranger's that nobody has decided on"
    if state.recon.differences:
        return f"open, and positions differ: {state.recon.differences}"
    if state.clock.offset_ms is None:
        return "open, and the clock was never compared"
    if state.observed is None or state.observed.machine is None:
        return "open, and nobody has looked at the machine"
    return None


def time_goes_on(seen: Change) -> str | None:
    """I55: monotonic time never goes back."""
    if seen.after.mono_ms < seen.before.mono_ms:
        return f"from {seen.before.mono_ms} to {seen.after.mono_ms} ms"
    return None


def queues_are_bounded(seen: Change) -> str | None:
    """I52: no queue grows without end [C-704]."""
    return f"{seen.waiting} events wait" if seen.waiting > TOTAL_MAX else None


def resting_is_reserved(seen: Change) -> str | None:
    """I7, I8, I49: whatever rests at the venue is counted as filled against us [C-114, C-205]."""
    if seen.truth.is_damaged:
        return None
    orders = seen.after.durable.orders
    by_label: dict[str, Order] | None = None
    for rest in seen.truth.venue.open.values():
        if rest.label not in seen.truth.sent:
            continue
        if by_label is None:
            by_label = {order.label: order for order in orders.values()}
        known = by_label.get(rest.label)
        reserved = 0 if known is None else known.remaining
        if rest.remaining > reserved and not _is_told_otherwise(seen, rest.label):
            return f"{rest.label} rests with {rest.remaining}, reserved are {reserved}"
    return None


def _is_told_otherwise(seen: Change, label: str) -> bool:
    """Say whether the venue itself took it after its time, or twice: then sweeps find it."""
    placed = seen.truth.placed.get(label, ())
    return len(placed) > 1 or seen.truth.recently("ignores_valid_until", within_ms=300_000)


def contained_in_time(seen: Change) -> str | None:
    """C-002, C-305: under a tightened mode what could open is taken off, once nothing hinders."""
    truth, state = seen.truth, seen.after
    since_ms = truth.tight_since_ms
    if since_ms is None or not state.link.is_up or state.reserve_failure is not None:
        return None
    if truth.venue_ms - max(since_ms, truth.calm_since_ms) < _CONTAIN_MS:
        return None
    by_label: dict[str, Order] = {o.label: o for o in state.durable.orders.values()}
    for rest in truth.venue.open.values():
        known = by_label.get(rest.label)
        if known is None or known.is_exit or truth.venue_ms - rest.created_ms < _CONTAIN_MS:
            continue
        return f"{rest.label} opens, and rests {(truth.venue_ms - since_ms) // 1000} s after"
    return None


def _moved(seen: Change) -> Iterator[tuple[Order, Order]]:
    before, after = seen.before.durable, seen.after.durable
    if before.orders is after.orders and before.closed is after.closed:
        return
    for key, order in after.orders.items():
        was = before.orders.get(key) or before.closed.get(key)
        if was is not None and was is not order:
            yield was, order
    for key, order in after.closed.items():
        was = before.orders.get(key) or before.closed.get(key)
        if was is not None and was is not order:
            yield was, order


def _rests(seen: Change, label: str) -> bool:
    return any(order.label == label for order in seen.truth.venue.open.values())


STATE: Final = (
    moves_along_the_table,
    absence_is_true,
    refusal_is_true,
    no_fill_forgotten,
    causes_stay,
    mode_is_the_causes,
    latch_has_all_proofs,
    time_goes_on,
    queues_are_bounded,
    resting_is_reserved,
    contained_in_time,
)
