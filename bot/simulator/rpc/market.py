"""Public market data (PROTOCOL §5, §6)."""

from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

from bot.domain.ids import Currency, IndexName, InstrumentName
from bot.domain.instrument import BookState, Instrument
from bot.simulator.exchange.trade import PublicTrade
from bot.simulator.limits import Bucket
from bot.simulator.refusal import Refused, bad_param, refuse
from bot.simulator.rpc.method import Call, Method, NoParams
from bot.simulator.show.account import CURRENCIES
from bot.simulator.show.instrument import show_instrument, wire_kind
from bot.simulator.show.order import show_public_trade
from bot.simulator.show.ticker import show_order_book, show_summary, show_ticker

__all__ = ["METHODS", "WireKind"]

WireKind = Literal["any", "option", "future", "spot", "future_combo", "option_combo"]
_COUNT_MAX: Final = 1_000
_NAMES: Final = {"BTC": "Bitcoin", "ETH": "Ethereum", "USDC": "USD Coin"}


class OfCurrency(msgspec.Struct):
    """A currency group, and what of it."""

    currency: str = "any"  # absent is any: a known client asks so
    kind: WireKind = "any"
    expired: bool = False


class OfInstrument(msgspec.Struct):
    """One instrument."""

    instrument_name: InstrumentName


class OfBook(msgspec.Struct):
    """One instrument's book, so deep."""

    instrument_name: InstrumentName
    depth: Literal[1, 5, 10, 20, 50, 100, 1000, 10000] = 5


class OfIndex(msgspec.Struct):
    """One index."""

    index_name: IndexName
    offset: int = 0
    count: int = 10


class Trades(msgspec.Struct):
    """Which public trades: by sequence or by time."""

    instrument_name: InstrumentName
    start_seq: int | None = None
    end_seq: int | None = None
    start_timestamp: int | None = None
    end_timestamp: int | None = None
    count: int = 10
    sorting: Literal["asc", "desc", "default"] = "default"


def _get_instruments(call: Call, asked: OfCurrency) -> object | Refused:
    if asked.currency not in (*_NAMES, "USDT", "EURR", "any"):
        return bad_param("currency", reason="invalid currency")
    if asked.expired:
        found = [(gone, BookState.DELIVERED) for gone, _ in call.venue.expired.values()]
    else:
        found = [(book.instrument, book.state) for book in call.venue.books.values()]
    return [
        show_instrument(instrument, state=state)
        for instrument, state in sorted(found, key=lambda pair: pair[0].name)
        if _is_asked(instrument, currency=asked.currency, kind=asked.kind)
    ]


def _get_instrument(call: Call, asked: OfInstrument) -> object | Refused:
    book = call.venue.books.get(asked.instrument_name)
    if book is not None:
        return show_instrument(book.instrument, state=book.state)
    gone = call.venue.expired.get(asked.instrument_name)
    if gone is not None:
        return show_instrument(gone[0], state=BookState.DELIVERED)
    return refuse(13020)


def _get_order_book(call: Call, asked: OfBook) -> object | Refused:
    book = call.venue.books.get(asked.instrument_name)
    if book is None:
        return refuse(13020)
    return show_order_book(call.venue, book, depth=asked.depth)


def _ticker(call: Call, asked: OfInstrument) -> object | Refused:
    book = call.venue.books.get(asked.instrument_name)
    return refuse(13020) if book is None else show_ticker(call.venue, book, is_rest=True)


def _summaries(call: Call, asked: OfCurrency) -> object | Refused:
    if asked.currency not in (*_NAMES, "USDT", "EURR", "any"):
        return bad_param("currency", reason="invalid currency")
    return [
        show_summary(call.venue, book)
        for _, book in sorted(call.venue.books.items())
        if _is_asked(book.instrument, currency=asked.currency, kind=asked.kind)
    ]


def _summary(call: Call, asked: OfInstrument) -> object | Refused:
    book = call.venue.books.get(asked.instrument_name)
    return refuse(13020) if book is None else [show_summary(call.venue, book)]


