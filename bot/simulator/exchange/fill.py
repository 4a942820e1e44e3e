"""Carry out a match: the public trade, both sides' orders, positions, cash and fees."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

import msgspec

from bot.domain.ids import InstrumentName
from bot.domain.instrument import Instrument, Kind
from bot.domain.money import EXACT
from bot.domain.order import Liquidity, OrderState
from bot.domain.side import Side
from bot.simulator.exchange.account import paid, with_position
from bot.simulator.exchange.book import Book, Hit
from bot.simulator.exchange.fee import fill_fee
from bot.simulator.exchange.lot import value_of
from bot.simulator.exchange.order import Order
from bot.simulator.exchange.position import booked, funded
from bot.simulator.exchange.trade import PublicTrade, UserTrade
from bot.simulator.exchange.venue import Venue
from bot.simulator.number import shown

__all__ = ["execute", "fill_apart", "fill_resting", "is_sized_in_usd", "running_funding"]


def is_sized_in_usd(instrument: Instrument) -> bool:
    """Say whether amounts are USD: inverse futures and perpetuals."""
    return instrument.is_inverse and instrument.kind is not Kind.OPTION


def execute(
    venue: Venue, book: Book, *, taker_side: Side, taker: Order | None, hits: Iterable[Hit]
) -> tuple[Order | None, tuple[UserTrade, ...]]:
    """Carry out planned hits; return the taker as it is now and its own trades.

    A taker of None is somebody outside. The taker's new state is kept by the caller, which knows
    whether the rest of it stays; a maker's is kept here.
    """
    mine: list[UserTrade] = []
    for hit in hits:
        public = _print(venue, book, side=taker_side, price=hit.price, amount=hit.amount)
        if hit.maker is None:
            book.take_outside(taker_side.opposite, price=hit.price, amount=hit.amount)
        else:
            fill_resting(venue, book, venue.open[hit.maker], public=public)
        if taker is not None:
            taker = _filled(venue, book.instrument, taker, public=public)
            mine.append(_book_side(venue, book, taker, public=public, liquidity=Liquidity.TAKER))
        venue.touch(book)
    return taker, tuple(mine)


def fill_resting(
    venue: Venue,
    book: Book,
    maker: Order,
    *,
    public: PublicTrade | None = None,
    amount: Decimal | None = None,
) -> None:
    """Fill a resting order at its own price, from a trade already printed or from a new one.

    Without `public` the aggressor is outside and takes `amount`.
    """
    if public is None:
        size = amount if amount is not None else maker.remaining
        public = _print(venue, book, side=maker.side.opposite, price=maker.price, amount=size)
    after = _filled(venue, book.instrument, maker, public=public)
    if after.is_open:
        book.replace(after)
    else:
        book.remove(after)
    _book_side(venue, book, after, public=public, liquidity=Liquidity.MAKER)
    venue.put_order(after, event="fill")
    venue.touch(book)


def fill_apart(
    venue: Venue,
    book: Book,
    order: Order,
    *,
    price: Decimal,
    amount: Decimal,
    liquidity: Liquidity,
    state: OrderState | None = None,
) -> Order:
    """Trade an order that is not in its book with somebody outside who is not there either.

    `state` is what the order is afterwards when that does not follow from its amounts.
    """
    aggressor = order.side if liquidity is Liquidity.TAKER else order.side.opposite
    public = _print(venue, book, side=aggressor, price=price, amount=amount)
    after = _filled(venue, book.instrument, order, public=public)
    if state is not None:
        after = msgspec.structs.replace(after, state=state)
    _book_side(venue, book, after, public=public, liquidity=liquidity)
    venue.put_order(after, event="fill")
    venue.touch(book)
    return after


def _print(venue: Venue, book: Book, *, side: Side, price: Decimal, amount: Decimal) -> PublicTrade:
    instrument = book.instrument
    book.trade_seq += 1
    last = book.last_price
    if last is None or price > last:
        direction = 0
    elif price < last:
        direction = 2
    else:
        direction = book.last_tick_direction | 1
    quotes = book.quotes
    trade = PublicTrade(
        id=venue.trade_id(instrument.currency),
        seq=book.trade_seq,
        instrument=instrument.name,
        at_ms=venue.now_ms,
        side=side,
        price=price,
        amount=amount,
        mark=book.mark,
        index=venue.index(instrument),
        tick_direction=direction,
        iv=round(quotes.mark_iv * 100, 2) if quotes and quotes.mark_iv is not None else None,
    )
    book.last_price, book.last_tick_direction = price, direction
    book.trades.append(trade)
    stats = book.stats
    stats.high = price if stats.high is None else max(stats.high, price)
    stats.low = price if stats.low is None else min(stats.low, price)
    stats.first = price if stats.first is None else stats.first
    stats.volume += amount
    venue.changes.trades.append(trade)
    return trade


def _filled(venue: Venue, instrument: Instrument, order: Order, *, public: PublicTrade) -> Order:
    filled = order.filled + public.amount
    worth = value_of(public.amount, price=public.price, in_usd=is_sized_in_usd(instrument))
    return msgspec.structs.replace(
        order,
        filled=filled,
        value=order.value + worth,
        state=OrderState.FILLED if filled >= order.amount else OrderState.OPEN,
        updated_ms=venue.now_ms,
    )


def _book_side(
    venue: Venue, book: Book, order: Order, *, public: PublicTrade, liquidity: Liquidity
) -> UserTrade:
    instrument = book.instrument
    fee = fill_fee(
        instrument,
        price=public.price,
        amount=public.amount,
        index=public.index,
        liquidity=liquidity,
    )
    account = venue.accounts[order.account]
    before = funded(
        account.position(instrument.name), running=running_funding(venue, instrument.name)
    )
    signed = public.amount * order.side.sign
    position, realised = booked(
        before, signed=signed, price=public.price, in_usd=is_sized_in_usd(instrument)
    )
    # An option's premium changes hands at once; a future's gain waits for 08:00 (DOMAIN §3.3).
    is_option = instrument.kind is Kind.OPTION
    cash = -EXACT.multiply(signed, public.price) if is_option else Decimal(0)
    account = paid(account, currency=instrument.currency, cash=cash, fee=fee)
    venue.put_account(with_position(account, position), instrument=instrument.name)
    trade = UserTrade(
        public=public,
        account=order.account,
        order_id=order.id,
        order_kind=order.kind,
        label=order.label,
        side=order.side,
        fee=fee,
        fee_currency=instrument.currency,
        liquidity=liquidity,
        state=order.state,
        profit_loss=shown(realised),
        post_only=order.post_only,
        reduce_only=order.reduce_only,
        is_liquidation=order.is_liquidation,
    )
    venue.put_user_trade(trade)
    return trade


def running_funding(venue: Venue, name: InstrumentName) -> Fraction:
    """Return the funding that one unit of a perpetual has paid since the market began."""
    return venue.funding_running.get(name, Fraction(0))
