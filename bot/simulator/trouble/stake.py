"""Where trouble is felt: the accounts that are logged in, and what they hold, trade or watch."""

import random
from collections.abc import Mapping
from typing import TypeVar

from bot.domain.ids import AccountId, IndexName, InstrumentName
from bot.domain.instrument import BookState
from bot.simulator.exchange.venue import Venue
from bot.simulator.peer import Peer

__all__ = ["accounts_here", "draw_from", "draw_index", "draw_instrument", "is_heard"]

_T = TypeVar("_T")


def draw_from(choices: list[_T], draw: random.Random) -> _T | None:
    """Draw one; None when there is none."""
    return choices[draw.randrange(len(choices))] if choices else None


def accounts_here(peers: Mapping[str, Peer]) -> list[AccountId]:
    """Return the accounts that are logged in, sorted."""
    return sorted({peer.grant.key.account for peer in peers.values() if peer.grant is not None})


def is_heard(peers: Mapping[str, Peer], account: AccountId) -> bool:
    """Say whether somebody listens to the fills of an account."""
    return any(
        peer.grant is not None
        and peer.grant.key.account == account
        and any(name.startswith(("user.trades.", "user.changes.")) for name in peer.channels)
        for peer in peers.values()
    )


def draw_instrument(
    venue: Venue, peers: Mapping[str, Peer], draw: random.Random
) -> InstrumentName | None:
    """Draw an open instrument: held or traded here if any is, else watched, else any."""
    here = accounts_here(peers)
    held = {order.instrument for order in venue.open.values() if order.account in here}
    for account in here:
        held |= {n for n, p in venue.accounts[account].positions.items() if p.quantity != 0}
    watched = {
        InstrumentName(word)
        for peer in peers.values()
        for channel in peer.channels
        for word in channel.split(".")[1:2]
    }
    for names in (held, watched, set(venue.books)):
        usable = sorted(name for name in names if _is_usable(venue, name))
        if usable:
            return draw_from(usable, draw)
    return None


def draw_index(venue: Venue, peers: Mapping[str, Peer], draw: random.Random) -> IndexName | None:
    """Draw the index of an instrument that matters here."""
    name = draw_instrument(venue, peers, draw)
    return None if name is None else venue.books[name].instrument.index


def _is_usable(venue: Venue, name: InstrumentName) -> bool:
    book = venue.books.get(name)
    return book is not None and book.state is BookState.OPEN and book.quotes is not None
