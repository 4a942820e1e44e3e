"""Cancel: what its owner asks for, and what the venue does by itself (PROTOCOL §10)."""

from collections.abc import Callable

import msgspec

from bot.domain.ids import AccountId
from bot.domain.order import OrderState
from bot.simulator.exchange.order import CANCEL_BY_USER, Order
from bot.simulator.exchange.terms import check_book
from bot.simulator.exchange.venue import Venue
from bot.simulator.refusal import Refused

__all__ = ["cancel", "cancel_many", "close"]


def cancel(venue: Venue, order: Order, *, reason: str = CANCEL_BY_USER) -> Order | Refused:
    """Take an open order out."""
    book = venue.books[order.instrument]
    refused = check_book(book, is_cancel=True)
    return refused if refused is not None else close(venue, order, reason=reason)


def cancel_many(
    venue: Venue, account_id: AccountId, *, which: Callable[[Order], bool], reason: str
) -> list[Order]:
    """Cancel all open orders of an account that match; those that cannot be are left out."""
    done: list[Order] = []
    for order in venue.open_orders(account_id):
        if which(order):
            result = cancel(venue, order, reason=reason)
            if isinstance(result, Order):
                done.append(result)
    return done


def close(venue: Venue, order: Order, *, reason: str) -> Order:
    """Cancel an open order whatever the state of its book: the venue's own act."""
    book = venue.books[order.instrument]
    gone = msgspec.structs.replace(
        order, state=OrderState.CANCELLED, cancel_reason=reason, updated_ms=venue.now_ms
    )
    book.remove(order)
    venue.touch(book)
    venue.put_order(gone, event="cancel")
    return gone
