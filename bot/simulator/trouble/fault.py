"""The faults that the exchange can be asked for, as data (RELIABILITY §8)."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final, NamedTuple, final

__all__ = ["FAULTS", "Fault", "Group"]


@final
class Group(Enum):
    """Where a fault strikes."""

    LINK = "link"  # the connection and its messages
    VENUE = "venue"  # orders, answers and the account
    MARKET = "market"  # books, marks, states


class Fault(NamedTuple):
    """One fault. `span_s` is the shortest and longest time it stands; None strikes once.

    One that strikes once waits, armed, for the first thing that it can happen to.
    """

    group: Group
    says: str
    span_s: tuple[float, float] | None = None


FAULTS: Final[Mapping[str, Fault]] = MappingProxyType({
    "reset": Fault(Group.LINK, "the connection breaks off without a goodbye"),
    "reply_lost": Fault(Group.VENUE, "an order is accepted, its answer never sent, the line cut"),
    "latency": Fault(Group.LINK, "every message to the client is late", (5.0, 30.0)),
})  # fmt: skip
