"""What every drill must hold, whatever its fault: DOMAIN §8.2 and C-207, C-302, C-308."""

from collections.abc import Iterator

from bot.domain.mode import Mode
from drills.faults.drill import Back, Drill
from drills.faults.expectation import lacks
from drills.faults.seen import Seen, Stand

__all__ = ["duplicates", "failures"]


def failures(drill: Drill, seen: Seen) -> Iterator[str]:
    """Yield each expectation that does not hold, by its name."""
    if seen.struck_ms is None:
        yield "the fault struck: nothing was injected"
    for expected in drill.expects:
        found = lacks(expected, seen)
        if found is not None:
            yield f"{expected}: {found}"
    yield from _safety(drill, seen)
    yield from _orders(seen)
    yield from _way_back(drill, seen)


def _safety(drill: Drill, seen: Seen) -> Iterator[str]:
    if drill.safe_ms_max is None:
        return
    took_ms = seen.time_to_safe_ms
    if took_ms is None:
        yield f"safe within {drill.safe_ms_max} ms: never"
    elif took_ms > drill.safe_ms_max:
        yield f"safe within {drill.safe_ms_max} ms: {took_ms} ms"


def _orders(seen: Seen) -> Iterator[str]:
    for order in seen.orders:
        if order.role.is_exit:
            continue
        if not order.is_allowed:
            yield f"no open leaves while it is forbidden: {order.label}"
    for label in duplicates(seen):
        yield f"no order comes twice: {label}"


def duplicates(seen: Seen) -> list[str]:
    """Name the labels that came to the venue more than once, and not by its own doing."""
    return [
        order.label
        for order in seen.orders
        if len(order.placed_ms) > 1 and order.label not in seen.doubled
    ]


def _way_back(drill: Drill, seen: Seen) -> Iterator[str]:
    ended, kept = seen.ended, seen.kept
    match drill.back:
        case Back.UNTOUCHED:
            if seen.safe_ms is not None:
                yield f"opens stay allowed: barred {seen.time_to_safe_ms} ms after the fault"
        case Back.BY_PROOF:
            if ended.mode is not Mode.ACTIVE or not ended.is_open:
                yield f"back by proof: {_words(ended)}"
        case Back.BY_REARM:
            if ended.mode is Mode.ACTIVE:
                yield "only a rearm loosens the mode: it was ACTIVE before one"
            if kept is None:
                yield "the mode outlives a restart: none was tried"
            elif kept.mode is not _tightest(seen):
                yield f"the mode outlives a restart: {_words(kept)}"


def _tightest(seen: Seen) -> Mode | None:
    modes = [Mode(moment.now) for moment in seen.watched if moment.what == "mode"]
    return max(modes, key=lambda mode: mode.severity, default=None)


def _words(stand: Stand) -> str:
    mode = "no engine" if stand.mode is None else stand.mode.value
    return f"{mode}, {', '.join(stand.causes) or 'no cause'}"
