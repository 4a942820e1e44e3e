"""Tell subscribers what has changed: each channel is worked out and encoded once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, final

from bot.domain.ids import AccountId, InstrumentName
from bot.simulator.bulletin import Bulletin, News
from bot.simulator.channel import PLATFORM, Family, Interval, Topic, speaks_of
from bot.simulator.exchange.venue import Changes, Venue
from bot.simulator.peer import Peer
from bot.simulator.trouble.hearsay import Hearsay
from bot.simulator.wire import notification

__all__ = ["Broadcast"]

Seat = tuple[str, AccountId | None]  # a channel, and whose it is when it is private


@final
@dataclass(slots=True)
class _Audience:
    topic: Topic
    account: AccountId | None
    peers: dict[str, Peer] = field(default_factory=dict)
    bulletin: Bulletin = field(default_factory=Bulletin)


@final
class Broadcast:
    """All subscriptions, and what waits for the slower intervals."""

    def __init__(self, venue: Venue, hearsay: Hearsay) -> None:
        self._venue = venue
        self._hearsay = hearsay
        self._seats: dict[Seat, _Audience] = {}
        self._waiting: dict[Interval, News] = {interval: News() for interval in Interval}

    def join(
        self, peer: Peer, topic: Topic, *, account: AccountId | None, label: str | None
    ) -> list[bytes]:
        """Subscribe a peer; return what it hears first, to be sent after the answer.

        A second subscribe changes nothing: it does not bring the snapshot again (PROTOCOL §7.1).
        """
        seat = (topic.name, account if topic.is_private else None)
        audience = self._seats.setdefault(seat, _Audience(topic, seat[1]))
        if peer.id in audience.peers:
            return []
        audience.peers[peer.id] = peer
        peer.channels[topic.name] = label
        first = audience.bulletin.opening(self._venue, topic, account=audience.account)
        return [notification(topic.name, data=data, label=label) for data in first]

    def leave(self, peer: Peer, channels: Iterable[str]) -> list[str]:
        """Unsubscribe; return those that were subscribed."""
        left: list[str] = []
        for name in channels:
            if name not in peer.channels:
                continue
            del peer.channels[name]
            left.append(name)
            for seat in [s for s, a in self._seats.items() if s[0] == name and peer.id in a.peers]:
                del self._seats[seat].peers[peer.id]
                if not self._seats[seat].peers:
                    del self._seats[seat]
        return left

    def publish(self, changes: Changes, *, due: frozenset[Interval], is_tick: bool) -> None:
        """Send what has changed to the channels whose time has come; raw ones are always due."""
        for news in self._waiting.values():
            news.add(changes)
        for audience in list(self._seats.values()):
            interval = audience.topic.interval
            if interval is not Interval.RAW and interval not in due:
                continue
            for data in self._speak(audience, is_tick=is_tick):
                self._send(audience, data)
        for interval in Interval:
            if interval is Interval.RAW or interval in due:
                self._waiting[interval] = News()

    def announce(self, data: object) -> None:
        """Say something of the platform as a whole."""
        for audience in list(self._seats.values()):
            if audience.topic.name == PLATFORM:
                self._send(audience, data)

    def tell_order(
        self, row: dict[str, Any], *, account: AccountId, instrument: InstrumentName
    ) -> None:
        """Tell an account's order channels of an order that is not among the exchange's own."""
        book = self._venue.books.get(instrument)
        for audience in list(self._seats.values()):
            topic = audience.topic
            if topic.family is not Family.ORDERS or audience.account != account:
                continue
            if book is not None and speaks_of(topic, book.instrument):
                self._send(audience, row if topic.interval is Interval.RAW else [row])

    def _speak(self, audience: _Audience, *, is_tick: bool) -> Iterable[Any]:
        said = audience.bulletin.next(
            self._venue,
            audience.topic,
            account=audience.account,
            news=self._waiting[audience.topic.interval],
            is_tick=is_tick,
        )
        return self._hearsay.passed_on(audience.topic, audience.bulletin, said)

    def _send(self, audience: _Audience, data: object) -> None:
        name = audience.topic.name
        plain: bytes | None = None
        for peer in audience.peers.values():
            label = peer.channels.get(name)
            if label is not None:
                peer.send(notification(name, data=data, label=label))
                continue
            if plain is None:
                plain = notification(name, data=data)
            peer.send(plain)
