"""The emergency ladder: how far an exit gives way, step by step, and where it stops [C-403].

Source: DOMAIN §10.3 for options, §10.4 for what delta is hedged with. The limits here are raw
prices on the tick; the one door that builds orders clamps them into the venue's band.
"""

from decimal import Decimal
from typing import Final

from bot.domain.instrument import Instrument, Kind
from bot.domain.money import EXACT, Price
from bot.domain.side import Side

__all__ = ["PAUSE_MS", "STEPS_MAX", "STEP_MS", "ladder"]

STEP_MS: Final = 2_000  # between two orders
PAUSE_MS: Final = 60_000  # after the last step, before the first one again

_SPREADS: Final = (Decimal("0.25"), Decimal("0.5"), Decimal(1), Decimal(2))
_BASIS_POINTS: Final = (Decimal(10), Decimal(25), Decimal(50))
_MARK_SHARE: Final = Decimal("0.05")
_COST_SHARE: Final = Decimal("0.25")  # of the mark: no exit costs more than this, or than …
_COST_COIN: Final = Decimal("0.005")  # … this much coin a coin, whichever is more
STEPS_MAX: Final = 2 + len(_SPREADS)  # of the longest ladder, an option's
_LEAST_TICKS: Final = 2
_TEN_THOUSAND: Final = Decimal(10_000)


def ladder(
    side: Side, *, instrument: Instrument, bid: Price | None, ask: Price | None, mark: Price | None
) -> tuple[Price, ...]:
    """Return the limit of each step, the mildest first; empty when no price is known at all.

    It begins at the touch that would be taken, or at the mark without one, and ends at the most
    that an exit may cost. Without a mark there is nothing to measure cost by: the touch alone.
    """
    touch = ask if side is Side.BUY else bid
    start = touch if touch is not None else mark
    if start is None or start <= 0:
        return ()
    if mark is None or mark <= 0:
        return (instrument.ticks.toward_aggressive(start, side),)
    if instrument.kind is not Kind.OPTION:
        raw = [start + side.sign * _share(mark, points) for points in _BASIS_POINTS]
        return tuple(instrument.ticks.toward_aggressive(price, side) for price in raw)
    tick = instrument.ticks.at(start)
    gap = ask - bid if ask is not None and bid is not None else Decimal(0)
    spread = max(gap, _LEAST_TICKS * tick, EXACT.multiply(mark, _MARK_SHARE))
    offsets = (Decimal(0), tick, *(EXACT.multiply(spread, share) for share in _SPREADS))
    cost = EXACT.multiply(mark, _COST_SHARE)
    cost = max(cost, _COST_COIN) if instrument.is_inverse else max(cost, 10 * tick)
    return tuple(
        _bounded(start + side.sign * offset, side, instrument, worst=mark + side.sign * cost)
        for offset in offsets
    )


def _share(mark: Price, points: Decimal) -> Decimal:
    return EXACT.divide(EXACT.multiply(mark, points), _TEN_THOUSAND)


def _bounded(price: Decimal, side: Side, instrument: Instrument, *, worst: Decimal) -> Price:
    ticks = instrument.ticks
    given = ticks.toward_aggressive(price, side)
    # The bound itself is rounded inward: a tick more would be past it.
    bound = ticks.toward_passive(worst, side)
    limit = min(given, bound) if side is Side.BUY else max(given, bound)
    return Price(max(limit, ticks.tick))
