"""How often the engine does what it does again and again."""

from dataclasses import dataclass
from typing import Final

__all__ = ["PACE", "Pace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often the core looks around, the view is made anew, and the clocks are compared, in s."""

    tick_s: float
    publish_s: float
    sample_s: float


PACE: Final = Pace(tick_s=0.1, publish_s=0.25, sample_s=1.0)
