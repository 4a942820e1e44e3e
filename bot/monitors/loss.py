"""A day's loss and the fall from the best equity have an end [C-003]."""

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["day_loss", "drawdown"]


def day_loss(sight: Sight, policy: Policy) -> Cause | None:
    """Force KILL at the day's loss limit, measured from the equity at 08:00 UTC."""
    for currency, money in sight.money.items():
        lost = money.day_equity - money.equity
        limit = money.day_equity * policy.per_day.loss_max
        if lost >= limit and lost > 0:
            return Cause(Reason.LOSS_DAY, f"{lost:f} of {limit:f} {currency} from 08:00 UTC")
    return None


def drawdown(sight: Sight, policy: Policy) -> Cause | None:
    """Force KILL at the limit of the fall from the highest equity."""
    for currency, money in sight.money.items():
        lost = money.peak_equity - money.equity
        limit = money.peak_equity * policy.per_day.drawdown_max
        if lost >= limit and lost > 0:
            return Cause(Reason.DRAWDOWN, f"{lost:f} of {limit:f} {currency} from the peak")
    return None
