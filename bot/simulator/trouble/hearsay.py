"""What is told of the exchange otherwise than it is: to subscribers, never to the journal."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, final

from bot.domain.ids import IndexName, InstrumentName
from bot.simulator.bulletin import Bulletin
from bot.simulator.channel import Family, Topic
from bot.simulator.exchange.trade import UserTrade
from bot.simulator.exchange.venue import Changes, Venue
from bot.simulator.peer import Peer
from bot.simulator.trouble.agenda import Agenda
from bot.simulator.trouble.damage import spoil, with_unknown_state
from bot.simulator.trouble.stake import is_heard
from bot.simulator.trouble.trouble import Trouble

__all__ = ["Hearsay"]

_LATE_S: Final = (5.0, 45.0)
_OF_BOOK: Final = (Family.BOOK, Family.BOOK_GROUPED, Family.QUOTE)
_OF_ORDERS: Final = (Family.ORDERS, Family.FILLS, Family.CHANGES)
# How often a message is the one that an armed `bad_value` spoils: books and tickers are many.
_SPOILT_PUBLIC: Final = 0.02
_SPOILT_OWN: Final = 0.5


@final
class Hearsay:
    """Stands between the exchange and its channels.

    `stuck_book`, `stuck_index` and `silent_index` are what a standing fault has been drawn for.
    """

    def __init__(
        self, venue: Venue, trouble: Trouble, agenda: Agenda, peers: Mapping[str, Peer]
    ) -> None:
        self._venue = venue
        self._trouble = trouble
        self._agenda = agenda
        self._peers = peers
        self._late: list[Changes] = []
        self._frozen: dict[str, Any] = {}  # channel → what it says again and again
        self._old: dict[str, Any] = {}  # channel → a snapshot, to be sent when it is old
        self.stuck_book: InstrumentName | None = None
        self.stuck_index: IndexName | None = None
        self.silent_index: IndexName | None = None

    def thaw(self) -> None:
        """Forget what the channels of a stuck index were saying."""
        self._frozen.clear()

    def told(self, changes: Changes) -> Changes:
        """Return what subscribers hear of a turn's changes: not all, or more of an earlier turn."""
        late, self._late = self._late, []
        if not self._trouble.is_quiet:
            for trade in changes.fills:
                changes = self._told_of_fill(changes, trade)
        for earlier in late:
            changes = replace(
                changes,
                orders=earlier.orders + changes.orders,
                fills=earlier.fills + changes.fills,
                touched=earlier.touched | changes.touched,
            )
        return changes

    def passed_on(self, topic: Topic, bulletin: Bulletin, said: Iterator[Any]) -> Iterable[Any]:
        """Return what a channel's audience hears of what it says. What is not asked for is kept."""
        if self._trouble.is_quiet:
            return said
        if topic.family in _OF_BOOK and topic.instrument == self.stuck_book:
            return ()  # not a gap: the next change will bring all of it
        if topic.family is Family.INDEX and topic.index == self.silent_index:
            return ()
        return self._twisted(topic, bulletin, said)

    def _twisted(self, topic: Topic, bulletin: Bulletin, said: Iterator[Any]) -> Iterator[Any]:
        for data in said:
            if topic.family is Family.BOOK and data["type"] == "change":
                if self._trouble.take("book_gap"):
                    continue
                yield data
                yield from self._replayed(topic, bulletin)
            elif self._is_frozen(topic):
                yield self._frozen.setdefault(topic.name, data)
            else:
                yield self._spoilt(topic, data)

    def _replayed(self, topic: Topic, bulletin: Bulletin) -> Iterator[Any]:
        """Keep a snapshot for as long as the fault waits; send it when the book has gone on."""
        if not self._trouble.is_armed("feed_replayed"):
            self._old.clear()
            return
        old = self._old.get(topic.name)
        book = self._venue.books.get(topic.instrument) if topic.instrument is not None else None
        if book is None:
            return
        if old is None:
            self._old[topic.name] = bulletin.snapshot(book)
        elif self._trouble.take("feed_replayed"):
            self._old.clear()
            yield old

    def _is_frozen(self, topic: Topic) -> bool:
        if self.stuck_index is None:
            return False
        if topic.family is Family.MARKS:
            return topic.index == self.stuck_index
        book = self._venue.books.get(topic.instrument) if topic.instrument is not None else None
        is_of_it = book is not None and book.instrument.index == self.stuck_index
        return topic.family is Family.TICKER and is_of_it

    def _spoilt(self, topic: Topic, data: Any) -> Any:
        trouble = self._trouble
        if topic.family in _OF_ORDERS and trouble.is_armed("state_unknown"):
            odd = with_unknown_state(data, trouble.draw("state_unknown"))
            if odd is not None and trouble.take("state_unknown"):
                return odd
        if trouble.is_armed("bad_value"):
            draw = trouble.draw("bad_value")
            share = _SPOILT_OWN if topic.is_private else _SPOILT_PUBLIC
            bad = spoil(data, draw) if draw.random() < share else None
            if bad is not None and trouble.take("bad_value"):
                return bad
        return data

    def _told_of_fill(self, changes: Changes, trade: UserTrade) -> Changes:
        trouble = self._trouble
        if not is_heard(self._peers, trade.account):
            return changes
        if trouble.take("fill_unsaid"):
            return _without(changes, trade)[0]
        if trouble.take("fill_late"):
            changes, withheld = _without(changes, trade)
            wait_ms = int(trouble.draw("fill_late").uniform(*_LATE_S) * 1_000)
            self._agenda.put(self._venue.now_ms + wait_ms, lambda: self._late.append(withheld))
        elif trouble.take("fill_twice"):
            again = Changes(fills=[trade])
            self._agenda.put(self._venue.now_ms + 1, lambda: self._late.append(again))
        return changes


def _without(changes: Changes, trade: UserTrade) -> tuple[Changes, Changes]:
    """Part a turn's news: without one fill and its order, and only these."""
    seat = (trade.account, trade.public.instrument)
    orders = [order for order in changes.orders if order.id != trade.order_id]
    fills = [fill for fill in changes.fills if fill is not trade]
    is_touched = any((o.account, o.instrument) == seat for o in orders) or any(
        (f.account, f.public.instrument) == seat for f in fills
    )
    touched = {key: None for key in changes.touched if key != seat or is_touched}
    withheld = Changes(
        orders=[order for order in changes.orders if order.id == trade.order_id],
        fills=[trade],
        touched={seat: None},
    )
    return replace(changes, orders=orders, fills=fills, touched=touched), withheld
