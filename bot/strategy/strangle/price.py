"""The price of a patient order: from the middle to the touch, in steps."""

from decimal import Decimal

from bot.domain.money import EXACT, Price
from bot.domain.side import Side
from bot.strategy.interface import Quote

__all__ = ["stepped_price"]


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
