"""A queue that fills says that decisions are made on what is old [C-704]."""

from typing import Final

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]

_PART: Final = 2  # half of the bound: DOMAIN §8.2, drill 23, opens again when drained to 50 %


def check(sight: Sight, _policy: Policy) -> Cause | None:
    """Shut opens when more than half of a queue's room was taken since the last look."""
    if sight.observed is None:
        return None
    long = [
        f"{queue.name} {queue.high} of {queue.bound}"
        for queue in sight.observed.queues
        if queue.high * _PART > queue.bound
    ]
    return Cause(Reason.QUEUE_PRESSURE, ", ".join(long)) if long else None