def _get_index_price(call: Call, asked: OfIndex) -> object | Refused:
    price = call.venue.indices.get(asked.index_name)
    if price is None:
        return bad_param("index_name", reason="invalid index")
    estimate = call.venue.delivery_estimates.get(asked.index_name, price)
    return {"index_price": price, "estimated_delivery_price": estimate}


def _get_index_names(call: Call, _asked: NoParams) -> object:
    return sorted(call.venue.indices)


def _get_delivery_prices(call: Call, asked: OfIndex) -> object | Refused:
    if asked.index_name not in call.venue.indices:
        return bad_param("index_name", reason="invalid index")
    known = sorted(call.venue.deliveries.get(asked.index_name, {}).items(), reverse=True)
    begin = max(asked.offset, 0)
    return {
        "records_total": len(known),
        "data": [
            {"date": _day(at_ms), "delivery_price": price}
            for at_ms, price in known[begin : begin + min(asked.count, _COUNT_MAX)]
        ],
    }


def _get_currencies(_call: Call, _asked: NoParams) -> object:
    return [
        {
            "currency": currency,
            "currency_long": _NAMES[currency],
            "coin_type": currency,
            "network_currency": currency,
            "fee_precision": 4,
            "min_confirmations": 1,
            "min_withdrawal_fee": 0.0001,
            "withdrawal_fee": 0.0001,
            "withdrawal_priorities": [],
            "in_cross_collateral_pool": False,
        }
        for currency in CURRENCIES
    ]


def _get_announcements(_call: Call, _asked: NoParams) -> object:
    return []


def _get_last_trades(call: Call, asked: Trades) -> object | Refused:
    if not 1 <= asked.count <= _COUNT_MAX:
        return bad_param("count", reason=f"value must be between 1 and {_COUNT_MAX}")
    book = call.venue.books.get(asked.instrument_name)
    if book is None:
        return refuse(13020)
    found = [trade for trade in book.trades if _is_between(trade, asked)]
    # Counted from the newest, unless a beginning is named.
    begins = asked.start_seq is not None or asked.start_timestamp is not None
    if asked.sorting == "asc" and begins:
        taken = found[: asked.count]
    else:
        taken = found[-asked.count :]
        if asked.sorting != "asc":
            taken = taken[::-1]
    return {
        "trades": [show_public_trade(call.venue, trade) for trade in taken],
        "has_more": len(found) > len(taken),
    }


def _is_between(trade: PublicTrade, asked: Trades) -> bool:
    return (
        (asked.start_seq is None or trade.seq >= asked.start_seq)
        and (asked.end_seq is None or trade.seq <= asked.end_seq)
        and (asked.start_timestamp is None or trade.at_ms >= asked.start_timestamp)
        and (asked.end_timestamp is None or trade.at_ms <= asked.end_timestamp)
    )


def _is_asked(instrument: Instrument, *, currency: str, kind: str) -> bool:
    return currency in ("any", Currency(instrument.currency)) and kind in (
        "any",
        wire_kind(instrument.kind),
    )


def _day(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, tz=UTC):%Y-%m-%d}"


METHODS: Final = (
    Method(
        name="public/get_instruments",
        params=OfCurrency,
        act=_get_instruments,
        bucket=Bucket.INSTRUMENTS,
    ),
    Method(name="public/get_instrument", params=OfInstrument, act=_get_instrument),
    Method(name="public/get_order_book", params=OfBook, act=_get_order_book),
    Method(name="public/ticker", params=OfInstrument, act=_ticker),
    Method(name="public/get_book_summary_by_currency", params=OfCurrency, act=_summaries),
    Method(name="public/get_book_summary_by_instrument", params=OfInstrument, act=_summary),
    Method(name="public/get_index_price", params=OfIndex, act=_get_index_price),
    Method(name="public/get_supported_index_names", params=NoParams, act=_get_index_names),
    Method(name="public/get_delivery_prices", params=OfIndex, act=_get_delivery_prices),
    Method(name="public/get_currencies", params=NoParams, act=_get_currencies),
    Method(name="public/get_announcements", params=NoParams, act=_get_announcements),
    Method(name="public/get_last_trades_by_instrument", params=Trades, act=_get_last_trades),
    Method(
        name="public/get_last_trades_by_instrument_and_time", params=Trades, act=_get_last_trades
    ),
)
