"""What must hold when all has healed and come to rest: both stories are the same."""

from typing import Final

from bot.domain.reason import Reason
from drills.judge import judge
from drills.world.chaos import EXIT_WORD
from drills.world.fault import FAULTS, HOPELESS, Group
from drills.world.invariants.seen import End

__all__ = ["ALWAYS", "END"]

_ON_ITS_WAY_MS: Final = 180_000
_OF_THE_DISK: Final = frozenset(
    name for name, fault in (*FAULTS.items(), *HOPELESS.items()) if fault.group is Group.DISK
)

# What may stand before an exit: its form and size, the instrument's state, our own orders.
_BEFORE_EXITS: Final = frozenset(
    {
        Reason.NOTHING_TO_EXIT.value,
        Reason.CLOSING.value,  # the guard is at it already
        Reason.DUST.value,
        Reason.INSTRUMENT_NOT_OPEN.value,
        Reason.SIZING_METADATA_STALE.value,  # of an instrument that is not known at all
        Reason.ILLEGAL_ORDER.value,
        Reason.PRICE_BAND.value,
        Reason.PRICE_BELOW_TICK.value,
        Reason.SIZE_BELOW_MIN.value,
        Reason.SIZE_OFF_STEP.value,
        Reason.SIZE_ORDER.value,
        Reason.NOTIONAL_ORDER.value,
        Reason.POST_ONLY_WOULD_TAKE.value,
        Reason.SELF_CROSS.value,
    }
)


def ledger_verifies(seen: End) -> str | None:
    """I13, I14: chain and fold hold [C-203]."""
    return "; ".join(seen.ledger.faults) or None


def rebuilds_the_same(seen: End) -> str | None:
    """I17: the state folded from nothing is the state [C-203]."""
    return None if seen.is_rebuilt_equal else "the fold from zero is another state"


def fills_are_the_venues(seen: End) -> str | None:
    """I18, I44: each trade of ours is booked once, and no other [C-209]."""
    return _first(judge(seen.venue, seen.ledger).lost_fills)


def positions_are_the_venues(seen: End) -> str | None:
    """I18: known = held [C-504]."""
    return _first(judge(seen.venue, seen.ledger).position_mismatch)


def nothing_in_doubt(seen: End) -> str | None:
    """Liveness: every intent has ended, or rests in sight [C-206].

    Those of the last minutes are left out: a run that ended early cuts them off on their way.
    """
    before_ms = seen.truth.venue_ms - _ON_ITS_WAY_MS
    orders = seen.durable.orders.values()
    old = {order.label for order in orders if order.intent.decided_ms < before_ms}
    found = judge(seen.venue, seen.ledger).unresolved
    return _first(tuple(text for text in found if text.partition(":")[0] in old))


def decisions_have_one_label(seen: End) -> str | None:
    """I1: a decision is recorded once, under one label [C-102]."""
    found = judge(seen.venue, seen.ledger).duplicates
    if seen.truth.doubled:
        found = tuple(text for text in found if "orders at the venue" not in text)
    return _first(found)


def money_is_exact(seen: End) -> str | None:
    """I19: price, amount and fee of each booked trade are the venue's to the last digit [C-104]."""
    for key, booked in seen.booked_money.items():
        told = seen.money.get(key)
        if told is not None and told != booked:
            return f"trade {key} is booked as {booked}, the venue says {told}"
    return None


def fills_are_attributed(seen: End) -> str | None:
    """I35: a trade of an order of ours is booked under its own intent [C-703]."""
    for key, booked in seen.booked_labels.items():
        label = seen.labels.get(key, "")
        is_one = len(seen.truth.placed.get(label, ())) == 1
        if is_one and label in seen.truth.sent and label != booked:
            return f"trade {key} is of {label}, and booked under {booked or 'no intent'}"
    return None


def dispatches_are_covered(seen: End) -> str | None:
    """I33: every order has its capsule and snapshot [C-701, C-702]."""
    return None if not seen.uncovered else f"{seen.uncovered[0]} has no capsule or no snapshot"


def ledger_fails_by_fault_only(seen: End) -> str | None:
    """C-212: without a fault of the disk nothing becomes unwritable."""
    if seen.truth.faults & _OF_THE_DISK or Reason.LEDGER_UNWRITABLE not in seen.raised:
        return None
    return "the ledger failed, and nothing was wrong with the disk"


def tripwire_fired(seen: End) -> str | None:
    """C-208: a fill of an order that was taken after its valid_until is a KILL."""
    if seen.truth.late and Reason.LATE_FILL not in seen.raised:
        return f"{min(seen.truth.late)} was taken after its valid_until and filled; nothing tripped"
    return None


def doubles_tripped(seen: End) -> str | None:
    """I45: two orders under one label are a KILL [C-207]."""
    doubled = sorted(
        label
        for label, ids in seen.truth.placed.items()
        if len(ids) > 1 and label in seen.truth.sent
    )
    if doubled and Reason.ORDER_DOUBLED not in seen.raised:
        return f"{doubled[0]} was two orders; nothing tripped"
    return None


def no_illegal_order(seen: End) -> str | None:
    """I12: the venue never had to refuse a form, a tick or a size [C-107]."""
    return _first(tuple(seen.truth.illegal))


def credits_are_kept(seen: End) -> str | None:
    """I31: the venue never had to refuse an order for want of credits [C-506]."""
    return _first(tuple(seen.truth.overdrawn))


def exits_are_never_barred(seen: End) -> str | None:
    """I24: no rule that guards against new risk stands before an exit [C-309, C-111, C-113]."""
    for refused in seen.refusals:
        code = refused.refusals[0][0]
        if EXIT_WORD in refused.wanted and code not in _BEFORE_EXITS:
            return f"{refused.wanted} in {refused.instrument} was refused by {code}"
    return None


def refusals_have_reasons(seen: End) -> str | None:
    """I10: what did not become an order says why, in words of the registry [C-110]."""
    known = {reason.value for reason in Reason}
    for refused in seen.refusals:
        if not refused.refusals or any(code not in known for code, _, _ in refused.refusals):
            return f"{refused.wanted} was refused, and not why"
    return None


def nothing_crashed(seen: End) -> str | None:
    """I51: no part of the engine failed by a bug of its own [C-606]."""
    crashed = {Reason.INTERNAL, Reason.KILL_CHECK_FAILED} & set(seen.raised)
    return "a part of the engine crashed" if crashed else None


def _first(found: tuple[str, ...]) -> str | None:
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return f"{found[0]}{more}" if found else None


# These hold whether or not the engine has become well in time.
ALWAYS: Final = (
    rebuilds_the_same,
    ledger_verifies,
    fills_are_the_venues,
    positions_are_the_venues,
    money_is_exact,
    fills_are_attributed,
    dispatches_are_covered,
    decisions_have_one_label,
    ledger_fails_by_fault_only,
    nothing_in_doubt,
)
END: Final = (
    *ALWAYS,
    tripwire_fired,
    doubles_tripped,
    no_illegal_order,
    credits_are_kept,
    refusals_have_reasons,
    exits_are_never_barred,
    nothing_crashed,
)
