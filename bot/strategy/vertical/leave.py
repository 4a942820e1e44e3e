"""When the spread ends: enough is captured, the short leg is in danger, or time (DOMAIN §9.3)."""

from decimal import Decimal

from bot.domain.ids import InstrumentName
from bot.domain.instant import DAY_MS
from bot.strategy.captured import captured
from bot.strategy.interface import View
from bot.strategy.vertical.params import VerticalParams

__all__ = ["protection_of", "reason_to_leave"]


def protection_of(view: View, short: InstrumentName) -> InstrumentName | None:
    """Return the option that is held against a short one, or None when it is short of that.

    It is of the same type and expiry, and there is as much of it.
    """
    sold = view.instruments[short]
    for name, held in sorted(view.held.items()):
        known = view.instruments.get(name)
        if (
            known is not None
            and known.option_type is sold.option_type
            and known.expiry_ms == sold.expiry_ms
            and held.quantity >= abs(view.held[short].quantity)
        ):
            return name
    return None


def reason_to_leave(view: View, params: VerticalParams, *, short: InstrumentName) -> str | None:
    """Say why a short option should be bought back now, or None to stay."""
    long = protection_of(view, short)
    if long is None:
        return f"{short} has too little protection"
    expiry_ms = view.instruments[short].expiry_ms
    if expiry_ms is not None and expiry_ms - view.now_ms <= params.days_exit * DAY_MS:
        return f"{(expiry_ms - view.now_ms) / DAY_MS:.1f} days to expiry"
    quote = view.quotes.get(short)
    if quote is None:
        return None
    if quote.delta is not None and abs(quote.delta) >= params.short_delta_exit:
        return f"|delta| of {short} is {abs(quote.delta):.2f}"
    if quote.ask is None:
        return None
    credit = view.held[short].average - view.held[long].average
    protecting = view.quotes.get(long)
    # Protection that nobody bids for is worth nothing: no profit is claimed on the strength of it.
    worth = protecting.bid.price if protecting is not None and protecting.bid else Decimal(0)
    if credit <= 0:
        return None
    share = captured(premium=credit, cost=quote.ask.price - worth)
    return f"{share:.0%} of the credit is captured" if share >= params.captured_exit else None
