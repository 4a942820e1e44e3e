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
    "latency": Fault(Group.LINK, "every message to the client is late", (5.0, 30.0)),
    # orders
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
    # fills
    "fill_before_answer": Fault(Group.VENUE, "fills are told well before their order's answer"),
    "fill_late": Fault(Group.VENUE, "the news of a fill come 5 to 45 s late"),
    "fill_unsaid": Fault(Group.VENUE, "the news of a fill never come"),
    "fill_twice": Fault(Group.VENUE, "a fill is told twice"),
    "fill_after_cancel": Fault(Group.VENUE, "an order trades after its cancel was confirmed"),
    # sessions and limits
    "login_lost": Fault(Group.VENUE, "a connection's login is void until it logs in again"),
    "rate_storm": Fault(Group.VENUE, "credits come back at a fifth of their rate", (10.0, 60.0)),
    # look-ups and other answers
    "lookup_stale": Fault(Group.VENUE, "look-ups show orders and trades of 3 s ago", (10.0, 60.0)),
    "lookup_fails": Fault(Group.VENUE, "a look-up is refused for the moment"),
    "history_hole": Fault(Group.VENUE, "a page of orders or trades misses one row"),
    "page_cut": Fault(Group.VENUE, "a page ends early and says that there is no more"),
    "time_wrong": Fault(Group.VENUE, "the exchange tells a time that is up to 5 s off"),
    "state_unknown": Fault(Group.VENUE, "an order is shown in a state that nobody knows"),
    "bad_value": Fault(Group.VENUE, "one field of one message is nonsense, missing or unheard of"),
    # the account
    "foreign_order": Fault(Group.VENUE, "a hand places an order in our account, for 1 to 10 min"),
    "foreign_trade": Fault(Group.VENUE, "a hand trades in our account, and back in 1 to 10 min"),
    "foreign_stop": Fault(Group.VENUE, "a hand places a stop order in our account", (60.0, 600.0)),
    "stp_cancel": Fault(Group.VENUE, "self-trade prevention cancels a resting order of ours"),
    "liquidation": Fault(Group.VENUE, "the venue closes a part of our largest position"),
    # what the feeds say
    "book_gap": Fault(Group.MARKET, "one change of a book is left out"),
    "book_stuck": Fault(Group.MARKET, "a book falls silent", (10.0, 60.0)),
    "feed_replayed": Fault(Group.MARKET, "an old snapshot of a book is sent again"),
    "mark_stuck": Fault(Group.MARKET, "marks of an index repeat themselves", (10.0, 60.0)),
    "index_silent": Fault(Group.MARKET, "an index falls silent", (10.0, 60.0)),
    # what the market is
    "book_crossed": Fault(Group.MARKET, "a book's bids stand above its asks", (2.0, 20.0)),
    "book_one_sided": Fault(Group.MARKET, "the market leaves one side of a book", (10.0, 120.0)),
    "book_empty": Fault(Group.MARKET, "the market leaves a book", (10.0, 120.0)),
    # states
    "tick_changed": Fault(Group.MARKET, "an instrument's ticks are twice as large", (60.0, 300.0)),
    "halted": Fault(Group.MARKET, "an instrument is halted", (30.0, 180.0)),
    "settling": Fault(Group.MARKET, "all books are in settlement", (5.0, 30.0)),
    "locked": Fault(Group.MARKET, "the platform is locked: cancels only", (30.0, 180.0)),
    "maintenance": Fault(Group.MARKET, "maintenance: lines cut, everything refused", (60.0, 180.0)),
})  # fmt: skip
