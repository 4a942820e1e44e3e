"""What an account may still do: equity, margins and the check before an order rests."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import final

from bot.domain.ids import Currency, InstrumentName
from bot.domain.instrument import Kind
from bot.domain.side import Side
from bot.simulator.exchange.account import Account
from bot.simulator.exchange.book import Book
from bot.simulator.exchange.fill import is_sized_in_usd, running_funding
from bot.simulator.exchange.lot import unrealised
from bot.simulator.exchange.margin import margin_of, open_order_margin
from bot.simulator.exchange.position import funded
from bot.simulator.exchange.venue import Venue

__all__ = ["Asked", "Standing", "forward_of", "is_affordable", "standing"]


@final
@dataclass(frozen=True, slots=True)
class Asked:
    """An order that is not there yet, to be counted as if it were."""

    instrument: InstrumentName
    side: Side
    price: Decimal
    amount: Decimal


@final
@dataclass(slots=True)
class Standing:
    """Where an account stands in one currency, in that currency (DOMAIN §3.3, §11.1)."""

    cash: Fraction = Fraction(0)
    futures_realised: Fraction = Fraction(0)  # of the session, funding included
    futures_unrealised: Fraction = Fraction(0)
    options_realised: Fraction = Fraction(0)
    options_unrealised: Fraction = Fraction(0)
    options_value: Fraction = Fraction(0)
    options_gain: Fraction = Fraction(0)  # since they were opened
    futures_gain: Fraction = Fraction(0)
    initial: Fraction = Fraction(0)
    maintenance: Fraction = Fraction(0)

    @property
    def equity(self) -> Fraction:
        """Cash, the session's futures gain, and the options at their marks."""
        return self.margin_balance + self.options_value

    @property
    def margin_balance(self) -> Fraction:
        """What margins are held against: under standard margin options' value does not count."""
        return self.cash + self.futures_realised + self.futures_unrealised

    @property
    def available(self) -> Fraction:
        """What is left of the margin balance."""
        return self.margin_balance - self.initial


def forward_of(venue: Venue, book: Book) -> Decimal:
    """Return the forward that margins measure against: the option's own, else the index."""
    quotes = book.quotes
    if quotes is not None and quotes.underlying is not None:
        return quotes.underlying
    return venue.index(book.instrument)


def standing(
    venue: Venue, account: Account, currency: Currency, *, asked: Asked | None = None
) -> Standing:
    """Add up one currency of an account, with an asked order counted in when given."""
    result = Standing(cash=Fraction(account.cash.get(currency, Decimal(0))))
    for name, position in account.positions.items():
        book = venue.books.get(name)
        if book is None or book.instrument.currency != currency:
            continue
        in_usd = is_sized_in_usd(book.instrument)
        floating = unrealised(position.session, mark=book.mark, in_usd=in_usd)
        gain = unrealised(position.life, mark=book.mark, in_usd=in_usd)
        if book.instrument.kind is Kind.OPTION:
            result.options_realised += position.realised
            result.options_unrealised += floating
            result.options_value += Fraction(position.quantity) * Fraction(book.mark)
            result.options_gain += gain
        else:
            charged = funded(position, running=running_funding(venue, name))
            result.futures_realised += position.realised + charged.funding
            result.futures_unrealised += floating
            result.futures_gain += gain
        margin = margin_of(
            book.instrument,
            size=position.quantity,
            mark=book.mark,
            forward=forward_of(venue, book),
        )
        result.initial += margin.initial
        result.maintenance += margin.maintenance
    for name, sides in _open_by_instrument(venue, account, asked=asked).items():
        book = venue.books.get(name)
        if book is None or book.instrument.currency != currency:
            continue
        result.initial += open_margin(venue, account, book, sides=sides)
    return result


Sides = dict[Side, tuple[Decimal, Fraction]]  # amount, Σ price·amount


def open_margin(
    venue: Venue, account: Account, book: Book, *, sides: Sides | None = None
) -> Fraction:
    """Return the margin that an account's open orders in one book add."""
    if sides is None:
        sides = _open_by_instrument(venue, account, asked=None).get(book.instrument.name, {})
    nothing = (Decimal(0), Fraction(0))
    buys, worth = sides.get(Side.BUY, nothing)
    sells, _ = sides.get(Side.SELL, nothing)
    return open_order_margin(
        book.instrument,
        size=account.position(book.instrument.name).quantity,
        buys=buys,
        buys_worth=worth,
        sells=sells,
        mark=book.mark,
        forward=forward_of(venue, book),
    )


def is_affordable(venue: Venue, account: Account, asked: Asked) -> bool:
    """Say whether the account can carry one more order: it may not raise IM beyond the balance."""
    currency = venue.books[asked.instrument].instrument.currency
    before = standing(venue, account, currency)
    after = standing(venue, account, currency, asked=asked)
    return after.initial <= before.initial or after.available >= 0


def _open_by_instrument(
    venue: Venue, account: Account, *, asked: Asked | None
) -> dict[InstrumentName, Sides]:
    found: dict[InstrumentName, Sides] = defaultdict(dict)

    def add(name: InstrumentName, side: Side, price: Decimal, amount: Decimal) -> None:
        total, worth = found[name].get(side, (Decimal(0), Fraction(0)))
        found[name][side] = (total + amount, worth + Fraction(price) * Fraction(amount))

    for order in venue.open_orders(account.id):
        if not order.reduce_only:  # such an order can only lower the risk
            add(order.instrument, order.side, order.price, order.remaining)
    if asked is not None:
        add(asked.instrument, asked.side, asked.price, asked.amount)
    return found
