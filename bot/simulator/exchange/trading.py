"""Place and edit (PROTOCOL §8, §10)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, final

import msgspec

from bot.domain.ids import AccountId, OrderId
from bot.domain.order import OrderState
from bot.domain.side import Side
from bot.simulator.exchange.account import SelfTrading
from bot.simulator.exchange.book import Book, Plan
from bot.simulator.exchange.cancelling import close
from bot.simulator.exchange.fill import execute
from bot.simulator.exchange.order import (
    CANCEL_BY_EDIT,
    CANCEL_BY_SELF_MATCH,
    Lifetime,
    Order,
    OrderKind,
)
from bot.simulator.exchange.reduce import reducible, shrink_reduce_only
from bot.simulator.exchange.risk import Asked, is_affordable
from bot.simulator.exchange.terms import (
    Terms,
    band_of,
    check_amount,
    check_book,
    check_deadline,
    check_price,
)
from bot.simulator.exchange.trade import UserTrade
from bot.simulator.exchange.venue import Venue
from bot.simulator.refusal import Refused, bad_param, refuse

__all__ = ["Placed", "edit", "place"]

_LABEL_MAX: Final = 64


@final
@dataclass(frozen=True, slots=True)
class Placed:
    """A success: the order as it is now, which need not be live, and the trades it made."""

    order: Order
    trades: tuple[UserTrade, ...]


def place(venue: Venue, account_id: AccountId, terms: Terms) -> Placed | Refused:
    """Take a new order: check it, match it, let the rest stand or fall by its time in force."""
    book = venue.books.get(terms.instrument)
    if book is None:
        return refuse(13019 if terms.instrument in venue.expired else 13020)
    refused = (
        check_deadline(venue, terms.valid_until_ms)
        or check_book(book)
        or _check_words(terms)
        or check_amount(book.instrument, terms.amount)
    )
    if refused is not None:
        return refused
    price = terms.price
    if terms.kind is OrderKind.MARKET:
        low, high = band_of(venue, book)
        price = high if terms.side is Side.BUY else low
    elif (refused := check_price(venue, book, price=price, side=terms.side)) is not None:
        return refused
    amount = terms.amount
    if terms.reduce_only:
        amount = min(amount, reducible(venue, account_id, book, side=terms.side))
        if amount <= 0:  # reject or cancel is not documented; a reject is the plainer answer
            return refuse(11030, suffix="invalid_reduce_only_order")
    if price is None:  # `check_price` has refused it; said again for the type checker
        return refuse(10023)
    draft = _draft(venue, account_id, book, terms, price=price, amount=amount)
    return _enter(venue, book, draft, event="new")


def edit(
    venue: Venue,
    order: Order,
    *,
    amount: Decimal,
    price: Decimal | None,
    post_only: bool | None = None,
    reject_post_only: bool | None = None,
    reduce_only: bool | None = None,
    valid_until_ms: int | None = None,
) -> Placed | Refused:
    """Change an open order of the caller's own account; `amount` is the new total.

    It keeps its place only when nothing but the amount falls. An edit that would take, with
    `reject_post_only`, cancels the order (11054): the venue's rule since 2023.
    """
    book = venue.books[order.instrument]
    new_price = order.price if price is None else price
    refused = (
        check_deadline(venue, valid_until_ms)
        or check_book(book)
        or check_amount(book.instrument, amount)
        or check_price(venue, book, price=new_price, side=order.side)
    )
    if refused is not None:
        return refused
    if amount <= order.filled:
        return refuse(10021)
    keeps_place = new_price == order.price and amount <= order.amount
    changed = msgspec.structs.replace(
        order,
        amount=amount,
        price=new_price,
        replaced=True,
        updated_ms=venue.now_ms,
        rank=order.rank if keeps_place else venue.rank(),
        post_only=order.post_only if post_only is None else post_only,
        reject_post_only=(order.reject_post_only if reject_post_only is None else reject_post_only),
        reduce_only=order.reduce_only if reduce_only is None else reduce_only,
    )
    if changed.reduce_only:
        most = reducible(venue, order.account, book, side=order.side, without=order.id)
        if most <= 0:
            return refuse(11030, suffix="invalid_reduce_only_order")
        changed = msgspec.structs.replace(
            changed, amount=min(changed.amount, changed.filled + most)
        )
    if keeps_place:
        book.replace(changed)
        venue.touch(book)
        venue.put_order(changed, event="edit")
        return Placed(changed, ())
    book.remove(order)
    del venue.open[order.id]
    result = _enter(venue, book, changed, event="edit", former=order)
    if isinstance(result, Refused) and order.id not in venue.closed:
        venue.open[order.id] = order
        book.rest(order)
    return result


def _check_words(terms: Terms) -> Refused | None:
    if len(terms.label) > _LABEL_MAX:
        return bad_param("label", reason="too long")
    if not terms.label.isprintable():
        return bad_param("label", reason="non-printable characters")
    is_limit_gtc = terms.lifetime is Lifetime.GTC and terms.kind is OrderKind.LIMIT
    if terms.post_only and not is_limit_gtc:
        return refuse(11055)
    if terms.reject_post_only and not terms.post_only:
        return bad_param("reject_post_only", reason="only valid with post_only")
    return None


def _draft(
    venue: Venue,
    account_id: AccountId,
    book: Book,
    terms: Terms,
    *,
    price: Decimal,
    amount: Decimal,
) -> Order:
    is_market = terms.kind is OrderKind.MARKET
    return Order(
        id=venue.order_id(book.instrument.currency),
        account=account_id,
        instrument=book.instrument.name,
        side=terms.side,
        kind=terms.kind,
        price=price,
        amount=amount,
        label=terms.label,
        lifetime=Lifetime.IOC if is_market else terms.lifetime,
        post_only=terms.post_only,
        reject_post_only=terms.reject_post_only,
        reduce_only=terms.reduce_only,
        created_ms=venue.now_ms,
        updated_ms=venue.now_ms,
        rank=venue.rank(),
        connection=terms.connection,
    )


def _enter(
    venue: Venue, book: Book, draft: Order, *, event: str, former: Order | None = None
) -> Placed | Refused:
    """Let an order meet the book. `former` is what an edit took out of it."""
    settled = _post_only(venue, book, draft, former=former)
    if isinstance(settled, Refused):
        return settled
    draft = settled
    account = venue.accounts[draft.account]
    asked = Asked(draft.instrument, draft.side, draft.price, draft.remaining)
    if not draft.reduce_only and not is_affordable(venue, account, asked):
        return refuse(10009)
    own: frozenset[OrderId] = frozenset()
    plan = _plan(book, draft, skip=own)
    if account.self_trading is SelfTrading.CANCEL_MAKER:
        while plan.own is not None:
            own |= {plan.own}
            plan = _plan(book, draft, skip=own)
    if draft.lifetime is Lifetime.FOK and plan.amount < draft.remaining:
        plan, own = Plan((), None), frozenset()
    if plan.own is not None and not plan.hits:
        return refuse(10003)
    for order_id in own:
        close(venue, venue.open[order_id], reason=CANCEL_BY_SELF_MATCH)
    venue.put_order(draft, event=event)
    after, trades = execute(venue, book, taker_side=draft.side, taker=draft, hits=plan.hits)
    order = _rest_or_fall(venue, book, after or draft, plan=plan)
    if trades:
        shrink_reduce_only(venue, book)
        order = venue.order(order.id) or order
    return Placed(order, trades)


def _plan(book: Book, draft: Order, *, skip: frozenset[OrderId]) -> Plan:
    return book.plan(
        draft.side,
        limit=draft.price,
        amount=draft.remaining,
        account=draft.account,
        skip=skip,
    )


def _rest_or_fall(venue: Venue, book: Book, order: Order, *, plan: Plan) -> Order:
    if not order.is_open:
        venue.put_order(order, event="fill")
        return order
    if order.lifetime.rests and plan.own is None:
        book.rest(order)
        venue.touch(book)
        if plan.hits:
            venue.put_order(order, event="fill")
        return order
    fallen = msgspec.structs.replace(
        order,
        state=OrderState.CANCELLED,
        cancel_reason=CANCEL_BY_SELF_MATCH if plan.own is not None else None,
    )
    if plan.hits:
        venue.put_order(order, event="fill")
    venue.put_order(fallen, event="cancel")
    return fallen


def _post_only(venue: Venue, book: Book, draft: Order, *, former: Order | None) -> Order | Refused:
    if not draft.post_only:
        return draft
    touch = book.best(draft.side.opposite)
    takes = touch is not None and draft.side.sign * (draft.price - touch) >= 0
    if touch is None or not takes:
        return draft
    if draft.reject_post_only:
        if former is not None:
            venue.open[former.id] = former
            close(venue, former, reason=CANCEL_BY_EDIT)
        return refuse(11054)
    # Moved to the last price inside the spread: not the price that was asked for.
    ticks = book.instrument.ticks
    if draft.side is Side.BUY:
        inside = touch - ticks.at(touch)
    else:
        inside = touch + ticks.at(touch + ticks.tick)
    if inside <= 0:
        return refuse(11021)
    return msgspec.structs.replace(draft, price=inside)
