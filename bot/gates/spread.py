"""How wide a market may be (DOMAIN §7.1) [C-111]."""

from decimal import Decimal

from bot.domain.instant import years_between
from bot.domain.instrument import Kind
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.domain.report import Level
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy
from bot.pricing.implied_vol import implied_vol

__all__ = ["check"]


def check(_intent: OrderIntent, facts: Facts, policy: Policy) -> Refusal | None:
    """Refuse a spread that is too wide.

    An option must fail twice: in price (ticks or share of the mid) and in vol points, because cheap
    wings are wide in per cent and the middle is wide in vol.
    """
    book, limits = facts.book, policy.execution
    if book is None or book.bid is None or book.ask is None:
        return Refusal(reason=Reason.BOOK_ONE_SIDED, was="a side is missing", limit="two sides")
    spread = book.ask.price - book.bid.price
    mid = (book.ask.price + book.bid.price) / 2
    if facts.instrument.kind is not Kind.OPTION:
        points = spread / mid * 10_000
        if points <= limits.spread_perpetual_bp_max:
            return None
        return Refusal(
            reason=Reason.SPREAD_WIDE,
            was=f"{points:.2f} bp",
            limit=f"{limits.spread_perpetual_bp_max} bp",
        )
    tick = facts.instrument.ticks.at(book.bid.price)
    allowed = max(limits.spread_option_ticks_max * tick, limits.spread_option_ratio_max * mid)
    if spread <= allowed:
        return None
    vol_points = _vol_points(facts, bid=book.bid, ask=book.ask)
    if vol_points is not None and Decimal(vol_points) <= limits.spread_option_vol_points_max:
        return None
    in_vol = "unknown" if vol_points is None else f"{vol_points:.1f}"
    return Refusal(
        reason=Reason.SPREAD_WIDE,
        was=f"{spread / tick:.1f} ticks, {in_vol} vol points",
        limit=f"{allowed / tick:.1f} ticks or {limits.spread_option_vol_points_max} vol points",
    )


def _vol_points(facts: Facts, *, bid: Level, ask: Level) -> float | None:
    instrument, ticker = facts.instrument, facts.ticker
    if instrument.option_type is None or instrument.strike is None or instrument.expiry_ms is None:
        return None
    if ticker is None or ticker.underlying is None:
        return None
    vols = [
        implied_vol(
            float(level.price),
            kind=instrument.option_type,
            forward=float(ticker.underlying),
            strike=float(instrument.strike),
            years=years_between(facts.now_ms, instrument.expiry_ms),
        )
        for level in (bid, ask)
    ]
    low, high = vols
    if isinstance(low, float) and isinstance(high, float):
        return (high - low) * 100
    return None
