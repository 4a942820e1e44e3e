"""Keeping the number of coins still: the perpetual against delta_total (DOMAIN §2.2, §9.1)."""

from decimal import Decimal

from bot.domain.money import Amount
from bot.domain.order import TimeInForce
from bot.domain.side import Side
from bot.strategy.interface import Place, View
from bot.strategy.strangle.params import StrangleParams

__all__ = ["hedge"]

_LEG = 2
_MATCHED_MS = 10_000  # a leg without its twin is hedged only when that takes longer (DOMAIN §10.1)
_URGENT_BANDS = 3
_DIGITS = 12  # of a float that became a size: 0.37 coins at 60000 are 22200 USD, not a step less


def hedge(view: View, params: StrangleParams, *, short_size: Decimal) -> Place | None:
    """Propose the trade that brings delta_total to zero, when it has left its band."""
    quote = view.quotes.get(view.hedge)
    instrument = view.instruments.get(view.hedge)
    if view.delta_total is None or quote is None or instrument is None:
        return None
    if any(order.instrument == view.hedge and order.is_live for order in view.orders):
        return None
    if _is_being_matched(view):
        return None
    one_step = float(instrument.amount_step) / float(quote.mark)
    band = max(params.hedge_band * float(short_size), one_step)
    away = abs(view.delta_total)
    if away <= band:
        return None
    pause_ms = params.hedge_pause_s * 1000
    is_soon = view.hedged_ms is not None and view.now_ms - view.hedged_ms < pause_ms
    if is_soon and away <= _URGENT_BANDS * band:
        return None
    side = Side.SELL if view.delta_total > 0 else Side.BUY
    touch = quote.bid if side is Side.SELL else quote.ask
    if touch is None:
        return None
    return Place(
        instrument=view.hedge,
        side=side,
        amount=Amount(Decimal(format(away, f".{_DIGITS}g")) * touch.price),
        price=touch.price,
        time_in_force=TimeInForce.IOC,
        post_only=False,
        is_exit=True,
        attempt=0,
        leg=_LEG,
        why=f"delta {view.delta_total:+.4f} is outside its band of {band:.4f}",
    )


def _is_being_matched(view: View) -> bool:
    """Say whether the missing leg is on its way: its own delta is the better hedge."""
    group = view.group
    if group is None or not group.is_live or group.naked_since_ms is None:
        return False
    return view.now_ms - group.naked_since_ms < _MATCHED_MS
