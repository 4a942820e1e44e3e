"""The one fault of decoding: a message that cannot be taken whole."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

__all__ = ["UndecodableError", "reading"]


class UndecodableError(ValueError):
    """A message of the venue that does not fit; nothing of it may be used.

    `what` names the message, `why` says which field was how. For the answer to an order this is
    never a reject: the order may be live (PROTOCOL §20 row 6).
    """

    def __init__(self, *, what: str, why: str) -> None:
        """Keep both facts; the text is `what: why`."""
        super().__init__(f"{what}: {why}")
        self.what = what
        self.why = why


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn every way in which a decoder can fail into UndecodableError.

    Domain types refuse their own illegal values with ValueError, and hostile nesting ends in
    RecursionError: at this border all of them mean the same.
    """
    try:
        yield
    except UndecodableError:
        raise
    except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as fault:
        raise UndecodableError(what=what, why=str(fault)) from fault
