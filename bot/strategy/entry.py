"""Entering as one group: when a strategy may, at which price, and how often it has tried."""

from decimal import Decimal
from typing import Final

from bot.domain.ids import InstrumentName
from bot.domain.instant import MINUTE_MS
from bot.domain.mode import Mode
from bot.domain.money import Price
from bot.domain.side import Side
from bot.strategy.interface import LegWish, View
from bot.strategy.patience import stepped_price

__all__ = ["attempt_of", "is_clear", "wish_leg"]

_KEPT_MS: Final = MINUTE_MS  # after a group that came to nothing
_EMPTY: Final = "EMPTY"


def is_clear(view: View) -> bool:
    """Say whether nothing stands in the way of a new group: no option of ours, no order, no group.

    An order of unknown fate counts: it may fill yet.
    """
    if view.mode is not Mode.ACTIVE or view.index is None:
        return False
    if view.group is not None and view.group.is_live:
        return False
    if any(held.quantity != 0 and name != view.hedge for name, held in view.held.items()):
        return False
    return not any(order.is_live and order.instrument != view.hedge for order in view.orders)


def attempt_of(view: View) -> int:
    """Go on from the last attempt when that one came to nothing a moment ago."""
    last = view.group
    if last is None or last.stage != _EMPTY or view.now_ms - last.ended_ms > _KEPT_MS:
        return 0
    return last.attempt + 1


def wish_leg(
    view: View, name: InstrumentName, *, side: Side, attempt: int, steps: int
) -> LegWish | None:
    """Ask for one unit of an option, or return None when a side of its book is missing.

    The limit is half a spread behind the touch, on the tick: the two rescues of a group give way
    by a quarter and by a half.
    """
    quote = view.quotes.get(name)
    if quote is None or quote.bid is None or quote.ask is None:
        return None
    price = stepped_price(quote, side=side, attempt=attempt, steps=steps)
    if price is None:
        return None
    ticks = view.instruments[name].ticks
    touch = quote.ask.price if side is Side.BUY else quote.bid.price
    limit = touch + side.sign * (quote.ask.price - quote.bid.price) / 2
    worst = Price(max(ticks.toward_aggressive(limit, side), ticks.tick))
    asked = ticks.toward_passive(price, side)  # as it is sent, so that the ledger says the same
    return LegWish(instrument=name, side=side, ratio=Decimal(1), price=asked, limit=worst)
