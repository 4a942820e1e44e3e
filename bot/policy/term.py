"""What is said of each field of the policy: its unit, its dangerous direction, its plain words."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from bot.domain.reason import Reason

__all__ = ["Riskier", "Term"]


class Riskier(Enum):
    """Which change of a field adds risk."""

    HIGHER = "higher"
    LOWER = "lower"
    MORE = "more entries"
    LATER = "a choice further down its list"
    ANY = "any change"


@dataclass(frozen=True, slots=True)
class Term:
    """One field's terms [C-003].

    `reason` is the code of its breach [C-004]; None for a setting that nothing can breach. A number
    must lie above 0 and at or below `high`.
    """

    unit: str
    riskier: Riskier
    says: str
    reason: Reason | None = None
    high: Decimal | None = None
