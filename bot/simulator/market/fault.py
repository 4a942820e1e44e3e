"""What can go wrong in a market feed: files that are not what they should be."""

from typing import final

__all__ = ["BadRecordingError", "BadSaveError", "MarketError"]


class MarketError(Exception):
    """A market cannot be built or go on; the message says what, where and what to do."""


@final
class BadRecordingError(MarketError):
    """A recording that cannot be read. `line` counts from 1; 0 means the file as a whole."""

    def __init__(self, path: str, *, line: int, why: str) -> None:
        """Keep the facts beside the message."""
        self.path = path
        self.line = line
        self.why = why
        place = f"{path} line {line}" if line else path
        super().__init__(f"{place}: {why}. A recording holds one get_order_book result a line.")


@final
class BadSaveError(MarketError):
    """Saved bytes that this market cannot go on from."""

    def __init__(self, why: str) -> None:
        """Keep the reason beside the message."""
        self.why = why
        super().__init__(f"the saved market cannot be used: {why}. Start with a fresh market.")
