"""What must hold when an engine says that it has stopped."""

from typing import Final

from drills.world.invariants.seen import Stopped

__all__ = ["STOPPED"]


def stop_leaves_nothing(seen: Stopped) -> str | None:
    """I26: an end that says all is proven has taken off what rests [C-305]."""
    stopping = seen.state.stopping
    if stopping is None or not stopping.cancel_opens or seen.state.reserve_failure is not None:
        return None
    if stopping.unproven:
        return None  # it has run out of time, and says so
    ours = sorted(o.label for o in seen.truth.venue.open.values() if o.label in seen.truth.sent)
    return f"{ours[0]} rests, and the engine has stopped" if ours else None


STOPPED: Final = (stop_leaves_nothing,)
