"""Somebody else at our account: orders and trades by hand, and the venue's own liquidation.

Everything that is done here is real: orders, trades, positions and the order log hold it.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from random import Random
from typing import Final, final

from bot.domain.ids import AccountId, InstrumentName, OrderId
from bot.domain.instrument import BookState
from bot.domain.order import Liquidity, OrderState
from bot.domain.side import Side
from bot.domain.tick import floor_to_step
from bot.simulator.exchange.book import Book
from bot.simulator.exchange.cancelling import cancel, close
from bot.simulator.exchange.fill import fill_apart, is_sized_in_usd
from bot.simulator.exchange.order import (
    CANCEL_BY_SELF_MATCH,
    CANCEL_BY_USER,
    Lifetime,
    Order,
    OrderKind,
)
from bot.simulator.exchange.reduce import shrink_reduce_only
from bot.simulator.exchange.terms import Terms
from bot.simulator.exchange.trading import place
from bot.simulator.exchange.venue import Changes, Venue
from bot.simulator.peer import Peer
from bot.simulator.refusal import Refused
from bot.simulator.trouble.agenda import Agenda
from bot.simulator.trouble.stake import accounts_here, draw_from, draw_instrument
from bot.simulator.trouble.trouble import Trouble

__all__ = ["Hand"]

_STAYS_S: Final = (60.0, 600.0)
_AFTER_CANCEL_S: Final = (0.2, 3.0)
_AGAIN_MS: Final = 1_000  # what cannot be undone now is tried again
_LABELS: Final = ("", "manual", "web-7")
_AWAY: Final = {Side.BUY: Decimal("0.9"), Side.SELL: Decimal("1.1")}
_AMOUNTS_MAX: Final = 3  # times the least amount
_LIQUIDATED: Final = (Decimal("0.2"), Decimal("0.6"))  # of the position


@final
class Hand:
    """What is done to the accounts that are logged in, and undone again."""

    def __init__(
        self, venue: Venue, trouble: Trouble, agenda: Agenda, peers: Mapping[str, Peer]
    ) -> None:
        self._venue = venue
        self._trouble = trouble
        self._agenda = agenda
        self._peers = peers
        self._awaits_trade = False

    def pass_time(self) -> None:
        """Do what is armed, if there is something to do it to."""
        if self._trouble.is_armed("foreign_order"):
            self._place()
        if self._trouble.is_armed("foreign_trade"):
            self._trade()
        if self._trouble.is_armed("liquidation"):
            self._liquidate()
        if self._trouble.is_armed("stp_cancel"):
            self._prevent_self_trade()

    def note(self, changes: Changes) -> None:
        """Choose, of the orders just cancelled by their owner, one that will trade all the same."""
        if self._awaits_trade or not self._trouble.is_armed("fill_after_cancel"):
            return
        for order in changes.orders:
            if order.cancel_reason == CANCEL_BY_USER and order.remaining > 0:
                self._awaits_trade = True
                draw = self._trouble.draw("fill_after_cancel")
                due_ms = self._venue.now_ms + int(draw.uniform(*_AFTER_CANCEL_S) * 1_000)
                self._agenda.put(due_ms, partial(self._trade_cancelled, order.id))
                return

    def _place(self) -> None:
        draw = self._trouble.draw("foreign_order")
        chosen = self._choose(draw)
        if chosen is None:
            return
        account, book = chosen
        side = Side.BUY if draw.random() < 0.5 else Side.SELL
        price = _away(book, side)
        if price is None:
            return
        placed = place(
            self._venue,
            account,
            Terms(
                instrument=book.instrument.name,
                side=side,
                amount=book.instrument.amount_min * draw.randint(1, _AMOUNTS_MAX),
                price=price,
                label=draw.choice(_LABELS),
                post_only=True,
                reject_post_only=True,
            ),
        )
        if not isinstance(placed, Refused) and self._trouble.take("foreign_order"):
            order_id = placed.order.id
            self._agenda.put(self._leaves_ms(draw), lambda: self._take_away(order_id))

    def _take_away(self, order_id: OrderId) -> None:
        order = self._venue.order(order_id)
        if order is None:
            return
        if order.is_open:
            gone = cancel(self._venue, order)
            if isinstance(gone, Refused):
                self._agenda.put(self._venue.now_ms + _AGAIN_MS, lambda: self._take_away(order_id))
                return
            order = gone
        if order.filled > 0:
            self._trade_back(order.account, order.instrument, order.side, order.filled)

    def _trade(self) -> None:
        draw = self._trouble.draw("foreign_trade")
        chosen = self._choose(draw)
        if chosen is None:
            return
        account, book = chosen
        side = Side.BUY if draw.random() < 0.5 else Side.SELL
        amount = book.instrument.amount_min * draw.randint(1, _AMOUNTS_MAX)
        if self._trouble.take("foreign_trade"):
            name = book.instrument.name
            self._deal(account, book, side, amount)
            self._agenda.put(
                self._leaves_ms(draw), lambda: self._trade_back(account, name, side, amount)
            )

    def _trade_back(
        self, account: AccountId, name: InstrumentName, side: Side, amount: Decimal
    ) -> None:
        """Undo a trade of the hand, as far as nobody else has undone it already."""
        book = self._venue.books.get(name)
        if book is None:
            return  # delivered in the meantime
        if not _can_trade(book):
            self._agenda.put(
                self._venue.now_ms + _AGAIN_MS,
                lambda: self._trade_back(account, name, side, amount),
            )
            return
        size = self._venue.accounts[account].position(name).quantity
        if size == 0:
            return  # whoever closed the position has closed the hand's part with it
        left = size * side.sign
        self._deal(account, book, side.opposite, min(amount, left) if left > 0 else amount)

    def _liquidate(self) -> None:
        """Close a part of the largest position, by its worth at the index."""
        sizes = [
            (self._worth(book, position.quantity), account, book, position.quantity)
            for account in accounts_here(self._peers)
            for name, position in sorted(self._venue.accounts[account].positions.items())
            if (book := self._venue.books.get(name)) is not None
            and position.quantity != 0
            and _can_trade(book)
        ]
        if not sizes or not self._trouble.take("liquidation"):
            return
        _, account, book, size = max(sizes, key=lambda row: row[0])
        low, high = _LIQUIDATED
        share = low + (high - low) * Decimal(self._trouble.draw("liquidation").randint(0, 10)) / 10
        part = floor_to_step(abs(size) * share, book.instrument.amount_step)
        amount = min(max(part, book.instrument.amount_min), abs(size))
        side = Side.SELL if size > 0 else Side.BUY
        self._deal(account, book, side, amount, is_liquidation=True)

    def _prevent_self_trade(self) -> None:
        """Cancel a maker, as if an order of the same owner had come against it."""
        here = accounts_here(self._peers)
        resting = [
            order
            for order in self._venue.open.values()
            if order.account in here and _can_trade(self._venue.books[order.instrument])
        ]
        order = draw_from(resting, self._trouble.draw("stp_cancel"))
        if order is not None and self._trouble.take("stp_cancel"):
            close(self._venue, order, reason=CANCEL_BY_SELF_MATCH)

    def _worth(self, book: Book, size: Decimal) -> Decimal:
        if is_sized_in_usd(book.instrument):
            return abs(size)
        return abs(size) * self._venue.index(book.instrument)

    def _trade_cancelled(self, order_id: OrderId) -> None:
        self._awaits_trade = False
        order = self._venue.order(order_id)
        book = self._venue.books.get(order.instrument) if order is not None else None
        if order is None or book is None or not _can_trade(book):
            return
        if not self._trouble.take("fill_after_cancel"):
            return
        step = book.instrument.amount_step
        count = int(order.remaining / step)
        amount = step * self._trouble.draw("fill_after_cancel").randint(1, max(count, 1))
        fill_apart(
            self._venue,
            book,
            order,
            price=order.price,
            amount=min(amount, order.remaining),
            liquidity=Liquidity.MAKER,
            state=OrderState.CANCELLED,
        )
        shrink_reduce_only(self._venue, book)

    def _deal(
        self,
        account: AccountId,
        book: Book,
        side: Side,
        amount: Decimal,
        *,
        is_liquidation: bool = False,
    ) -> None:
        """Trade at the touch with somebody outside; our own resting orders are not met."""
        venue = self._venue
        instrument = book.instrument
        price = book.best(side.opposite) or instrument.ticks.up(book.mark)
        order = Order(
            id=venue.order_id(instrument.currency),
            account=account,
            instrument=instrument.name,
            side=side,
            kind=OrderKind.MARKET,
            price=price,
            amount=amount,
            label="",
            lifetime=Lifetime.IOC,
            post_only=False,
            reject_post_only=False,
            reduce_only=False,
            created_ms=venue.now_ms,
            updated_ms=venue.now_ms,
            rank=venue.rank(),
            is_liquidation=is_liquidation,
        )
        venue.put_order(order, event="new")
        fill_apart(venue, book, order, price=price, amount=amount, liquidity=Liquidity.TAKER)
        shrink_reduce_only(venue, book)

    def _choose(self, draw: Random) -> tuple[AccountId, Book] | None:
        account = draw_from(accounts_here(self._peers), draw)
        name = draw_instrument(self._venue, self._peers, draw)
        return None if account is None or name is None else (account, self._venue.books[name])

    def _leaves_ms(self, draw: Random) -> int:
        return self._venue.now_ms + int(draw.uniform(*_STAYS_S) * 1_000)


def _away(book: Book, side: Side) -> Decimal | None:
    """Return a legal price well away from the touch; None when there is none above zero."""
    touch = book.best(side) or book.mark
    price = book.instrument.ticks.toward_passive(touch * _AWAY[side], side)
    return price if price > 0 else None


def _can_trade(book: Book) -> bool:
    return book.state is BookState.OPEN and book.quotes is not None and book.mark > 0
