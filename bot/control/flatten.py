"""What a flatten would send, as its watchers see it: `flatten plan` on the socket [C-403].

Prices and amounts are text with their exact digits, as in `view`.
"""

from typing import Literal

import msgspec

__all__ = ["ExitRow", "FlattenPlan"]


class ExitRow(msgspec.Struct, frozen=True, kw_only=True):
    """How one position would be closed: the limit of each step, the mildest first.

    `cost` is what the last step gives away against the mark, in `currency`, without fees; None
    when mark or prices are not known. `refused` says why nothing would go out at this moment.
    """

    instrument: str
    side: Literal["buy", "sell"]
    amount: str  # in the instrument's amount unit
    prices: tuple[str, ...]
    mark: str | None
    cost: str | None
    currency: str | None
    refused: str | None = None


class FlattenPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Every exit, options first: what may hedge them follows when they are gone.

    `hash` names instruments, sides and amounts, and is what `flatten go` is bound to.
    """

    at: str
    hash: str
    exits: tuple[ExitRow, ...]
