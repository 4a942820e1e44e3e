"""Exit what an operator wants closed: wishes like a strategy's, through the same door [C-509]."""

from typing import Final

from bot.core.foreign import EXITS_STRANGERS
from bot.core.state import State
from bot.domain.ids import InstrumentName
from bot.domain.money import Amount, Price
from bot.domain.order import TimeInForce
from bot.domain.side import Side
from bot.portfolio.position import FLAT
from bot.strategy.interface import Place

__all__ = ["exits_of_strangers"]

_AGAIN_MS: Final = 2_000  # what met nothing is not asked again at the speed of the loop


def exits_of_strangers(state: State) -> tuple[Place, ...]:
    """Wish the exit of each adopted position that is to be closed, one order at a time.

    Never more than is left of what was adopted, nor than is held. It takes what rests against it
    and does not rest itself.
    """
    wishes = []
    for name, left in sorted(state.durable.foreign.closing.items()):
        held = state.durable.positions.get(name, FLAT).quantity
        amount = Amount(min(left.copy_abs(), held.copy_abs()))
        is_gone = amount == 0 or (held > 0) != (left > 0)
        side = Side.SELL if left > 0 else Side.BUY
        price = _touch(state, name, side)
        if is_gone or price is None or _is_under_way(state, name):
            continue
        wishes.append(
            Place(
                instrument=name,
                side=side,
                amount=amount,
                price=price,
                time_in_force=TimeInForce.IOC,
                post_only=False,
                is_exit=True,
                attempt=0,
                leg=0,
                why="an operator wants it closed",
            )
        )
    return tuple(wishes)


def _is_under_way(state: State, name: InstrumentName) -> bool:
    durable = state.durable
    return any(
        order.intent.instrument == name
        and order.intent.decision.strategy == EXITS_STRANGERS
        and (not order.is_settled or state.now_ms - order.intent.decided_ms < _AGAIN_MS)
        for orders in (durable.orders, durable.closed)
        for order in orders.values()
    )


def _touch(state: State, name: InstrumentName, side: Side) -> Price | None:
    """Return the price that rests against it, else the mark; None when nothing is known."""
    ticker = state.market.tickers.get(name)
    if ticker is None:
        return None
    level = ticker.bid if side is Side.SELL else ticker.ask
    if level is not None:
        return level.price
    return ticker.mark if ticker.mark > 0 else None
