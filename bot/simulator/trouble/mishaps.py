"""All that goes wrong by itself, as the trading floor meets it."""

from collections.abc import Mapping
from typing import final

from bot.simulator.broadcast import Broadcast
from bot.simulator.exchange.venue import Changes, Venue
from bot.simulator.feed import Feed
from bot.simulator.peer import Peer
from bot.simulator.trouble.agenda import Agenda
from bot.simulator.trouble.distorted import DistortedFeed
from bot.simulator.trouble.hand import Hand
from bot.simulator.trouble.hearsay import Hearsay
from bot.simulator.trouble.lagging import Lagging
from bot.simulator.trouble.states import States
from bot.simulator.trouble.trouble import Trouble

__all__ = ["Mishaps"]


@final
class Mishaps:
    """The faults that need no request. `peers` are the connections, as the floor knows them."""

    def __init__(
        self, venue: Venue, trouble: Trouble, agenda: Agenda, peers: Mapping[str, Peer]
    ) -> None:
        self._venue = venue
        self._trouble = trouble
        self._agenda = agenda
        self._heals = trouble.heals
        self.hearsay = Hearsay(venue, trouble, agenda, peers)
        self.states = States(venue, trouble, self.hearsay, peers)
        self.lagging = Lagging(venue)
        self._hand = Hand(venue, trouble, agenda, peers)

    def distorted(self, feed: Feed) -> Feed:
        """Put the market behind the faults that bend it."""
        return DistortedFeed(feed, self._venue, self.states.shapes)

    def pass_time(self, broadcast: Broadcast) -> None:
        """Let spans begin and end, hands move, and what was put off happen.

        After a healing everything is undone at once.
        """
        if self._trouble.heals != self._heals:
            self._heals = self._trouble.heals
            self.states.pass_time()  # books open first, so that the rest can be undone
            self._agenda.run_all()
        self._agenda.run(self._venue.now_ms)
        if self.states.has_begun or not self._trouble.is_quiet:
            self.states.pass_time()
            self._hand.pass_time()
        if self._trouble.until_ms("lookup_stale") > self._venue.now_ms:
            self.lagging.begin()
        else:
            self.lagging.end()
        self.say(broadcast)

    def say(self, broadcast: Broadcast) -> None:
        """Tell what is no change of the exchange's own state."""
        said, self.states.said = self.states.said, []
        for data in said:
            broadcast.announce(data)
        stops, self.states.told_stops = self.states.told_stops, []
        for stop, is_cancelled in stops:
            row = stop.show(self._venue, is_cancelled=is_cancelled)
            broadcast.tell_order(row, account=stop.account, instrument=stop.instrument)

    def told(self, changes: Changes) -> Changes:
        """Take note of a turn's changes; return what subscribers hear of them."""
        if not self._trouble.is_quiet:
            self.lagging.note(changes)
            self._hand.note(changes)
        return self.hearsay.told(changes)
