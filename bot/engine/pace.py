"""How often the engine does what it does again and again."""

from dataclasses import dataclass
from typing import Final

__all__ = ["PACE", "Pace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often, in s: the core looks around, the view is made anew, the clocks are compared, line
    and queues are told of, the machine is looked at.
    """

    tick_s: float
    publish_s: float
    sample_s: float
    observe_s: float
    machine_s: float


PACE: Final = Pace(tick_s=0.1, publish_s=0.25, sample_s=1.0, observe_s=0.5, machine_s=5.0)
