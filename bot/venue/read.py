"""The read port: what may be asked of the venue, as typed answers (PROTOCOL §5, §6, §11 to §13).

A read that failed is ReadFailed and never an empty answer: only a negative *answer* proves
anything [C-206].
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeVar, assert_never, final

from bot.domain.ids import Currency, IndexName, InstrumentName, Label, OrderId, TradeId
from bot.domain.instrument import Instrument
from bot.domain.money import Price
from bot.domain.report import Account, Fill, OrderReport, PlatformState, PositionReport
from bot.venue.errors import ERRORS, is_retryable
from bot.venue.reply import Call, NoReply, NotSent, Ok, Refused
from bot.venue.undecodable import UndecodableError
from bot.venue.wire.account import decode_account, decode_positions
from bot.venue.wire.book import OrderBook, decode_order_book
from bot.venue.wire.delivery import decode_deliveries, decode_delivery_prices
from bot.venue.wire.instrument import decode_instruments
from bot.venue.wire.order import decode_order, decode_orders
from bot.venue.wire.platform import decode_status, decode_time
from bot.venue.wire.trade import FillPage, decode_fill_page

__all__ = ["NoSuchOrder", "ReadFailed", "ReadPort", "VenueTime"]

_READ_S: Final = 10.0
_PAGE_ROWS: Final = 1_000  # the venue's maximum; its default is 10 or 20
_PAGES_MAX: Final = 100
_DELIVERY_DAYS: Final = 100
_ORDER_NOT_FOUND: Final = 10004

T = TypeVar("T")
Depth = Literal[1, 5, 10, 20, 50, 100, 1000, 10000]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFailed:
    """Nothing was learnt. `is_retryable`: the same question may be put again after a pause."""

    why: str
    is_retryable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSuchOrder:
    """The venue's negative answer to an order id; after 30 minutes it proves nothing (§11)."""

    order_id: OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueTime:
    """The venue's clock in ms, with its receive and send times in µs where it tells them."""

    at_ms: int
    us_in: int | None
    us_out: int | None


