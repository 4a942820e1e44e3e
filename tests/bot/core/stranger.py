"""What somebody else does in the account, and what an operator decides, in one line each."""

from decimal import Decimal

from bot.core.effect import Answer
from bot.core.event import OperatorClassify, OperatorRearm, Reported
from bot.core.stranger import strangers_found
from bot.domain.ids import InstrumentName, OrderId, TradeId
from bot.domain.instrument import Instrument
from bot.domain.money import Amount, Coin, Price
from bot.domain.order import Liquidity, OrderState
from bot.domain.report import Fill, OrderReport
from bot.domain.side import Side
from bot.domain.verdict import Verdict
from tests.bot.core.desk import Desk
from tests.bot.core.market import BTC, CALL

__all__ = ["decide", "foreign_fill", "foreign_order", "prove", "rearm", "shown"]


def foreign_order(desk: Desk, **changes: object) -> OrderReport:
    """Have an order of somebody else's rest: by default a sale of 1 call at 0.0140."""
    usual: dict[str, object] = {
        "order_id": OrderId("x-1"),
        "label": None,
        "instrument": CALL.name,
        "side": Side.SELL,
        "state": OrderState.OPEN,
        "price": Price(Decimal("0.0140")),
        "amount": Amount(Decimal(1)),
        "filled": Amount(Decimal(0)),
        "average": None,
        "time_in_force": None,
        "post_only": False,
        "reduce_only": False,
        "created_ms": desk.now_ms,
        "updated_ms": desk.now_ms,
    }
    report = OrderReport(**{**usual, **changes})  # type: ignore[arg-type]  # checked by its fields
    desk.feed(Reported(report))
    return report


def foreign_fill(
    desk: Desk,
    side: Side,
    amount: str,
    *,
    trade: str,
    of: Instrument = CALL,
    price: str = "0.0120",
    order_id: str = "x-9",
    is_liquidation: bool = False,
) -> None:
    """Trade by hand, and move the venue's own position."""
    signed = Decimal(amount) * side.sign
    desk.positions[of.name] = desk.positions.get(of.name, Decimal(0)) + signed
    desk.feed(
        Reported(
            Fill(
                instrument=of.name,
                trade_id=TradeId(trade),
                order_id=OrderId(order_id),
                label=None,
                at_ms=desk.now_ms,
                side=side,
                price=Price(Decimal(price)),
                amount=Amount(Decimal(amount)),
                fee=Coin(Decimal(0)),
                fee_currency=BTC,
                liquidity=Liquidity.TAKER,
                mark=Price(Decimal(price)),
                index=Price(Decimal(60_000)),
                is_liquidation=is_liquidation,
            )
        )
    )


def shown(desk: Desk) -> dict[str, str | None]:
    """What the operator is shown: subject → verdict."""
    found = strangers_found(desk.state)
    return {s.subject: s.verdict.value if s.verdict else None for s in found}


def decide(
    desk: Desk, verdict: Verdict, subject: str, seen: str, *, request: str = "q-1"
) -> Answer:
    """Decide, and return the answer."""
    act = OperatorClassify(
        request_id=request, verdict=verdict, subject=subject, seen=seen, by="ana", why="known"
    )
    effects = desk.feed(act)
    return next(effect for effect in effects if isinstance(effect, Answer))


def prove(
    desk: Desk, times: int = 1, *, average: str | None = None, name: InstrumentName = CALL.name
) -> None:
    """Compare with the venue as it is."""
    averages = {} if average is None else {name: Price(Decimal(average))}
    for _ in range(times):
        desk.reconcile(averages=averages)


def rearm(desk: Desk) -> None:
    """Consent to everything that stands."""
    causes = desk.state.durable.causes.items()
    seen = tuple((reason, cause.at_ms) for reason, cause in causes)
    desk.feed(OperatorRearm(request_id="r", by="ana", why="seen", looked_ms=desk.now_ms, seen=seen))
