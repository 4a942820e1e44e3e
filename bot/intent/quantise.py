"""Bring a wished price and size onto the instrument's grid [C-105] (DOMAIN §5.4).

Prices go to the passive tick; an exit that must get out goes to the aggressive one, inside bounds.
Sizes go toward zero, never up: the minimum is not a reason to trade more than was meant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import gcd, lcm
from typing import Final

from bot.domain.instrument import Instrument
from bot.domain.money import EXACT, Amount, Price, plain
from bot.domain.order import Role
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.domain.side import Side
from bot.domain.tick import floor_to_step

__all__ = ["GroupLeg", "PriceBounds", "quantise_group", "quantise_price", "quantise_size"]

_NO_MORE_THAN_HELD: Final = frozenset({Role.REDUCE, Role.CLOSE})


@dataclass(frozen=True, slots=True)
class PriceBounds:
    """The lowest and highest price that may be asked: the venue's band cut by our own bound."""

    low: Price
    high: Price


@dataclass(frozen=True, slots=True)
class GroupLeg:
    """One leg of a group and how many units of it one unit of the group has."""

    instrument: Instrument
    ratio: Decimal


def quantise_price(
    price: Decimal,
    *,
    instrument: Instrument,
    side: Side,
    is_aggressive: bool = False,
    bounds: PriceBounds | None = None,
) -> Price | Refusal:
    """Return the legal price nearest to the wished one on the right side of it.

    The tick is that of the wished price. Only aggressive exits are clamped to `bounds`; whether a
    passive price lies inside the band is a gate's question. Refused: PRICE_BELOW_TICK for 0 or
    less, PRICE_BAND when no legal price lies between the bounds.
    """
    ticks = instrument.ticks
    if not is_aggressive:
        legal = ticks.toward_passive(price, side)
    else:
        legal = ticks.toward_aggressive(price, side)
        if bounds is not None:
            low, high = ticks.up(bounds.low), ticks.down(bounds.high)
            if low > high:
                return Refusal(
                    reason=Reason.PRICE_BAND,
                    was=f"no legal price from {plain(bounds.low)} to {plain(bounds.high)}",
                    limit=f"tick {plain(ticks.at(price))}",
                )
            legal = min(max(legal, low), high)
    if legal <= 0:
        return Refusal(
            reason=Reason.PRICE_BELOW_TICK, was=plain(price), limit=plain(ticks.at(price))
        )
    return legal


def quantise_size(
    amount: Decimal, *, instrument: Instrument, role: Role, quantity: Amount
) -> Amount | Refusal:
    """Return the largest legal size that is not above the wished one, in the amount unit.

    A REDUCE or CLOSE is first cut to the position (`quantity`, signed). Below the minimum an OPEN
    or HEDGE is refused as SIZE_BELOW_MIN and an exit as DUST: it is left and reported, because the
    minimum would flip the position. A CANCEL has no size: asking for one is our bug.
    """
    if role is Role.CANCEL:
        raise AssertionError("a cancel has no size")
    is_exit = role in _NO_MORE_THAN_HELD
    wished = min(amount, quantity.copy_abs()) if is_exit else amount
    legal = floor_to_step(wished, instrument.amount_step)
    if legal < instrument.amount_min:
        return Refusal(
            reason=Reason.DUST if is_exit else Reason.SIZE_BELOW_MIN,
            was=plain(wished),
            limit=plain(instrument.amount_min),
        )
    return legal


def quantise_group(
    size: Decimal | Fraction, *, legs: Sequence[GroupLeg]
) -> tuple[Amount, ...] | Refusal:
    """Return the legs' amounts of the largest group not above `size` whose ratios stay exact.

    The group's step is the smallest size at which every leg is a whole number of its own steps.
    Refused as SIZE_BELOW_MIN when that leaves nothing, or less than some leg's minimum. Raises
    ValueError without legs or for a ratio of 0 or less: such a group is our bug.
    """
    if not legs or min(leg.ratio for leg in legs) <= 0:
        raise ValueError("a group has legs, and their ratios are above 0")
    steps = [Fraction(leg.instrument.amount_step) / Fraction(leg.ratio) for leg in legs]
    step = Fraction(lcm(*(s.numerator for s in steps)), gcd(*(s.denominator for s in steps)))
    count = max(Fraction(size) // step, 0)
    amounts = []
    for leg in legs:
        per_step = step * Fraction(leg.ratio) / Fraction(leg.instrument.amount_step)  # whole
        amount = EXACT.multiply(leg.instrument.amount_step, Decimal(int(per_step) * count))
        if amount < leg.instrument.amount_min:
            return Refusal(
                reason=Reason.SIZE_BELOW_MIN,
                was=f"{plain(amount)} of {leg.instrument.name}",
                limit=plain(leg.instrument.amount_min),
            )
        amounts.append(Amount(amount))
    return tuple(amounts)
