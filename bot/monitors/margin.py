"""How much of the account the venue holds as margin (DOMAIN §11.3)."""

from decimal import Decimal
from typing import Final

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Money, Sight
from bot.policy.policy import Policy

__all__ = ["critical", "use"]

# Above the limit for opens by this much the account is drifting, not trading.
_DRIFT: Final = Decimal("1.25")
_CRITICAL_USE: Final = Decimal("0.8")  # the venue liquidates at 1


def use(sight: Sight, policy: Policy) -> Cause | None:
    """Force REDUCE_ONLY when initial margin has grown well past the limit for opens."""
    limit = policy.portfolio.initial_margin_use_max * _DRIFT
    for currency, money in sight.money.items():
        used = _share(money.initial_margin, money)
        if used > limit:
            return Cause(Reason.MARGIN_USE, f"{used:.0%} of {currency}, limit {limit:.0%}")
    return None


def critical(sight: Sight, _policy: Policy) -> Cause | None:
    """Force KILL when maintenance margin comes near to what the venue liquidates at."""
    for currency, money in sight.money.items():
        used = _share(money.maintenance_margin, money)
        if used > _CRITICAL_USE:
            return Cause(Reason.MARGIN_CRITICAL, f"{used:.0%} of {currency}")
    return None


def _share(margin: Decimal, money: Money) -> Decimal:
    if margin == 0:
        return Decimal(0)
    return margin / money.margin_balance if money.margin_balance > 0 else Decimal("Infinity")
