"""What is opened must be hedged: the hedge's market is judged before (DOMAIN §8.1, liq_cascade)."""

from bot.domain.instrument import BookState
from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Hedge, Sight
from bot.policy.policy import Policy

__all__ = ["check"]


def check(sight: Sight, policy: Policy) -> Cause | None:
    """Shut opens while the hedge is halted, one-sided, too wide, too thin, or astray.

    A hedge without a book is left to the gates: right after a connection there is none yet.
    """
    hedge = sight.hedge
    if hedge is None:
        return None
    why = _why_not(hedge, policy)
    return None if why is None else Cause(Reason.HEDGE_MARKET, f"{hedge.name} {why}")


def _why_not(hedge: Hedge, policy: Policy) -> str | None:
    limits = policy.guard
    if hedge.state is not BookState.OPEN:
        return f"is {hedge.state.value}"
    if hedge.spread_bp is None or hedge.depth_usd is None:
        return "has one side only"
    if hedge.spread_bp > limits.hedge_spread_bp_max:
        return f"spread {hedge.spread_bp:.1f} bp, limit {limits.hedge_spread_bp_max:f} bp"
    if hedge.depth_usd < limits.hedge_depth_usd_min:
        return f"shows {hedge.depth_usd:.0f} USD, limit {limits.hedge_depth_usd_min:f} USD"
    if hedge.basis is not None and hedge.basis > limits.hedge_basis_ratio_max:
        return f"{hedge.basis:.2%} from the index, limit {limits.hedge_basis_ratio_max:.2%}"
    return None
