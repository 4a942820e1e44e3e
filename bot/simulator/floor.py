"""The trading floor: the exchange with its market, journal and subscribers, in one turn each.

A turn is one request or one tick. What it changed is on disk before anybody hears of it.
"""

from collections.abc import Callable
from typing import Final, final

from bot.domain.ids import AccountId
from bot.simulator.auth import Gatekeeper
from bot.simulator.broadcast import Broadcast
from bot.simulator.channel import Interval
from bot.simulator.exchange.cancelling import cancel_many
from bot.simulator.exchange.order import CANCEL_BY_DISCONNECT
from bot.simulator.exchange.passing import advance
from bot.simulator.exchange.venue import Venue
from bot.simulator.feed import Feed
from bot.simulator.journal import Journal, entry_of, whole
from bot.simulator.limits import Bucket, Credits
from bot.simulator.peer import Peer
from bot.simulator.trouble.agenda import Agenda
from bot.simulator.trouble.mishaps import Mishaps
from bot.simulator.trouble.trouble import Trouble

__all__ = ["Floor"]

_STORM_SLOWNESS: Final = 5
_SECOND_MS: Final = 1_000


@final
class Floor:
    """Everything that requests and ticks act upon; one task at a time calls in."""

    def __init__(
        self,
        *,
        venue: Venue,
        feed: Feed,
        journal: Journal | None,
        gatekeeper: Gatekeeper,
        now_ms: Callable[[], int],
        now_us: Callable[[], int],
        trouble: Trouble,
    ) -> None:
        """Take the parts. Without a journal the exchange lives as long as its process."""
        self.venue = venue
        self.gatekeeper = gatekeeper
        self.trouble = trouble
        self.peers: dict[str, Peer] = {}  # connections that have spoken and are not lost yet
        self.agenda = Agenda()
        self.mishaps = Mishaps(venue, trouble, self.agenda, self.peers)
        self.broadcast = Broadcast(venue, self.mishaps.hearsay)
        self.now_us = now_us
        self._feed = self.mishaps.distorted(feed)
        self._journal = journal
        self._now_ms = now_ms
        self._credits: dict[AccountId | None, Credits] = {}
        self._second_ms = 0

    def now(self) -> int:
        """Bring the exchange's time up to its clock; it never goes back."""
        self.venue.now_ms = max(self.venue.now_ms, self._now_ms())
        self.trouble.pass_time(self.venue.now_ms)
        return self.venue.now_ms

    def commit(self) -> None:
        """End a request's turn: write down, then tell."""
        self._commit(due=frozenset(), is_tick=False)

    def tick(self) -> None:
        """Let the market go on to now."""
        now_ms = self.now()
        self.mishaps.pass_time(self.broadcast)
        advance(self.venue, self._feed, now_ms=now_ms)
        due = {Interval.TENTH}
        if now_ms - self._second_ms >= _SECOND_MS:
            self._second_ms = now_ms
            due.add(Interval.SECOND)
        self._commit(due=frozenset(due), is_tick=True)

    def spend(self, account: AccountId | None, bucket: Bucket) -> bool:
        """Take a request's credits; False when there are not enough."""
        pool = self._credits.setdefault(account, Credits())
        slowness = _STORM_SLOWNESS if self.trouble.stands("rate_storm") else 1
        return pool.spend(bucket, now_ms=self.venue.now_ms, slowness=slowness)

    def meet(self, peer: Peer) -> None:
        """Know a connection from its first request on, until it is lost."""
        if peer.is_socket:
            self.peers[peer.id] = peer

    def is_cod_enabled(self, peer: Peer) -> bool:
        """Say whether orders of this connection are cancelled when it is lost."""
        if peer.cod_enabled is not None:
            return peer.cod_enabled
        if peer.grant is None:
            return False
        return self.venue.accounts[peer.grant.key.account].is_cod_default

    def lost(self, peer: Peer) -> None:
        """Clean up after a connection; cancel its orders if it asked for that and did not log out.

        Orders of other connections and of HTTP stay (PROTOCOL §14).
        """
        self.peers.pop(peer.id, None)
        self.broadcast.leave(peer, list(peer.channels))
        if peer.grant is not None and self.is_cod_enabled(peer) and not peer.is_logged_out:
            self.now()
            cancel_many(
                self.venue,
                peer.grant.key.account,
                which=lambda order: order.connection == peer.id,
                reason=CANCEL_BY_DISCONNECT,
            )
            self.commit()
        self.gatekeeper.forget_connection(peer.id)

    def save_market(self) -> bytes:
        """Return the market's own state."""
        return self._feed.save()

    def _commit(self, *, due: frozenset[Interval], is_tick: bool) -> None:
        changes = self.venue.take_changes()
        if changes.is_durable and self._journal is not None:
            self._journal.append(entry_of(self.venue, changes))
            if self._journal.is_grown:
                self._journal.begin(whole(self.venue))
        told = self.mishaps.told(changes)
        self.broadcast.publish(told, due=due, is_tick=is_tick)
