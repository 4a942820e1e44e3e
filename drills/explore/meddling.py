"""Strangers in the account: what they do to it, and what an operator decides on them [C-509]."""

from decimal import Decimal

from bot.core.event import OperatorClassify, Reported
from bot.core.stranger import strangers_found
from bot.domain.ids import OrderId, TradeId
from bot.domain.money import Amount, Coin, Price
from bot.domain.order import Liquidity, OrderState, TimeInForce
from bot.domain.report import Fill, OrderReport
from bot.domain.side import Side
from bot.domain.verdict import Verdict
from drills.explore.world import World
from drills.groups.market import BTC, OPTIONS
from drills.groups.venue import Fate

__all__ = ["appear", "decide", "is_strange", "meddle"]


def appear(world: World) -> None:
    """Let an order of a stranger rest."""
    world.foreign = OrderReport(
        order_id=OrderId("x-1"),
        label=None,
        instrument=OPTIONS[0].name,
        side=Side.BUY,
        state=OrderState.OPEN,
        price=Price(Decimal("0.0100")),
        amount=Amount(Decimal("0.1")),
        filled=Amount(Decimal(0)),
        average=None,
        time_in_force=TimeInForce.GTC,
        post_only=False,
        reduce_only=False,
        created_ms=world.now_ms,
        updated_ms=world.now_ms,
    )
    world.feed(Reported(world.foreign))


def meddle(world: World) -> None:
    """Let a stranger buy more of what we are short of than we are short."""
    name = OPTIONS[0].name
    amount = Amount(Decimal("0.4"))
    fill = Fill(
        instrument=name,
        trade_id=TradeId(f"x-{len(world.venue.trades)}"),
        order_id=OrderId("x-2"),
        label=None,
        at_ms=world.now_ms,
        side=Side.BUY,
        price=Price(Decimal("0.0130")),
        amount=amount,
        fee=Coin(Decimal(0)),
        fee_currency=BTC,
        liquidity=Liquidity.TAKER,
        mark=Price(Decimal("0.0125")),
        index=Price(Decimal(60_000)),
    )
    world.venue = world.venue.fork(lambda _: Fate.NOTHING)
    world.venue.trades.append(fill)
    held = world.venue.positions.get(name, Decimal(0))
    world.venue.positions[name] = held + amount
    world.feed(Reported(fill))


def decide(world: World, verdict: Verdict, *, is_order: bool) -> None:
    """Let an operator decide on the first of them."""
    found = next(s for s in strangers_found(world.state) if s.is_order is is_order)
    world.feed(
        OperatorClassify(
            request_id=f"c{world.now_ms}",
            verdict=verdict,
            subject=found.subject,
            seen=found.seen,
            by="owner",
            why="exploration",
        )
    )


def is_strange(world: World, *, is_order: bool) -> bool:
    """Say whether there is one to decide on."""
    found = [s for s in strangers_found(world.state) if s.is_order is is_order]
    return bool(found) and found[0].verdict is None and not found[0].is_double
