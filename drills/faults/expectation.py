"""What a drill expects, as data, and the one place that holds it against what was seen.

Over 300 lines, because the list of all expectations and their one exhaustive match are one idea.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never, final

from bot.core.life import Phase
from bot.domain.mode import Mode
from bot.domain.order import Role
from bot.domain.reason import Reason
from bot.domain.side import Side
from bot.group.group import Stage
from drills.faults.seen import Moment, Seen

__all__ = [
    "Answers",
    "Books",
    "Delivers",
    "Dies",
    "ExitGoes",
    "Expectation",
    "Forces",
    "GroupEnds",
    "Hedges",
    "Holds",
    "Keeps",
    "Never",
    "Notes",
    "OpensComeOff",
    "Raises",
    "Reaches",
    "Refuses",
    "Sends",
    "Shuts",
    "StartRefused",
    "TakesExit",
    "TakesNothing",
    "lacks",
]


@final
@dataclass(frozen=True, slots=True)
class Forces:
    """This cause is recorded, and the mode is this one from then on."""

    mode: Mode
    reason: Reason


@final
@dataclass(frozen=True, slots=True)
class Raises:
    """This cause is recorded, beside others that may have forced the mode before it."""

    reason: Reason


@final
@dataclass(frozen=True, slots=True)
class Keeps:
    """The mode stays ACTIVE for the whole of the watched time."""


@final
@dataclass(frozen=True, slots=True)
class Shuts:
    """The latch is shut for this reason, after the fault."""

    reason: Reason


@final
@dataclass(frozen=True, slots=True)
class Never:
    """This reason neither forces a mode nor shuts the latch, after the fault."""

    reason: Reason


@final
@dataclass(frozen=True, slots=True)
class Refuses:
    """An open that was wanted after the fault is refused for this reason."""

    reason: Reason


@final
@dataclass(frozen=True, slots=True)
class Dies:
    """The engine is killed so many times."""

    lives: int


@final
@dataclass(frozen=True, slots=True)
class ExitGoes:
    """An exit is taken by the venue while nothing can be opened."""


@final
@dataclass(frozen=True, slots=True)
class TakesExit:
    """By its own log the venue takes, once opens are barred, one order: this much, reduce-only."""

    side: Side
    amount: Decimal


@final
@dataclass(frozen=True, slots=True)
class TakesNothing:
    """By its own log the venue takes no order once opens are barred."""


@final
@dataclass(frozen=True, slots=True)
class Hedges:
    """An order that hedges is taken by the venue while nothing can be opened."""


@final
@dataclass(frozen=True, slots=True)
class Holds:
    """At the end of the watched time the venue's account holds so many instruments."""

    instruments: int


@final
@dataclass(frozen=True, slots=True)
class GroupEnds:
    """The group under way ends so, after the fault."""

    stage: Stage


@final
@dataclass(frozen=True, slots=True)
class OpensComeOff:
    """An open that rested is cancelled after the fault."""


@final
@dataclass(frozen=True, slots=True)
class Reaches:
    """So many orders come to this phase, over all lives."""

    phase: Phase
    orders: int


@final
@dataclass(frozen=True, slots=True)
class Sends:
    """At most so many orders are sent in all."""

    orders_max: int


@final
@dataclass(frozen=True, slots=True)
class Books:
    """Exactly so many fills are in the books."""

    fills: int


@final
@dataclass(frozen=True, slots=True)
class Delivers:
    """So many positions ended by delivery, and are booked so."""

    deliveries: int


@final
@dataclass(frozen=True, slots=True)
class Notes:
    """The ledger notes this anomaly."""

    code: str


@final
@dataclass(frozen=True, slots=True)
class Answers:
    """The owner hears this of what he asked for: `rearm REFUSED`, `kill done`."""

    answer: str


@final
@dataclass(frozen=True, slots=True)
class StartRefused:
    """A start is refused with this code."""

    code: str


Expectation = (
    Answers
    | Books
    | Delivers
    | Dies
    | ExitGoes
    | Forces
    | GroupEnds
    | Hedges
    | Holds
    | Keeps
    | Never
    | Notes
    | OpensComeOff
    | Raises
    | Reaches
    | Refuses
    | Sends
    | Shuts
    | StartRefused
    | TakesExit
    | TakesNothing
)


