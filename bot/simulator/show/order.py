"""Orders and trades as the wire shows them (PROTOCOL §9, §11)."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from bot.domain.ids import InstrumentName
from bot.domain.instrument import Instrument
from bot.simulator.exchange.fill import is_sized_in_usd
from bot.simulator.exchange.order import Order, OrderKind
from bot.simulator.exchange.record import LogEntry
from bot.simulator.exchange.trade import PublicTrade, UserTrade
from bot.simulator.exchange.venue import Venue
from bot.simulator.number import shown

__all__ = ["definition", "show_log", "show_order", "show_public_trade", "show_user_trade"]


def definition(venue: Venue, name: InstrumentName) -> Instrument | None:
    """Return a definition, also of an instrument that has expired."""
    book = venue.books.get(name)
    if book is not None:
        return book.instrument
    gone = venue.expired.get(name)
    return gone[0] if gone is not None else None


def show_order(venue: Venue, order: Order) -> dict[str, Any]:
    """Return the order object."""
    instrument = definition(venue, order.instrument)
    shown_order: dict[str, Any] = {
        "order_id": order.id,
        "order_state": order.state.value,
        "order_type": order.kind.value,
        "instrument_name": order.instrument,
        "direction": order.side.value,
        "price": order.price,
        "amount": order.amount,
        "contracts": _contracts(instrument, order.amount),
        "filled_amount": order.filled,
        "average_price": _average(instrument, order),
        "label": order.label,
        "time_in_force": order.lifetime.value,
        "post_only": order.post_only,
        "reduce_only": order.reduce_only,
        "replaced": order.replaced,
        "api": True,
        "web": False,
        "mmp": False,
        "risk_reducing": False,
        "is_liquidation": order.is_liquidation,
        "creation_timestamp": order.created_ms,
        "last_update_timestamp": order.updated_ms,
        "user_id": venue.accounts[order.account].number,
    }
    if order.post_only:
        shown_order["reject_post_only"] = order.reject_post_only
    if order.kind is OrderKind.MARKET:
        shown_order["original_order_type"] = order.kind.value
    if order.cancel_reason is not None:
        shown_order["cancel_reason"] = order.cancel_reason
    return shown_order


def show_public_trade(venue: Venue, trade: PublicTrade) -> dict[str, Any]:
    """Return the public form of a trade; `direction` is the taker's."""
    instrument = definition(venue, trade.instrument)
    row: dict[str, Any] = {
        "trade_id": trade.id,
        "trade_seq": trade.seq,
        "instrument_name": trade.instrument,
        "timestamp": trade.at_ms,
        "price": trade.price,
        "amount": trade.amount,
        "contracts": _contracts(instrument, trade.amount),
        "direction": trade.side.value,
        "tick_direction": trade.tick_direction,
        "index_price": trade.index,
        "mark_price": trade.mark,
    }
    if trade.iv is not None:
        row["iv"] = trade.iv
    return row


def show_user_trade(venue: Venue, trade: UserTrade) -> dict[str, Any]:
    """Return the owner's form of a trade; `direction` is the owner's."""
    row = show_public_trade(venue, trade.public)
    row |= {
        "order_id": trade.order_id,
        "order_type": trade.order_kind.value,
        "state": trade.state.value,
        "direction": trade.side.value,
        "fee": trade.fee,
        "fee_currency": trade.fee_currency,
        "liquidity": trade.liquidity.value,
        "profit_loss": trade.profit_loss,
        "post_only": trade.post_only,
        "reduce_only": trade.reduce_only,
        "mmp": False,
        "api": True,
        "self_trade": trade.self_trade,
        "risk_reducing": False,
        "matching_id": None,
        "user_id": venue.accounts[trade.account].number,
    }
    if trade.label:
        row["label"] = trade.label
    if trade.is_liquidation:
        row["liquidation"] = trade.liquidity.value
    return row


def show_log(entry: LogEntry) -> dict[str, Any]:
    """Return a row of the simulator's own order log."""
    return {
        "timestamp": entry.at_ms,
        "label": entry.label,
        "order_id": entry.order_id,
        "instrument_name": entry.instrument,
        "direction": entry.side,
        "event": entry.event,
        "order_state": entry.state,
        "price": entry.price,
        "amount": entry.amount,
        "filled_amount": entry.filled,
        "reduce_only": entry.reduce_only,
    }


def _contracts(instrument: Instrument | None, amount: Decimal) -> Decimal:
    return amount if instrument is None else shown(amount / instrument.contract_size)


def _average(instrument: Instrument | None, order: Order) -> Decimal:
    if order.filled == 0 or order.value == 0:
        return Decimal(0)
    per_unit = order.value / Fraction(order.filled)
    is_usd = instrument is not None and is_sized_in_usd(instrument)
    return shown(1 / per_unit if is_usd else per_unit)
