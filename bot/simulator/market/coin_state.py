"""What must be kept of one coin's market, so that it goes on as if it had never stopped."""

from decimal import Decimal

import msgspec

__all__ = ["STEP_MS", "CoinState", "Posted"]

STEP_MS = 100  # a step's number is its time over this, so that steps mean the same in any run


class Posted(msgspec.Struct, frozen=True, array_like=True):
    """What a quote was made from: everything else about it follows.

    `value_usd` is the forward of an option, the mark of anything else; `sigma` is 0 there.
    """

    step: int
    value_usd: float
    sigma: float


class CoinState(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One coin at a step. Prices in USD, expiries in ms; sorted maps, so that bytes are stable."""

    coin: str
    ln_price: float
    variance: float
    ln_anchor: float
    vol_noise: float
    shock: tuple[float, float]  # of the surface shown: return and noise
    premiums: dict[str, float]  # by perpetual
    basis_noise: dict[int, float]  # by expiry
    strikes: dict[int, tuple[int, ...]]  # by expiry
    posted: dict[str, Posted]  # by instrument
    excited: dict[str, tuple[float, int]]  # by instrument: level, as of ms
    history: tuple[tuple[int, Decimal], ...]
