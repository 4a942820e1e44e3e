"""A gap in a book is closed by asking anew; one that stays says that the line loses [C-508]."""

from typing import Final

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]

_LASTING_MS: Final = 30_000  # DOMAIN §8.1, seq_gap: a lost change in 30 s is what a line may do


def check(sight: Sight, _policy: Policy) -> Cause | None:
    """Shut opens while a book has been broken for half a minute; its own gate does from the first
    moment.
    """
    lasting = [name for name, age_ms in sight.broken_books if age_ms > _LASTING_MS]
    return Cause(Reason.BOOK_GAP, ", ".join(lasting)) if lasting else None
