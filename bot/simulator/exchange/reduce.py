"""Reduce-only: never more than the position, at entry and afterwards (PROTOCOL §8)."""

from decimal import Decimal

import msgspec

from bot.domain.ids import AccountId, OrderId
from bot.domain.order import OrderState
from bot.domain.side import Side
from bot.simulator.exchange.book import Book
from bot.simulator.exchange.order import CANCEL_BY_SHRINKING, Order
from bot.simulator.exchange.venue import Venue

__all__ = ["reducible", "shrink_reduce_only"]


def reducible(
    venue: Venue,
    account_id: AccountId,
    book: Book,
    *,
    side: Side,
    without: OrderId | None = None,
) -> Decimal:
    """Return what a new reduce-only order may still ask for; 0 or below: nothing.

    All resting reduce-only orders together never exceed the position.
    """
    size = venue.accounts[account_id].position(book.instrument.name).quantity
    against = -size * side.sign
    resting = sum(
        (
            order.remaining
            for order in _reduce_only(venue, account_id, book, side=side)
            if order.id != without
        ),
        Decimal(0),
    )
    return against - resting


def shrink_reduce_only(venue: Venue, book: Book) -> None:
    """Cut resting reduce-only orders to what positions are left; the nearest keep their size."""
    for account_id, account in list(venue.accounts.items()):
        size = account.position(book.instrument.name).quantity
        for side in Side:
            left = max(-size * side.sign, Decimal(0))
            for order in _reduce_only(venue, account_id, book, side=side):
                allowed = min(order.remaining, left)
                left -= allowed
                if allowed < order.remaining:
                    _cut(venue, book, order, to=allowed)


def _cut(venue: Venue, book: Book, order: Order, *, to: Decimal) -> None:
    if to > 0:
        less = msgspec.structs.replace(order, amount=order.filled + to, updated_ms=venue.now_ms)
        book.replace(less)
        venue.put_order(less, event="cut")
    else:
        gone = msgspec.structs.replace(
            order,
            state=OrderState.CANCELLED,
            cancel_reason=CANCEL_BY_SHRINKING,
            updated_ms=venue.now_ms,
        )
        book.remove(order)
        venue.put_order(gone, event="cancel")
    venue.touch(book)


def _reduce_only(venue: Venue, account_id: AccountId, book: Book, *, side: Side) -> list[Order]:
    return [
        order
        for order in book.orders(side)
        if order.account == account_id and order.reduce_only and order.id in venue.open
    ]
