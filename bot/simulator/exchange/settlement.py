"""08:00 UTC: what has come to its end is delivered, and the session's gains become cash.

An option is delivered in cash in one step. The venue now goes by way of the future of the same
expiry (PROTOCOL §18); the money is the same, and one passing row of the log is left out.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Final

from bot.domain.instrument import BookState, Instrument, Kind
from bot.simulator.exchange.account import Account, paid, with_position
from bot.simulator.exchange.book import Book, Stats
from bot.simulator.exchange.cancelling import close
from bot.simulator.exchange.expiry import DELIVERY_WINDOW_MS, settlement_period
from bot.simulator.exchange.fee import delivery_fee
from bot.simulator.exchange.fill import is_sized_in_usd, running_funding
from bot.simulator.exchange.order import CANCEL_BY_SETTLEMENT, Lifetime
from bot.simulator.exchange.position import Position, funded, settled, total_gain
from bot.simulator.exchange.record import Settlement
from bot.simulator.exchange.venue import Venue
from bot.simulator.feed import Feed
from bot.simulator.number import shown

__all__ = ["option_payout", "settle"]

_PAUSE_MS: Final = 2_000  # how long books stay in `settlement`
_DELIVERIES_KEPT: Final = 400


def settle(venue: Venue, feed: Feed, *, at_ms: int) -> None:
    """Deliver what expires at or before this 08:00, then settle the session of the rest."""
    for order in list(venue.open.values()):
        if order.lifetime is Lifetime.GTD and order.created_ms < at_ms:
            close(venue, order, reason=CANCEL_BY_SETTLEMENT)
    for index in sorted(venue.indices):
        mean = feed.index_mean(index, at_ms - DELIVERY_WINDOW_MS, at_ms)
        prices = venue.deliveries.setdefault(index, {})
        prices[at_ms] = mean
        while len(prices) > _DELIVERIES_KEPT:
            prices.pop(next(iter(prices)))
    for name in sorted(venue.books):
        book = venue.books[name]
        expiry_ms = book.instrument.expiry_ms
        if expiry_ms is not None and expiry_ms <= at_ms:
            _deliver(venue, book, price=venue.deliveries[book.instrument.index][at_ms])
        else:
            _settle_session(venue, book)
    venue.settling_until_ms = at_ms + _PAUSE_MS
    if venue.now_ms < venue.settling_until_ms:
        for book in venue.books.values():
            if book.state is BookState.OPEN:
                venue.set_state(book, BookState.SETTLEMENT)
    else:
        venue.settling_until_ms = 0


def option_payout(instrument: Instrument, *, delivery: Decimal) -> Fraction:
    """Return what one unit of an option pays at delivery, in settlement currency (DOMAIN §3.3)."""
    if instrument.strike is None or instrument.option_type is None:
        raise ValueError(f"{instrument.name} is no option")
    sign = instrument.option_type.sign
    inner = max(sign * (Fraction(delivery) - Fraction(instrument.strike)), Fraction(0))
    return inner / Fraction(delivery) if instrument.is_inverse else inner


def _deliver(venue: Venue, book: Book, *, price: Decimal) -> None:
    instrument = book.instrument
    for order in list(venue.open.values()):
        if order.instrument == instrument.name:
            close(venue, order, reason=CANCEL_BY_SETTLEMENT)
    for account in list(venue.accounts.values()):
        position = account.positions.get(instrument.name)
        if position is not None:
            _deliver_position(venue, account, book, position, price=price)
    venue.set_state(book, BookState.DELIVERED)
    venue.put_expired(instrument, delivery=price)
    del venue.books[instrument.name]


def _deliver_position(
    venue: Venue, account: Account, book: Book, position: Position, *, price: Decimal
) -> None:
    instrument = book.instrument
    size = position.quantity
    if instrument.kind is Kind.OPTION:
        unit = option_payout(instrument, delivery=price)
        gain = Fraction(size) * unit
        # Out of the money the value is 0, and so is the fee: it is capped at a share of the value.
        value = unit
    else:
        value = Fraction(price)
        gain = total_gain(position, mark=price, in_usd=is_sized_in_usd(instrument))
    fee = delivery_fee(
        instrument, size=size, delivery=price, value=value, period=settlement_period(instrument)
    )
    cash = shown(gain)
    after = paid(account, currency=instrument.currency, cash=cash, fee=fee)
    blank = Position(instrument=instrument.name)
    venue.put_account(with_position(after, blank), instrument=instrument.name)
    venue.put_settlement(
        Settlement(
            at_ms=venue.now_ms,
            account=account.id,
            kind="delivery",
            instrument=instrument.name,
            currency=instrument.currency,
            position=size,
            mark=price,
            index=price,
            profit=cash,
            funding=Decimal(0),
            fee=fee,
        )
    )


def _settle_session(venue: Venue, book: Book) -> None:
    instrument = book.instrument
    mark, in_usd = book.mark, is_sized_in_usd(instrument)
    for account in list(venue.accounts.values()):
        position = account.positions.get(instrument.name)
        if position is None:
            continue
        position = funded(position, running=running_funding(venue, instrument.name))
        cash = Decimal(0)
        if instrument.kind is not Kind.OPTION:  # an option's cash moved with its premium
            cash = shown(total_gain(position, mark=mark, in_usd=in_usd))
        after = paid(account, currency=instrument.currency, cash=cash)
        marked = settled(position, mark=mark, in_usd=in_usd)
        venue.put_account(with_position(after, marked), instrument=instrument.name)
        venue.put_settlement(
            Settlement(
                at_ms=venue.now_ms,
                account=account.id,
                kind="settlement",
                instrument=instrument.name,
                currency=instrument.currency,
                position=position.quantity,
                mark=mark,
                index=venue.index(instrument),
                profit=cash,
                funding=shown(position.funding),
                fee=Decimal(0),
            )
        )
    if mark > 0:  # after a stop over 08:00 the market has not spoken yet
        book.settlement_price = mark
    book.stats = Stats()
