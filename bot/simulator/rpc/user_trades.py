"""Look the account's own trades up (PROTOCOL §11): 24 hours in the recent view, then historical."""

from typing import Final, Literal

import msgspec

from bot.domain.ids import InstrumentName, OrderId
from bot.domain.instant import DAY_MS
from bot.simulator.exchange.trade import UserTrade
from bot.simulator.refusal import Refused, bad_param
from bot.simulator.rpc.market import WireKind
from bot.simulator.rpc.method import Call, Method
from bot.simulator.rpc.narrowing import is_asked
from bot.simulator.scope import Level
from bot.simulator.show.order import show_user_trade

__all__ = ["METHODS", "TRADES_KEPT_MS"]

TRADES_KEPT_MS: Final = DAY_MS
_COUNT_MAX: Final = 1_000
_READ: Final = ("trade", Level.READ)

Sorting = Literal["asc", "desc", "default"]


class Trades(msgspec.Struct):
    """Which of the account's trades."""

    currency: str | None = None
    instrument_name: InstrumentName | None = None
    kind: WireKind = "any"
    order_id: OrderId | None = None
    start_id: str | None = None
    end_id: str | None = None
    start_seq: int | None = None
    end_seq: int | None = None
    start_timestamp: int | None = None
    end_timestamp: int | None = None
    count: int = 10
    sorting: Sorting = "default"
    historical: bool = False


def _trades_by_order(call: Call, asked: Trades) -> object | Refused:
    if asked.order_id is None:
        return bad_param("order_id", reason="value required")
    found = [trade for trade in _trades(call, asked) if trade.order_id == asked.order_id]
    return [show_user_trade(call.venue, trade) for trade in _sorted(found, asked.sorting)]


def _trades_by_currency(call: Call, asked: Trades) -> object | Refused:
    if asked.currency is None:
        return bad_param("currency", reason="value required")
    return _trade_page(call, asked)


def _trades_by_instrument(call: Call, asked: Trades) -> object | Refused:
    if asked.instrument_name is None:
        return bad_param("instrument_name", reason="value required")
    return _trade_page(call, asked)


def _trade_page(call: Call, asked: Trades) -> object | Refused:
    if not 1 <= asked.count <= _COUNT_MAX:
        return bad_param("count", reason=f"value must be between 1 and {_COUNT_MAX}")
    found = _sorted(
        [trade for trade in _trades(call, asked) if _is_between(trade, asked)], asked.sorting
    )
    return {
        "trades": [show_user_trade(call.venue, trade) for trade in found[: asked.count]],
        "has_more": len(found) > asked.count,
    }


def _trades(call: Call, asked: Trades) -> list[UserTrade]:
    edge_ms = call.now_ms - TRADES_KEPT_MS
    return [
        trade
        for trade in call.venue.user_trades.get(call.account, ())
        if is_asked(call, trade.public.instrument, asked)
        and (trade.public.at_ms < edge_ms) == asked.historical
    ]


def _is_between(trade: UserTrade, asked: Trades) -> bool:
    public = trade.public
    number = _number(trade.id)
    return (
        (asked.start_id is None or number >= _number(asked.start_id))
        and (asked.end_id is None or number <= _number(asked.end_id))
        and (asked.start_seq is None or public.seq >= asked.start_seq)
        and (asked.end_seq is None or public.seq <= asked.end_seq)
        and (asked.start_timestamp is None or public.at_ms >= asked.start_timestamp)
        and (asked.end_timestamp is None or public.at_ms <= asked.end_timestamp)
    )


def _sorted(trades: list[UserTrade], sorting: Sorting) -> list[UserTrade]:
    return sorted(trades, key=lambda trade: _number(trade.id), reverse=sorting != "asc")


def _number(trade_id: str) -> int:
    """Return the numeric tail of a trade id: ids are compared by it."""
    tail = trade_id.rpartition("-")[2]
    return int(tail) if tail.isdigit() else 0


METHODS: Final = (
    Method(
        name="private/get_user_trades_by_order", params=Trades, act=_trades_by_order, need=_READ
    ),
    Method(
        name="private/get_user_trades_by_currency",
        params=Trades,
        act=_trades_by_currency,
        need=_READ,
    ),
    Method(
        name="private/get_user_trades_by_currency_and_time",
        params=Trades,
        act=_trades_by_currency,
        need=_READ,
    ),
    Method(
        name="private/get_user_trades_by_instrument",
        params=Trades,
        act=_trades_by_instrument,
        need=_READ,
    ),
    Method(
        name="private/get_user_trades_by_instrument_and_time",
        params=Trades,
        act=_trades_by_instrument,
        need=_READ,
    ),
)