def lacks(expected: Expectation, seen: Seen) -> str | None:
    """Return how what was seen differs from what was expected; None when it does not."""
    match expected:
        case Forces():
            return _forces(expected, seen)
        case Raises(reason=reason):
            is_raised = reason.value in seen.raised
            return None if is_raised else f"the causes were {_causes(seen)}"
        case Keeps():
            tight = next(_modes(seen, but=Mode.ACTIVE), None)
            return None if tight is None else f"the mode is {tight.now} for {_of(tight)}"
        case Shuts(reason=reason):
            found = ", ".join(sorted(seen.shut_by)) or "nothing"
            return None if reason.value in seen.shut_by else f"the latch was shut by {found}"
        case Never(reason=reason):
            is_seen = reason.value in seen.shut_by | seen.raised
            return f"{reason.value} came about" if is_seen else None
        case Refuses(reason=reason):
            refused = ", ".join(sorted(seen.refused)) or "nothing"
            return None if seen.refused[reason.value] else f"opens were refused by {refused}"
        case ExitGoes():
            return None if _exits(seen) else "no exit came to the venue while opens were barred"
        case Hedges():
            return None if _exits(seen, Role.HEDGE) else "no hedge came to the venue"
        case Holds(instruments=count):
            held = ", ".join(sorted(seen.held)) or "nothing"
            return None if len(seen.held) == count else f"the account holds {held}"
        case GroupEnds(stage=stage):
            stages = [moment.now for moment in seen.watched if moment.what == "group"]
            is_it = stages[-1:] == [stage.value]
            return None if is_it else f"its stages were {', '.join(stages) or 'none'}"
        case OpensComeOff():
            return None if _came_off(seen) else "no resting open was cancelled after the fault"
        case Reaches(phase=phase, orders=orders):
            count = len({label for label, known in seen.reached if known is phase})
            return None if count == orders else f"{count} orders came to {phase.value}"
        case Sends(orders_max=most):
            return None if len(seen.orders) <= most else f"{len(seen.orders)} orders were sent"
        case Books(fills=fills):
            return None if seen.fills == fills else f"{seen.fills} fills are booked"
        case Delivers(deliveries=deliveries):
            is_it = seen.deliveries == deliveries
            return None if is_it else f"{seen.deliveries} deliveries are booked"
        case Dies(lives=lives):
            count = sum(m.what == "engine" and m.now == "died" for m in seen.watched)
            return None if count == lives else f"{count} lives were killed"
        case Notes(code=code):
            noted = ", ".join(sorted(seen.noted)) or "nothing"
            return None if seen.noted[code] else f"the ledger noted {noted}"
        case Answers(answer=answer):
            heard = ", ".join(seen.answers) or "nothing"
            return None if answer in seen.answers else f"the owner heard {heard}"
        case StartRefused(code=code):
            refusals = ", ".join(seen.starts_refused) or "no start"
            return None if code in seen.starts_refused else f"{refusals} was refused"
        case TakesExit():
            return _takes(expected, seen)
        case TakesNothing():
            return ", ".join(seen.taken_since_barred) or None
        case _:
            assert_never(expected)


def _forces(expected: Forces, seen: Seen) -> str | None:
    if expected.reason.value not in seen.raised:
        return f"the causes were {_causes(seen)}"
    for moment in _modes(seen):
        if expected.reason.value in moment.because:
            is_it = moment.now == expected.mode.value
            return None if is_it else f"the mode became {moment.now} for {_of(moment)}"
    return f"{expected.reason.value} was recorded and forced nothing"


def _causes(seen: Seen) -> str:
    return ", ".join(sorted(seen.raised)) or "none"


def _modes(seen: Seen, *, but: Mode | None = None) -> Iterator[Moment]:
    for moment in seen.watched:
        if moment.what == "mode" and (but is None or moment.now != but.value):
            yield moment


def _of(moment: Moment) -> str:
    return ", ".join(moment.because) or "no cause"


def _exits(seen: Seen, role: Role | None = None) -> bool:
    return any(
        order.role.is_exit and order.placed_ms and not order.is_allowed and order.is_watched
        for order in seen.orders
        if role is None or order.role is role
    )


def _takes(expected: TakesExit, seen: Seen) -> str | None:
    wanted = f"{expected.side.value} {expected.amount:f} reduce-only"
    held = seen.taken_since_barred
    return None if held == [wanted] else f"the venue took {', '.join(held) or 'nothing'}"


def _came_off(seen: Seen) -> bool:
    struck_ms = seen.struck_ms
    return struck_ms is not None and any(
        not order.role.is_exit
        and order.taken_off_ms is not None
        and order.taken_off_ms >= struck_ms
        for order in seen.orders
    )
