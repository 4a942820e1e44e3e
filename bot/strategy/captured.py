"""How much of what was received closing now would keep (DOMAIN §9.1)."""

from decimal import Decimal

__all__ = ["captured"]


def captured(*, premium: Decimal, cost: Decimal) -> float:
    """Return the share of the premium that closing now would keep; negative is a loss."""
    return float((premium - cost) / premium)
