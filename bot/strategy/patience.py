"""Patient orders: from the middle to the touch, in steps (DOMAIN §9.1).

What came of the steps before is read from the view: the order that has just rested, or the group
that has just come to nothing.
"""

from decimal import Decimal
from typing import Final

from bot.domain.ids import InstrumentName
from bot.domain.instant import MINUTE_MS
from bot.domain.money import EXACT, Amount, Price
from bot.domain.order import TimeInForce
from bot.domain.side import Side
from bot.strategy.interface import Place, Quote, View, Withdraw

__all__ = ["leave", "stale", "stepped_price"]

# An attempt goes on from the last one even when a gate kept it waiting for a while in between.
_KEPT_MS: Final = MINUTE_MS


def stepped_price(quote: Quote, *, side: Side, attempt: int, steps: int) -> Price | None:
    """Return the raw price of the attempt: 0 asks the mid, `steps` and later take the touch.

    None without both sides: where there is no mid there is no patient price.
    """
    if quote.bid is None or quote.ask is None:
        return None
    mid = (quote.bid.price + quote.ask.price) / 2
    touch = quote.ask.price if side is Side.BUY else quote.bid.price
    share = EXACT.divide(Decimal(min(attempt, steps)), Decimal(steps))
    return Price(mid + (touch - mid) * share)


def leave(
    view: View, name: InstrumentName, *, leg: int, steps: int, step_s: int, why: str
) -> Place | None:
    """Propose to close all that is held of an instrument.

    None while an order does so already, and while nobody shows a price that it could trade at.
    """
    quantity, quote = view.held[name].quantity, view.quotes.get(name)
    side = Side.BUY if quantity < 0 else Side.SELL
    mine = [order for order in view.orders if order.instrument == name and order.side is side]
    if quote is None or any(order.is_live for order in mine):
        return None
    kept_ms = steps * step_s * 1000 + _KEPT_MS
    attempts = [o.attempt + 1 for o in mine if view.now_ms - o.decided_ms <= kept_ms]
    attempt = max(attempts, default=0)
    price = stepped_price(quote, side=side, attempt=attempt, steps=steps)
    touch = quote.ask if side is Side.BUY else quote.bid
    if price is None and touch is not None:
        price = touch.price  # an exit does not wait for a second side
    if price is None:
        return None
    return Place(
        instrument=name,
        side=side,
        amount=Amount(abs(quantity)),
        price=price,
        time_in_force=TimeInForce.GTC,
        post_only=False,
        is_exit=True,
        attempt=attempt,
        leg=leg,
        why=why,
    )


def stale(view: View, *, step_s: int) -> list[Withdraw]:
    """Withdraw what has rested for a step, so that the next attempt can ask for less.

    Only while no group is live: its legs are taken off by whoever works them.
    """
    if view.group is not None and view.group.is_live:
        return []
    return [
        Withdraw(intent_id=order.intent_id, why="rested for its step")
        for order in view.orders
        if order.is_live
        and not order.is_unknown
        and view.now_ms - order.decided_ms >= step_s * 1000
    ]
