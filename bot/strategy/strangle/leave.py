"""When the strangle ends: profit taken, loss stopped, a leg in danger, or time (DOMAIN §9.1)."""

from decimal import Decimal

from bot.domain.ids import InstrumentName
from bot.strategy.captured import captured
from bot.strategy.interface import View
from bot.strategy.strangle.params import StrangleParams

__all__ = ["reason_to_leave"]


def reason_to_leave(
    view: View, params: StrangleParams, *, legs: tuple[InstrumentName, ...]
) -> str | None:
    """Say why the held legs should be closed now, or None to stay."""
    now_ms = view.now_ms
    premium, cost = Decimal(0), Decimal(0)
    is_priced = True
    for name in legs:
        held, quote = view.held[name], view.quotes.get(name)
        if len(legs) == 1 and now_ms - held.opened_ms > params.half_max_s * 1000:
            return f"{name} has stood without its twin for {params.half_max_s} s"
        if quote is None:
            is_priced = False
            continue
        if quote.days is not None and quote.days <= params.days_exit:
            return f"{quote.days:.1f} days to expiry"
        if quote.delta is not None and abs(quote.delta) >= params.leg_delta_exit:
            return f"|delta| of {name} is {abs(quote.delta):.2f}"
        if quote.mark_iv is not None and held.entry_iv is not None:
            rise = (quote.mark_iv - held.entry_iv) * 100
            if rise >= params.iv_rise_exit_points:
                return f"volatility of {name} rose by {rise:.1f} points"
        if quote.ask is None:
            is_priced = False
            continue
        premium += held.average * abs(held.quantity)
        cost += quote.ask.price * abs(held.quantity)
    if not is_priced or premium <= 0:
        return None
    share = captured(premium=premium, cost=cost)
    if share >= params.captured_exit:
        return f"{share:.0%} of the premium is captured"
    if -share >= params.loss_exit:
        return f"the loss is {-share:.1f} times the premium"
    return None
