"""What a fault drill is: the market's and the owner's part, the fault, and what must come of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, final

from bot.policy.reaction import OnKill
from bot.strategy.interface import Strategy
from drills.faults.expectation import Expectation
from drills.world.points.script import Cue

if TYPE_CHECKING:
    from drills.faults.stage import Stage

__all__ = ["Act", "Back", "Drill"]


@final
class Back(Enum):
    """How trading comes back."""

    UNTOUCHED = "untouched"  # mode and latch are as they were all the time
    BY_PROOF = "by proof"  # the latch opens again by itself; the mode never moved
    BY_REARM = "by rearm"  # the mode stays, over a restart too, until the owner loosens it


@final
@dataclass(frozen=True, slots=True)
class Act:
    """Something done to the world or by the owner, so many ms after the start."""

    at_ms: int
    name: str
    do: Callable[["Stage"], Awaitable[None]]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """One drill. Times are ms since the start; `seconds` is the watched time, before all heals.

    `venue` are faults of the exchange and of the line, `acts` everything else. `safe_ms_max` bounds
    the time from the fault to safety; None where the fault takes no safety away. `policy` replaces
    values of the lively policy, by `block.field`.
    """

    says: str
    source: str  # the row of DOMAIN §8.2, or the fault of RELIABILITY §8
    cues: tuple[Cue, ...]  # what the strategy wants, and from when on
    back: Back
    safe_ms_max: int | None
    seconds: float
    expects: tuple[Expectation, ...]
    venue: tuple[tuple[int, str], ...] = ()
    acts: tuple[Act, ...] = ()
    policy: Mapping[str, Decimal | int | OnKill] = field(default_factory=dict)
    tick_s: float = 0.25
    market_step_ms: int = 500
    strategy: Strategy | None = None  # in place of the script
    is_sound: bool = True  # False where a part of ours is spoilt on purpose
