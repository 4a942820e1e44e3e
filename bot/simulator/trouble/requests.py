"""A request in troubled times: what may befall it before it is judged, and its answer after.

A request meets at most one fault of each kind: the first of its table that can happen to it. A
table's function returns None when its fault cannot; the fault then waits for another request.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import msgspec

from bot.domain.side import Side
from bot.simulator.exchange.terms import band_of
from bot.simulator.refusal import Refused, refuse
from bot.simulator.rpc.answer import Answer, Later, carry_out
from bot.simulator.rpc.method import NO_ANSWER, Call, Method
from bot.simulator.trouble.answers import on_accepted, on_any, on_cancelled, on_read
from bot.simulator.trouble.stop_requests import of_stop, with_stop

__all__ = ["carry_out_in_trouble"]

_PLACES: Final = ("private/buy", "private/sell")
_ORDERS: Final = (*_PLACES, "private/edit", "private/edit_by_label")
_CANCELS: Final = ("private/cancel",)
_LOOK_UPS: Final = ("private/get_o", "private/get_user_trades")  # prefixes: orders and trades
# 10041 to -32000 are for good or for the moment; the last is a code that nobody knows.
_REFUSALS: Final = (10009, 10012, 10019, 10040, 10041, 10047, 11030, 11051, -32000, 19999)
_BUSY: Final = (10040, 11094, 13028)  # of a read: ask again
_TICKS_MAX: Final = 5  # how far a clamp moves a price that the real band allows
_OVERDUE_S: Final = (0.1, 3.0)


def carry_out_in_trouble(call: Call, row: Method, asked: Any) -> Answer:
    """Do what `carry_out` does, unless something goes wrong."""
    refused = _shut_out(call, row)
    if refused is not None:
        return Answer(refused)
    answered = of_stop(call, row, asked)
    if answered is not None:
        return answered
    for name, befall in _BEFORE.items():
        if call.floor.trouble.is_armed(name):
            made = befall(call, row, asked)
            if made is not None:
                return made
    if row.name.startswith(_LOOK_UPS) and call.floor.trouble.stands("lookup_stale"):
        call.seen = call.floor.mishaps.lagging.seen()
    made = carry_out(call, row, asked)
    if isinstance(made.result, Refused) or made.result is NO_ANSWER:
        return made
    made = with_stop(call, row, asked, made)
    if row.name in _ORDERS:
        made = on_accepted(call, row, asked, made)
    elif row.name.startswith("private/cancel"):
        made = on_cancelled(call, made)
    else:
        made = on_read(call, row, made)
    return on_any(call, row, made)


def _shut_out(call: Call, row: Method) -> Refused | None:
    """Refuse everything in a maintenance, and orders while the platform is locked."""
    if call.floor.mishaps.states.is_shut:
        return refuse(11051)
    if row.name in _ORDERS and call.floor.trouble.stands("locked"):
        return refuse(10019)
    return None


def _lose_login(call: Call, row: Method, _asked: Any) -> Answer | None:
    grant = call.peer.grant
    if row.need is None or grant is None or not call.peer.is_socket:
        return None
    if call.grant is not grant:
        return None  # it came with a token of its own
    call.floor.trouble.take("login_lost")
    call.peer.grant = call.floor.gatekeeper.revoke(grant)
    return Answer(refuse(13009, data={"reason": "invalid_token"}))


def _refuse_order(call: Call, row: Method, _asked: Any) -> Answer | None:
    if row.name not in _ORDERS or not call.floor.trouble.take("refusal"):
        return None
    return Answer(refuse(call.floor.trouble.draw("refusal").choice(_REFUSALS)))


def _refuse_rate(call: Call, row: Method, _asked: Any) -> Answer | None:
    """The line closes itself upon this code."""
    if row.name not in _ORDERS or not call.floor.trouble.take("rate_refused"):
        return None
    return Answer(refuse(10028))


def _refuse_cancel(call: Call, row: Method, asked: Any) -> Answer | None:
    if row.name not in _CANCELS:
        return None
    order = call.venue.order(asked.order_id)
    if order is None or order.account != call.account or not order.is_open:
        return None
    return Answer(refuse(11044)) if call.floor.trouble.take("cancel_refused") else None


def _refuse_look_up(call: Call, row: Method, _asked: Any) -> Answer | None:
    if not row.name.startswith(_LOOK_UPS) or not call.floor.trouble.take("lookup_fails"):
        return None
    return Answer(refuse(call.floor.trouble.draw("lookup_fails").choice(_BUSY)))


def _judge_late(call: Call, row: Method, asked: Any) -> Answer | None:
    """Let the request lie until its time is over; the deadline check refuses it then."""
    due_ms = _overdue_ms(call, row, asked, fault="request_late")
    if due_ms is None:
        return None
    call.floor.trouble.take("request_late")
    return Answer(NO_ANSWER, later=Later(due_ms, lambda: carry_out(_again(call), row, asked)))


def _ignore_deadline(call: Call, row: Method, asked: Any) -> Answer | None:
    """Accept a request whose time is over; one that is in time lies until then."""
    due_ms = _overdue_ms(call, row, asked, fault="ignores_valid_until")
    if due_ms is None:
        return None
    trouble = call.floor.trouble
    heals = trouble.heals
    trouble.take("ignores_valid_until")
    timeless = msgspec.structs.replace(asked, valid_until=None)
    if asked.valid_until <= call.now_ms:
        return carry_out(call, row, timeless)

    def judge() -> Answer:
        # Healed in the meantime, the exchange looks at the deadline as it always does.
        return carry_out(_again(call), row, asked if trouble.heals != heals else timeless)

    return Answer(NO_ANSWER, later=Later(due_ms, judge))


def _clamp(call: Call, row: Method, asked: Any) -> Answer | None:
    """Move a limit price down for a buy, up for a sell: to the band, or to one just narrower."""
    if row.name not in _PLACES or asked.type != "limit" or asked.price is None:
        return None
    book = call.venue.books.get(asked.instrument_name)
    if book is None or book.quotes is None:
        return None
    trouble = call.floor.trouble
    ticks = book.instrument.ticks
    side = Side.BUY if row.name == "private/buy" else Side.SELL
    low, high = band_of(call.venue, book)
    count = trouble.draw("price_clamped").randint(1, _TICKS_MAX)
    moved = asked.price - side.sign * count * ticks.at(asked.price)
    edge = min(moved, high) if side is Side.BUY else max(moved, low)
    price = ticks.toward_passive(edge, side) if edge > 0 else edge
    if price <= 0:
        return None
    made = carry_out(call, row, msgspec.structs.replace(asked, price=price))
    if not isinstance(made.result, Refused):
        trouble.take("price_clamped")
    return made


def _overdue_ms(call: Call, row: Method, asked: Any, *, fault: str) -> int | None:
    """Return a moment after the request's deadline; None when it has none, or cannot wait."""
    if row.name not in _ORDERS or asked.valid_until is None or not call.peer.is_socket:
        return None
    wait_ms = int(call.floor.trouble.draw(fault).uniform(*_OVERDUE_S) * 1_000)
    return int(max(asked.valid_until, call.now_ms)) + wait_ms


def _again(call: Call) -> Call:
    """Take a request up again that has lain."""
    return Call(call.floor, call.peer, call.grant, call.floor.now())


_Befall: TypeAlias = Callable[[Call, Method, Any], Answer | None]

_BEFORE: Final[Mapping[str, _Befall]] = {
    "login_lost": _lose_login,
    "refusal": _refuse_order,
    "rate_refused": _refuse_rate,
    "cancel_refused": _refuse_cancel,
    "lookup_fails": _refuse_look_up,
    "request_late": _judge_late,
    "ignores_valid_until": _ignore_deadline,
    "price_clamped": _clamp,
}
