"""What an order does to exposure at worst case [C-108] (DOMAIN §6).

Everything that could still fill counts as filled against us: resting, in flight and UNKNOWN, each
with its whole remainder. Orders on the other side never help, since they may not fill. What cannot
be proven to be an exit or a hedge is an OPEN. A cancel removes an order and is not asked here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bot.domain.instrument import Instrument
from bot.domain.money import EXACT, Amount, plain
from bot.domain.order import Role
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.domain.side import Side
from bot.domain.tick import floor_to_step
from bot.intent.hedge import HedgeProof, hedge_proves, largest_hedge

__all__ = ["Classified", "Pending", "Reach", "classify", "reach", "safe_exit"]

_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Pending:
    """What may still fill of one order in the same instrument."""

    side: Side
    remaining: Amount


@dataclass(frozen=True, slots=True)
class Reach:
    """The lowest and highest position that fills of what is pending can lead to."""

    low: Amount
    high: Amount

    @property
    def worst(self) -> Amount:
        """The larger of the two ends, unsigned: what limits are held against [C-114]."""
        return Amount(max(self.low.copy_abs(), self.high.copy_abs()))


@dataclass(frozen=True, slots=True)
class Classified:
    """The role, and the amount that has it: what was asked, or less."""

    role: Role
    amount: Amount


def classify(
    side: Side,
    *,
    amount: Amount,
    instrument: Instrument,
    quantity: Amount,
    pending: Iterable[Pending],
    may_open: bool,
    hedge: HedgeProof | None = None,
) -> Classified | Refusal:
    """Say what an order is, or cut it to what it may be.

    `quantity` is the signed position. `hedge` is given when this instrument is the policy's hedge
    and every delta could be computed, else None. With `may_open` an order that is neither exit nor
    hedge as it stands is an OPEN of its whole amount. Without, it is cut to the largest safe exit
    or hedge on the instrument's step, and refused when that is below the minimum: NOTHING_TO_EXIT.
    Raises ValueError for an amount of 0 or less.
    """
    if not (amount.is_finite() and amount > 0):
        raise ValueError(f"{instrument.name}: amount is {amount}, must be above 0")
    safe = safe_exit(side, quantity=quantity, pending=pending)
    if amount <= safe:
        return Classified(_exit_role(amount, quantity), amount)
    if hedge is not None and hedge_proves(hedge, side=side, amount=amount, instrument=instrument):
        return Classified(Role.HEDGE, amount)
    if may_open:
        return Classified(Role.OPEN, amount)
    exit_cut = floor_to_step(safe, instrument.amount_step)
    hedge_cut = (
        Amount(_NOTHING)
        if hedge is None
        else largest_hedge(hedge, side=side, amount=amount, instrument=instrument)
    )
    cut = max(exit_cut, hedge_cut)
    if cut < instrument.amount_min:
        return Refusal(
            reason=Reason.NOTHING_TO_EXIT,
            was=f"{side.value} {plain(amount)} of {plain(quantity)}",
            limit=f"safe {plain(safe)}, minimum {plain(instrument.amount_min)}",
        )
    role = _exit_role(exit_cut, quantity) if exit_cut >= hedge_cut else Role.HEDGE
    return Classified(role, cut)


def safe_exit(side: Side, *, quantity: Amount, pending: Iterable[Pending]) -> Amount:
    """Return the most that can be sold (bought) without a flip even if all on that side fills.

    0 when the side is not opposite to the position.
    """
    if quantity == 0 or (quantity > 0) == (side is Side.BUY):
        return Amount(_NOTHING)
    left = quantity.copy_abs()
    for order in pending:
        if order.side is side:
            left = EXACT.subtract(left, order.remaining)
    return Amount(max(left, _NOTHING))


def reach(quantity: Amount, *, pending: Iterable[Pending]) -> Reach:
    """Return every position that can come of what is pending, as an interval."""
    low = high = quantity
    for order in pending:
        if order.side is Side.BUY:
            high = Amount(EXACT.add(high, order.remaining))
        else:
            low = Amount(EXACT.subtract(low, order.remaining))
    return Reach(low, high)


def _exit_role(amount: Amount, quantity: Amount) -> Role:
    return Role.CLOSE if amount == quantity.copy_abs() else Role.REDUCE
