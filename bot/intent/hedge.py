"""The proof that an order can only bring the portfolio's delta closer to zero [C-109].

Delta is linear in fills, so that over all outcomes of what is pending it lies between
D + Σ min(0, δ) and D + Σ max(0, δ); a hedge that holds at both ends holds between (DOMAIN §6).
"""

from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Final

from bot.domain.ids import InstrumentName
from bot.domain.instrument import Instrument
from bot.domain.money import Amount
from bot.domain.side import Side
from bot.domain.tick import floor_to_step

__all__ = ["HedgeProof", "hedge_proves", "largest_hedge"]

# Digits of a size that came from floats: 0.3 − 0.2 must be 0.1 here, and one unit in the twelfth
# digit of a size is far below any step.
_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class HedgeProof:
    """What must be known before an order may be called a hedge. Deltas in coin.

    `delta` is the portfolio's by what is booked; `pending` what each pending order of any
    instrument would add by filling wholly; `per_unit` what buying one unit of the amount adds (for
    an inverse perpetual 1/F); `band` how far from zero the end may lie. Whoever cannot compute one
    of these builds no proof, and the order is an OPEN.
    """

    instrument: InstrumentName
    delta: float
    pending: tuple[float, ...]
    per_unit: float
    band: float


def hedge_proves(proof: HedgeProof, *, side: Side, amount: Amount, instrument: Instrument) -> bool:
    """Say whether this order is a hedge whatever becomes of the pending ones, partial fills too.

    At both ends |delta| must not rise, must end inside the band, and must not pass zero by more
    than one step of the instrument.
    """
    if not _is_usable(proof, instrument):
        return False
    change = side.sign * float(amount) * proof.per_unit
    step = float(instrument.amount_step) * abs(proof.per_unit)
    return isfinite(change) and all(
        _holds(end, change=change, band=proof.band, step=step) for end in _ends(proof)
    )


def largest_hedge(
    proof: HedgeProof, *, side: Side, amount: Amount, instrument: Instrument
) -> Amount:
    """Return the most of `amount`, on the step, that is a hedge; 0 when nothing is.

    It aims at zero from the nearer end, and rounds toward zero.
    """
    nothing = Amount(Decimal(0))
    if not _is_usable(proof, instrument):
        return nothing
    nearest = min(abs(end) for end in _ends(proof))
    fitting = Decimal(format(nearest / abs(proof.per_unit), f".{_DIGITS}g"))
    cut = floor_to_step(min(fitting, amount), instrument.amount_step)
    is_hedge = cut > 0 and hedge_proves(proof, side=side, amount=cut, instrument=instrument)
    return cut if is_hedge else nothing


def _ends(proof: HedgeProof) -> tuple[float, float]:
    low = proof.delta + sum(min(0.0, change) for change in proof.pending)
    high = proof.delta + sum(max(0.0, change) for change in proof.pending)
    return low, high


def _holds(end: float, *, change: float, band: float, step: float) -> bool:
    after = end + change
    is_same_side = after * end > 0
    return abs(after) <= abs(end) and abs(after) <= band and (is_same_side or abs(after) <= step)


def _is_usable(proof: HedgeProof, instrument: Instrument) -> bool:
    figures = (proof.delta, *proof.pending, proof.per_unit, proof.band, *_ends(proof))
    return (
        proof.instrument == instrument.name
        and all(isfinite(figure) for figure in figures)
        and proof.per_unit != 0
    )
