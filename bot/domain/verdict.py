"""What an operator decides on something in the account that is not the engine's own [C-509]."""

from enum import StrEnum

__all__ = ["Verdict"]


class Verdict(StrEnum):
    """Whose it is from here on, and what is to become of it."""

    ADOPT = "adopt"  # ours to manage, like what our own orders did
    IGNORE = "ignore"  # its owner's: counted at worst case, and never traded against
    CLOSE = "close"  # ours to end: an order is cancelled, a position exited