@final
class ReadPort:
    """Reads over any call: the session's or HTTP's."""

    def __init__(self, *, call: Call) -> None:
        """Take the way to ask."""
        self._call = call

    async def get_time(self) -> VenueTime | ReadFailed:
        """Read the venue's clock."""
        reply = await self._ask("public/get_time", {})
        if isinstance(reply, ReadFailed):
            return reply
        at_ms = _decoded(reply.result, decode=decode_time)
        if isinstance(at_ms, ReadFailed):
            return at_ms
        return VenueTime(at_ms=at_ms, us_in=reply.us_in, us_out=reply.us_out)

    async def status(self) -> tuple[PlatformState, ...] | ReadFailed:
        """Read what is locked: one state for the platform, or one for each locked index."""
        return await self._read("public/status", {}, decode=decode_status)

    async def instruments(self, currency: Currency) -> tuple[Instrument, ...] | ReadFailed:
        """Read the options and futures that live in a settlement currency's group."""
        params = {"currency": currency, "expired": False}
        return await self._read("public/get_instruments", params, decode=decode_instruments)

    async def order_book(
        self, instrument: InstrumentName, *, depth: Depth
    ) -> OrderBook | ReadFailed:
        """Read a book and its ticker of one moment."""
        params = {"instrument_name": instrument, "depth": depth}
        return await self._read("public/get_order_book", params, decode=decode_order_book)

    async def open_orders(self, currency: Currency) -> tuple[OrderReport, ...] | ReadFailed:
        """Read what rests now, trigger orders and orders of other hands included."""
        return await self._read(
            "private/get_open_orders_by_currency", {"currency": currency}, decode=decode_orders
        )

    async def orders_by_label(
        self, currency: Currency, *, label: Label
    ) -> tuple[OrderReport, ...] | ReadFailed:
        """Read the open and recent orders of a label: none is an empty tuple, several are possible.

        Does not see an order that is still queued before the matching engine (§11).
        """
        params = {"currency": currency, "label": label}
        return await self._read("private/get_order_state_by_label", params, decode=decode_orders)

    async def order_state(self, order_id: OrderId) -> OrderReport | NoSuchOrder | ReadFailed:
        """Read one order by the venue's id."""
        reply = await self._call(
            "private/get_order_state", {"order_id": order_id}, deadline_s=_READ_S
        )
        # The code counts with its own text only: the contradicting list has another (§19).
        if isinstance(reply, Refused) and reply.code == _ORDER_NOT_FOUND:
            if reply.message == ERRORS[_ORDER_NOT_FOUND].name:
                return NoSuchOrder(order_id=order_id)
            return ReadFailed(why=f"{reply.code} {reply.message}", is_retryable=True)
        answer = _result(reply)
        if isinstance(answer, ReadFailed):
            return answer
        return _decoded(answer.result, decode=decode_order)

    async def order_history(
        self, currency: Currency, *, is_historical: bool = False
    ) -> tuple[OrderReport, ...] | ReadFailed:
        """Read all closed orders of the recent or the historical view, unfilled ones included.

        The recent view holds 30 minutes. Orders that close while pages are read shift the rows, so
        that one may come twice, never be left out; the later state of a double wins.
        """
        found: dict[OrderId, OrderReport] = {}
        for page in range(_PAGES_MAX):
            params = {
                "currency": currency,
                "count": _PAGE_ROWS,
                "offset": page * _PAGE_ROWS,
                "include_unfilled": True,
                "historical": is_historical,
            }
            rows = await self._read(
                "private/get_order_history_by_currency", params, decode=decode_orders
            )
            if isinstance(rows, ReadFailed):
                return rows
            for order in rows:
                held = found.get(order.order_id)
                if held is None or order.updated_ms >= held.updated_ms:
                    found[order.order_id] = order
            if len(rows) < _PAGE_ROWS:
                return tuple(found.values())
        return ReadFailed(why=f"order history goes on after {_PAGES_MAX} pages", is_retryable=False)

    async def user_trades(
        self,
        currency: Currency,
        *,
        start: TradeId | int,
        is_historical: bool = False,
    ) -> tuple[Fill, ...] | ReadFailed:
        """Read all our trades from a trade id, or from a time in ms, to the end, oldest first.

        Pages overlap by one trade and are told apart by id, so that more trades than a page within
        one millisecond lose none (§20 row 12). A page that brings nothing new and still promises
        more is a failed read.
        """
        found: dict[TradeId, Fill] = {}
        key: dict[str, object] = (
            {"start_timestamp": start} if isinstance(start, int) else {"start_id": start}
        )
        last: TradeId | None = None
        for _ in range(_PAGES_MAX):
            page = await self._fill_page(currency, key=key, is_historical=is_historical)
            if isinstance(page, ReadFailed):
                return page
            found.update((fill.trade_id, fill) for fill in page.fills)
            if not page.has_more:
                return tuple(sorted(found.values(), key=_by_id))
            if page.last is None or page.last == last:
                return ReadFailed(why=f"trades stand still at {last}", is_retryable=True)
            last = page.last
            key = {"start_id": last}
        return ReadFailed(why=f"trades go on after {_PAGES_MAX} pages", is_retryable=False)

    async def positions(self, currency: Currency) -> tuple[PositionReport, ...] | ReadFailed:
        """Read the venue's own count of every position, flat rows among them."""
        return await self._read(
            "private/get_positions", {"currency": currency}, decode=decode_positions
        )

    async def delivery_prices(self, index: IndexName) -> Mapping[str, Price] | ReadFailed:
        """Read what an index's expiries of the last days were delivered at, by day in UTC."""
        params = {"index_name": index, "offset": 0, "count": _DELIVERY_DAYS}
        return await self._read("public/get_delivery_prices", params, decode=decode_delivery_prices)

    async def deliveries(self, currency: Currency) -> Mapping[InstrumentName, Decimal] | ReadFailed:
        """Read which of our positions have been delivered lately, signed, by instrument."""
        params = {"currency": currency, "type": "delivery", "count": _DELIVERY_DAYS}
        return await self._read(
            "private/get_settlement_history_by_currency", params, decode=decode_deliveries
        )

    async def account(self, currency: Currency) -> Account | ReadFailed:
        """Read one currency's summary."""
        return await self._read(
            "private/get_account_summary", {"currency": currency}, decode=decode_account
        )

    async def _fill_page(
        self, currency: Currency, *, key: Mapping[str, object], is_historical: bool
    ) -> FillPage | ReadFailed:
        params = {
            "currency": currency,
            **key,
            "count": _PAGE_ROWS,
            "sorting": "asc",  # the default order is unspecified
            "historical": is_historical,
        }
        return await self._read(
            "private/get_user_trades_by_currency", params, decode=decode_fill_page
        )

    async def _ask(self, method: str, params: Mapping[str, object]) -> Ok | ReadFailed:
        return _result(await self._call(method, params, deadline_s=_READ_S))

    async def _read(
        self, method: str, params: Mapping[str, object], *, decode: Callable[[bytes], T]
    ) -> T | ReadFailed:
        reply = await self._ask(method, params)
        if isinstance(reply, ReadFailed):
            return reply
        return _decoded(reply.result, decode=decode)


def _result(reply: Ok | Refused | NoReply | NotSent) -> Ok | ReadFailed:
    match reply:
        case Ok():
            return reply
        case Refused(code=code, message=message):
            return ReadFailed(
                why=f"{code} {message}", is_retryable=is_retryable(code, message=message)
            )
        case NoReply(why=why) | NotSent(why=why):
            return ReadFailed(why=why, is_retryable=True)
        case _:
            assert_never(reply)


def _decoded(result: bytes, *, decode: Callable[[bytes], T]) -> T | ReadFailed:
    try:
        return decode(result)
    except UndecodableError as fault:
        return ReadFailed(why=str(fault), is_retryable=False)


def _by_id(fill: Fill) -> tuple[int, int, str]:
    # Ids of a currency are `ETH-123` or `123`: the numeric tail is the order of things.
    tail = fill.trade_id.rpartition("-")[2]
    return (int(tail) if tail.isdecimal() else 0, fill.at_ms, fill.trade_id)
