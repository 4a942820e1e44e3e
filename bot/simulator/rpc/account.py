"""Positions, summaries, margins, settlements (PROTOCOL §12, §13, §18)."""

from decimal import Decimal
from typing import Final, Literal

import msgspec

from bot.domain.ids import Currency, InstrumentName
from bot.simulator.exchange.margin import margin_of
from bot.simulator.exchange.record import Settlement
from bot.simulator.exchange.risk import forward_of
from bot.simulator.exchange.terms import band_of
from bot.simulator.number import shown
from bot.simulator.refusal import Refused, bad_param, refuse
from bot.simulator.rpc.market import WireKind
from bot.simulator.rpc.method import Call, Method, NoParams
from bot.simulator.scope import Level
from bot.simulator.show.account import (
    CURRENCIES,
    limits,
    show_account_header,
    show_position,
    show_summary_of,
)
from bot.simulator.show.instrument import wire_kind

__all__ = ["METHODS"]

_READ_TRADE: Final = ("trade", Level.READ)
_READ_ACCOUNT: Final = ("account", Level.READ)
_COUNT_MAX: Final = 1_000


class Positions(msgspec.Struct):
    """Which positions."""

    currency: str = "any"
    kind: WireKind = "any"


class OfInstrument(msgspec.Struct):
    """One instrument."""

    instrument_name: InstrumentName


class Summary(msgspec.Struct):
    """One currency of the account."""

    currency: str
    extended: bool = False


class Summaries(msgspec.Struct):
    """All currencies of the account."""

    extended: bool = False


class Margins(msgspec.Struct):
    """What an order would need."""

    instrument_name: InstrumentName
    amount: Decimal
    price: Decimal


class Settlements(msgspec.Struct):
    """Which rows of the settlement history."""

    currency: str | None = None
    instrument_name: InstrumentName | None = None
    type: Literal["settlement", "delivery", "bankruptcy"] | None = None
    count: int = 20
    continuation: str | None = None
    search_start_timestamp: int | None = None


def _get_positions(call: Call, asked: Positions) -> object | Refused:
    if asked.currency not in ("any", *CURRENCIES, "USDT", "EURR"):
        return bad_param("currency", reason="invalid currency")
    account = call.venue.accounts[call.account]
    names = set(account.positions)
    names |= {order.instrument for order in call.venue.open_orders(account.id)}
    rows = []
    for name in sorted(names):
        book = call.venue.books.get(name)
        if book is None:
            continue
        if asked.currency in ("any", book.instrument.currency) and asked.kind in (
            "any",
            wire_kind(book.instrument.kind),
        ):
            rows.append(show_position(call.venue, account, name))
    return rows


def _get_position(call: Call, asked: OfInstrument) -> object | Refused:
    if asked.instrument_name not in call.venue.books:
        return refuse(13020)
    return show_position(call.venue, call.venue.accounts[call.account], asked.instrument_name)


def _get_summary(call: Call, asked: Summary) -> object | Refused:
    if asked.currency not in CURRENCIES:
        return bad_param("currency", reason="invalid currency")
    account = call.venue.accounts[call.account]
    row = show_summary_of(call.venue, account, Currency(asked.currency)) | {"limits": limits()}
    return row | show_account_header(account) if asked.extended else row


def _get_summaries(call: Call, asked: Summaries) -> object:
    account = call.venue.accounts[call.account]
    rows = [
        show_summary_of(call.venue, account, currency) | {"limits": limits()}
        for currency in CURRENCIES
    ]
    answer: dict[str, object] = {"summaries": rows}
    return answer | show_account_header(account) if asked.extended else answer


def _get_subaccounts(call: Call, _asked: NoParams) -> object:
    return [show_account_header(call.venue.accounts[call.account])]


def _get_margins(call: Call, asked: Margins) -> object | Refused:
    book = call.venue.books.get(asked.instrument_name)
    if book is None:
        return refuse(13020)
    low, high = band_of(call.venue, book)
    forward = forward_of(call.venue, book)
    sides = {}
    for word, size in (("buy", asked.amount), ("sell", -asked.amount)):
        margin = margin_of(book.instrument, size=size, mark=asked.price, forward=forward)
        sides[word] = shown(margin.initial)
    return {**sides, "min_price": low, "max_price": high}


def _get_settlements(call: Call, asked: Settlements) -> object | Refused:
    if asked.currency is None and asked.instrument_name is None:
        return bad_param("currency", reason="value required")
    if not 1 <= asked.count <= _COUNT_MAX:
        return bad_param("count", reason=f"value must be between 1 and {_COUNT_MAX}")
    if asked.continuation is not None and not asked.continuation.isdigit():
        return bad_param("continuation", reason="invalid value")
    offset = int(asked.continuation or 0)
    found = [
        row
        for row in reversed(call.venue.settlements)
        if row.account == call.account
        and asked.type in (None, row.kind)
        and asked.currency in (None, row.currency)
        and asked.instrument_name in (None, row.instrument)
        and row.at_ms <= (asked.search_start_timestamp or row.at_ms)
    ]
    more = offset + asked.count < len(found)
    return {
        "settlements": [_show(row) for row in found[offset : offset + asked.count]],
        "continuation": str(offset + asked.count) if more else None,
    }


def _show(row: Settlement) -> dict[str, object]:
    return {
        "type": row.kind,
        "timestamp": row.at_ms,
        "instrument_name": row.instrument,
        "position": row.position,
        "mark_price": row.mark,
        "index_price": row.index,
        "profit_loss": row.profit,
        "session_profit_loss": row.profit,
        "funding": row.funding,
        "fee": row.fee,
    }


METHODS: Final = (
    Method(name="private/get_positions", params=Positions, act=_get_positions, need=_READ_TRADE),
    Method(name="private/get_position", params=OfInstrument, act=_get_position, need=_READ_TRADE),
    Method(
        name="private/get_account_summary", params=Summary, act=_get_summary, need=_READ_ACCOUNT
    ),
    Method(
        name="private/get_account_summaries",
        params=Summaries,
        act=_get_summaries,
        need=_READ_ACCOUNT,
    ),
    Method(
        name="private/get_subaccounts", params=NoParams, act=_get_subaccounts, need=_READ_ACCOUNT
    ),
    Method(name="private/get_margins", params=Margins, act=_get_margins, need=_READ_TRADE),
    Method(
        name="private/get_settlement_history_by_currency",
        params=Settlements,
        act=_get_settlements,
        need=_READ_TRADE,
    ),
    Method(
        name="private/get_settlement_history_by_instrument",
        params=Settlements,
        act=_get_settlements,
        need=_READ_TRADE,
    ),
)
