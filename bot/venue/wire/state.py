"""Words for the state of a book, of both generations."""

from typing import Final

from bot.domain.instrument import BookState

__all__ = ["book_state"]

_WORDS: Final = {
    "open": BookState.OPEN,
    "settlement": BookState.SETTLEMENT,
    "delivered": BookState.DELIVERED,
    "inactive": BookState.INACTIVE,
    "locked": BookState.LOCKED,
    "halted": BookState.HALTED,
    "archivized": BookState.ARCHIVED,
    # The words before 2026-01-13; they still occur in old data and on other servers.
    "created": BookState.INACTIVE,
    "started": BookState.OPEN,
    "settled": BookState.SETTLEMENT,
    "closed": BookState.DELIVERED,
    "deactivated": BookState.INACTIVE,
    "terminated": BookState.ARCHIVED,
}


def book_state(word: str) -> BookState:
    """Return the state for the venue's word; a word we do not know is UNKNOWN (PROTOCOL §5)."""
    return _WORDS.get(word, BookState.UNKNOWN)
