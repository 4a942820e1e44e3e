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
    # Orders.
    "refusal": Fault(Group.VENUE, "an order is refused with a drawn code, and not placed"),
    "refused_but_live": Fault(Group.VENUE, "an order is accepted; its answer is a doubtful error"),
    "reply_lost": Fault(Group.VENUE, "an order is accepted, its answer never sent, the line cut"),
    "reply_dropped": Fault(Group.VENUE, "an order is accepted, its answer never sent"),
    "reply_undecodable": Fault(Group.VENUE, "an order is accepted, its answer is garbled"),
    "reply_late": Fault(Group.VENUE, "an order is accepted, its answer comes too late"),
    "request_late": Fault(Group.VENUE, "an order is judged after its deadline, and refused"),
    "ignores_valid_until": Fault(Group.VENUE, "an order is accepted after its deadline"),
    "price_clamped": Fault(Group.VENUE, "an order's price is moved, and the answer says so"),
    "order_doubled": Fault(Group.VENUE, "an order is placed twice; the answer shows one"),
    "rate_refused": Fault(Group.VENUE, "an order is a request too many, the line is closed"),
    "cancel_refused": Fault(Group.VENUE, "a cancel hears that the order is not open; it is"),
    "cancel_unanswered": Fault(Group.VENUE, "a cancel is carried out and never answered"),
    # Fills.
    "fill_before_answer": Fault(Group.VENUE, "fills are told well before their order's answer"),
    "fill_late": Fault(Group.VENUE, "the news of a fill come 5 to 45 s late"),
    "fill_unsaid": Fault(Group.VENUE, "the news of a fill never come"),
    "fill_twice": Fault(Group.VENUE, "a fill is told twice"),
    "fill_after_cancel": Fault(Group.VENUE, "an order trades after its cancel was confirmed"),
    # Sessions and limits.
    "login_lost": Fault(Group.VENUE, "a connection's login is void until it logs in again"),
    "rate_storm": Fault(Group.VENUE, "credits come back at a fifth of their rate", (10.0, 60.0)),
    # Look-ups and other answers.
    "lookup_stale": Fault(Group.VENUE, "look-ups show orders and trades of 3 s ago", (10.0, 60.0)),
    "lookup_fails": Fault(Group.VENUE, "a look-up is refused for the moment"),
    "history_hole": Fault(Group.VENUE, "a page of orders or trades misses one row"),
    "page_cut": Fault(Group.VENUE, "a page ends early and says that there is no more"),
    "time_wrong": Fault(Group.VENUE, "the exchange tells a time that is up to an hour off"),
    "state_unknown": Fault(Group.VENUE, "an order is shown in a state that nobody knows"),
    "bad_value": Fault(Group.VENUE, "one field of one message is nonsense, missing or unheard of"),
    # The account.
    "foreign_order": Fault(Group.VENUE, "a hand places an order in our account, for 1 to 10 min"),
    "foreign_trade": Fault(Group.VENUE, "a hand trades in our account, and back in 1 to 10 min"),
    "foreign_stop": Fault(Group.VENUE, "a hand places a stop order in our account", (60.0, 600.0)),
    "stp_cancel": Fault(Group.VENUE, "self-trade prevention cancels a resting order of ours"),
    "liquidation": Fault(Group.VENUE, "the venue closes a part of our largest position"),
    # What the feeds say.
    "book_gap": Fault(Group.MARKET, "one change of a book is left out"),
    "book_stuck": Fault(Group.MARKET, "a book falls silent", (10.0, 60.0)),
    "feed_replayed": Fault(Group.MARKET, "an old snapshot of a book is sent again"),
    "mark_stuck": Fault(Group.MARKET, "marks of an index repeat themselves", (10.0, 60.0)),
    "index_silent": Fault(Group.MARKET, "an index falls silent", (10.0, 60.0)),
    # What the market is.
    "book_crossed": Fault(Group.MARKET, "a book's bids stand above its asks", (2.0, 20.0)),
    "book_one_sided": Fault(Group.MARKET, "the market leaves one side of a book", (10.0, 120.0)),
    "book_empty": Fault(Group.MARKET, "the market leaves a book", (10.0, 120.0)),
    # States.
    "tick_changed": Fault(Group.MARKET, "an instrument's ticks are twice as large", (60.0, 300.0)),
    "halted": Fault(Group.MARKET, "an instrument is halted", (30.0, 180.0)),
    "settling": Fault(Group.MARKET, "all books are in settlement", (5.0, 30.0)),
    "locked": Fault(Group.MARKET, "the platform is locked: cancels only", (30.0, 180.0)),
    "maintenance": Fault(Group.MARKET, "maintenance: lines cut, everything refused", (60.0, 180.0)),
})  # fmt: skip
