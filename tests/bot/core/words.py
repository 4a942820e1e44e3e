"""What strategies wish and what the venue says, in one line each."""

from decimal import Decimal

from bot.core.effect import SendOrder
from bot.domain.ids import Label, OrderId, TradeId
from bot.domain.instrument import Instrument
from bot.domain.money import Amount, Coin, Price
from bot.domain.order import Liquidity, OrderState, TimeInForce
from bot.domain.report import Fill, OrderReport
from bot.domain.side import Side
from bot.intent.intent import OrderIntent
from bot.strategy.interface import Place
from tests.bot.core.market import BTC, CALL

__all__ = ["fill_of", "place", "report_of"]


def place(
    instrument: Instrument = CALL,
    side: Side = Side.SELL,
    amount: str = "0.1",
    price: str = "0.0120",
    *,
    is_exit: bool = False,
    attempt: int = 0,
    leg: int = 0,
    time_in_force: TimeInForce = TimeInForce.GTC,
) -> Place:
    """A wish; by default to sell a call at the bid."""
    return Place(
        instrument=instrument.name,
        side=side,
        amount=Amount(Decimal(amount)),
        price=Price(Decimal(price)),
        time_in_force=time_in_force,
        post_only=False,
        is_exit=is_exit,
        attempt=attempt,
        leg=leg,
        why="test",
    )


def report_of(order: SendOrder, *, order_id: str = "o-1", **fields: object) -> OrderReport:
    """What the venue says of this order: by default that it rests as it was sent."""
    intent: OrderIntent = order.intent
    usual: dict[str, object] = {
        "order_id": OrderId(order_id),
        "label": order.label,
        "instrument": intent.instrument,
        "side": intent.side,
        "state": OrderState.OPEN,
        "price": intent.price,
        "amount": intent.amount,
        "filled": Amount(Decimal(0)),
        "average": None,
        "time_in_force": intent.time_in_force,
        "post_only": intent.post_only,
        "reduce_only": intent.reduce_only,
        "created_ms": intent.decided_ms + 3,
        "updated_ms": intent.decided_ms + 3,
    }
    return OrderReport(**{**usual, **fields})  # type: ignore[arg-type]  # checked by its fields


def fill_of(
    order: SendOrder,
    amount: str,
    *,
    trade: str,
    order_id: str = "o-1",
    at_ms: int | None = None,
    label: Label | None = None,
    price: str | None = None,
) -> Fill:
    """One trade of this order at its own price."""
    intent = order.intent
    return Fill(
        instrument=intent.instrument,
        trade_id=TradeId(trade),
        order_id=OrderId(order_id),
        label=label or order.label,
        at_ms=intent.decided_ms + 5 if at_ms is None else at_ms,
        side=intent.side,
        price=Price(Decimal(price)) if price else intent.price,
        amount=Amount(Decimal(amount)),
        fee=Coin(Decimal("0.00003")),
        fee_currency=BTC,
        liquidity=Liquidity.TAKER,
        mark=intent.price,
        index=Price(Decimal(60000)),
    )
