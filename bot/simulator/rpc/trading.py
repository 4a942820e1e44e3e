"""Buy, sell, edit (PROTOCOL §8, §10)."""

from decimal import Decimal
from typing import Final

import msgspec

from bot.domain.ids import InstrumentName, OrderId
from bot.domain.money import NotMoneyError, exact
from bot.domain.side import Side
from bot.simulator.exchange.order import Lifetime, Order, OrderKind
from bot.simulator.exchange.terms import Terms
from bot.simulator.exchange.trading import Placed, edit, place
from bot.simulator.limits import Bucket
from bot.simulator.refusal import Refused, bad_param, refuse
from bot.simulator.rpc.method import Call, Method
from bot.simulator.scope import Level
from bot.simulator.show.order import definition, show_order, show_user_trade

__all__ = ["METHODS"]

_WRITE: Final = ("trade", Level.READ_WRITE)


class NewOrder(msgspec.Struct):
    """Parameters of buy and sell. Absent `post_only` is false, as the venue's examples behave."""

    instrument_name: InstrumentName
    amount: Decimal | None = None
    contracts: Decimal | None = None
    type: str = "limit"
    price: Decimal | None = None
    label: str = ""
    time_in_force: Lifetime = Lifetime.GTC
    post_only: bool = False
    reject_post_only: bool = False
    reduce_only: bool = False
    valid_until: int | None = None
    mmp: bool = False
    advanced: str | None = None
    trigger: str | None = None
    linked_order_type: str | None = None


class Edit(msgspec.Struct):
    """Parameters of edit; `order_id` or (by label) `label` with `instrument_name`."""

    order_id: OrderId | None = None
    label: str | None = None
    instrument_name: InstrumentName | None = None
    amount: Decimal | None = None
    contracts: Decimal | None = None
    price: Decimal | None = None
    post_only: bool | None = None
    reject_post_only: bool | None = None
    reduce_only: bool | None = None
    valid_until: int | None = None
    mmp: bool | None = None
    advanced: str | None = None


def _buy(call: Call, asked: NewOrder) -> object | Refused:
    return _place(call, asked, side=Side.BUY)


def _sell(call: Call, asked: NewOrder) -> object | Refused:
    return _place(call, asked, side=Side.SELL)


def _place(call: Call, asked: NewOrder, *, side: Side) -> object | Refused:
    if asked.advanced or asked.trigger or asked.linked_order_type or asked.mmp:
        return refuse(10033)
    kinds = {kind.value: kind for kind in OrderKind}
    if asked.type not in kinds:
        return refuse(10033)
    size = _size(call, asked.instrument_name, amount=asked.amount, contracts=asked.contracts)
    price = _money("price", asked.price)
    if isinstance(size, Refused):
        return size
    if isinstance(price, Refused):
        return price
    result = place(
        call.venue,
        call.account,
        Terms(
            instrument=asked.instrument_name,
            side=side,
            amount=size,
            price=price,
            kind=kinds[asked.type],
            label=asked.label,
            lifetime=asked.time_in_force,
            post_only=asked.post_only,
            reject_post_only=asked.reject_post_only,
            reduce_only=asked.reduce_only,
            valid_until_ms=asked.valid_until,
            connection=call.peer.id if call.peer.is_socket else "",
        ),
    )
    return _shown(call, result)


def _edit(call: Call, asked: Edit) -> object | Refused:
    if asked.order_id is None:
        return bad_param("order_id", reason="value required")
    order = call.venue.order(asked.order_id)
    if order is None or order.account != call.account:
        return refuse(10004)
    if not order.is_open:
        return refuse(11008 if call.venue.was_filled(order.id) else 11044)
    return _edit_order(call, order, asked)


def _edit_by_label(call: Call, asked: Edit) -> object | Refused:
    if asked.label is None:
        return bad_param("label", reason="value required")
    if asked.instrument_name is None:
        return bad_param("instrument_name", reason="value required")
    found = [
        order
        for order in call.venue.open_orders(call.account, instrument=asked.instrument_name)
        if order.label == asked.label
    ]
    if not found:
        return refuse(10004)
    return refuse(13032) if len(found) > 1 else _edit_order(call, found[0], asked)


def _edit_order(call: Call, order: Order, asked: Edit) -> object | Refused:
    if asked.mmp:
        return bad_param("mmp", reason="editing mmp flag is not supported")
    if asked.advanced:
        return refuse(10033)
    size = _size(call, order.instrument, amount=asked.amount, contracts=asked.contracts)
    price = _money("price", asked.price)
    if isinstance(size, Refused):
        return size
    if isinstance(price, Refused):
        return price
    result = edit(
        call.venue,
        order,
        amount=size,
        price=price,
        post_only=asked.post_only,
        reject_post_only=asked.reject_post_only,
        reduce_only=asked.reduce_only,
        valid_until_ms=asked.valid_until,
    )
    return _shown(call, result)


def _size(
    call: Call,
    name: InstrumentName,
    *,
    amount: Decimal | None,
    contracts: Decimal | None,
) -> Decimal | Refused:
    """Return the amount from whichever was sent; both must agree."""
    amount_checked = _money("amount", amount)
    contracts_checked = _money("contracts", contracts)
    if isinstance(amount_checked, Refused):
        return amount_checked
    if isinstance(contracts_checked, Refused):
        return contracts_checked
    instrument = definition(call.venue, name)
    if contracts_checked is not None and instrument is not None:
        as_amount = contracts_checked * instrument.contract_size
        if amount_checked is not None and amount_checked != as_amount:
            return bad_param("contracts", reason="amount and contracts do not match")
        amount_checked = as_amount
    if amount_checked is None:
        return bad_param("amount", reason="value required")
    return amount_checked


def _money(param: str, value: Decimal | None) -> Decimal | Refused | None:
    if value is None:
        return None
    try:
        return exact(value)
    except NotMoneyError:
        return bad_param(param, reason="invalid number")


def _shown(call: Call, result: Placed | Refused) -> object | Refused:
    if isinstance(result, Refused):
        return result
    return {
        "order": show_order(call.venue, result.order),
        "trades": [show_user_trade(call.venue, trade) for trade in result.trades],
    }


METHODS: Final = (
    Method(name="private/buy", params=NewOrder, act=_buy, need=_WRITE, bucket=Bucket.TRADING),
    Method(name="private/sell", params=NewOrder, act=_sell, need=_WRITE, bucket=Bucket.TRADING),
    Method(name="private/edit", params=Edit, act=_edit, need=_WRITE, bucket=Bucket.TRADING),
    Method(
        name="private/edit_by_label",
        params=Edit,
        act=_edit_by_label,
        need=_WRITE,
        bucket=Bucket.TRADING,
    ),
)
