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
    # The connection itself.
    "reset": Fault(Group.LINK, "the connection breaks off without a goodbye"),
    "clean_close": Fault(Group.LINK, "the connection is closed, with a goodbye"),
    "idle_cut": Fault(Group.LINK, "a proxy cuts a connection that was quiet for a second"),
    "half_open": Fault(Group.LINK, "nothing reaches the client any more; it is still heard"),
    "deaf_both": Fault(Group.LINK, "nothing passes any more, either way, and nobody is told"),
    "dial_refused": Fault(Group.LINK, "new connections are broken off at once", (2.0, 20.0)),
    "dial_slow": Fault(Group.LINK, "a new connection takes 1 to 15 s longer", (5.0, 60.0)),
    "auth_refused": Fault(Group.LINK, "a login is refused with 13004 although it is right"),
    # What goes to the client.
    "latency": Fault(Group.LINK, "every message to the client is late", (5.0, 30.0)),
    "jitter": Fault(Group.LINK, "each message to the client is late by its own time", (5.0, 30.0)),
    "stall": Fault(Group.LINK, "all to the client is held for 20 to 60 s, then delivered"),
    "flood": Fault(Group.LINK, "before each message to the client come 100 more", (1.0, 5.0)),
    "frame_dropped": Fault(Group.LINK, "a notification vanishes"),
    "frame_duplicated": Fault(Group.LINK, "a message to the client arrives twice"),
    "frames_reordered": Fault(Group.LINK, "a notification overtakes the one before it"),
    "frame_truncated": Fault(Group.LINK, "a message to the client is cut in its middle"),
    "proxy_page": Fault(Group.LINK, "an answer is replaced by a proxy's page in HTML"),
    "empty_answer": Fault(Group.LINK, "an answer is replaced by an empty text"),
    # What comes from the client.
    "request_dropped": Fault(Group.LINK, "a request never arrives; the connection stays"),
    "request_stalled": Fault(Group.LINK, "a request, and all after it, is held for 5 to 40 s"),
    "request_cut": Fault(Group.LINK, "the connection breaks before a request is whole"),
    "request_cut_after": Fault(Group.LINK, "a request is served, its answer lost with the line"),
    "test_unheard": Fault(Group.LINK, "the client's answer to a test request is not heard"),
    "reply_lost": Fault(Group.VENUE, "an order is accepted, its answer never sent, the line cut"),
})  # fmt: skip
