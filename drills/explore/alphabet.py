"""The events of the exploration: what can happen in a world, and when.

A disturbance is what a path has few of; the ordinary course and what heals may happen at any time.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Final, NamedTuple

from bot.core.close import held_names
from bot.core.event import (
    CommitFailed,
    Disconnected,
    OperatorDown,
    OperatorFlatten,
    OperatorMode,
    OperatorRearm,
    Reported,
    ReserveFailed,
)
from bot.core.flatten import plan_of
from bot.domain.instant import MINUTE_MS
from bot.domain.mode import Mode
from bot.domain.verdict import Verdict
from drills.explore.meddling import appear, decide, is_strange, meddle
from drills.explore.outlook import outlook
from drills.explore.world import TICK_MS, World
from drills.groups.engine import WELL, wish
from drills.groups.market import OPTIONS
from drills.groups.venue import Fate

__all__ = ["ALPHABET", "Letter", "flatten", "tell_late"]

_LONG_MS: Final = 10_000
_LONG_TICKS: Final = 7  # the guard waits a minute after its ladder
_MB: Final = 1_000_000


class Letter(NamedTuple):
    """One event: whether it can happen now, and how."""

    name: str
    can: Callable[[World], bool]
    do: Callable[[World], None]
    is_disturbance: bool = False


def flatten(world: World) -> None:
    """Let an operator flatten by the plan of this moment."""
    plan = plan_of(world.state).hash
    world.feed(OperatorFlatten(request_id="f", plan=plan, by="owner", why="exploration"))


def tell_late(world: World) -> None:
    """Tell every trade that was not told yet."""
    late, world.late = world.late, ()
    for fill in late:
        world.feed(Reported(fill))


def _pass(world: World) -> None:
    """Tick until something changes, or for as long as anything waits by itself."""
    before = outlook(world)
    world.tick()
    for _ in range(_LONG_TICKS):
        if world.pending or outlook(world) != before:
            return
        world.tick(_LONG_MS)


def _can_pass(world: World) -> bool:
    """An order in flight meets its fate before its fence."""
    return all(world.now_ms - sent.intent.decided_ms < TICK_MS for sent in world.pending)


def _propose(world: World) -> None:
    world.mind.wants = (wish(2),)
    world.tick()
    world.mind.wants = ()


def _can_propose(world: World) -> bool:
    group = world.state.durable.group
    is_free = group is None or group.stage.is_over
    return is_free and not world.is_expired and not held_names(world.state) and not world.pending


def _break(world: World, fate: Fate) -> None:
    _lose(world, fate)
    world.feed(Disconnected(world.epoch, "exploration"))


def _lose(world: World, fate: Fate) -> None:
    while world.pending:
        world.answer(fate)


def _crash(world: World, fate: Fate) -> None:
    _forget(world, fate)
    world.restart()


def _forget(world: World, fate: Fate) -> None:
    """Let the venue decide on what is in flight; nobody is left to hear of it."""
    for sent in world.pending:
        world.venue = world.venue.fork(lambda _: fate)
        world.venue.place(sent.intent, sent.label, at_ms=world.now_ms)
    world.pending = ()


def _look(world: World, *, megabytes: int) -> None:
    if WELL.machine is None:
        raise AssertionError("a machine that is well was looked at")
    world.seen = replace(WELL, machine=replace(WELL.machine, bytes_free=megabytes * _MB))
    world.tick()


def _tighten(world: World, mode: Mode) -> None:
    world.feed(OperatorMode(request_id="m", mode=mode, by="owner", why="exploration"))


def _rearm(world: World) -> None:
    seen = tuple((reason, cause.at_ms) for reason, cause in world.state.durable.causes.items())
    world.feed(
        OperatorRearm(
            request_id="r", by="owner", why="exploration", looked_ms=world.now_ms, seen=seen
        )
    )


def _read(world: World, answer: str) -> None:
    world.reading = answer
    _pass(world)


def _fail_ledger(world: World) -> None:
    world.feed(CommitFailed("exploration"))
    world.through()  # what it held is in the reserve file now


def _stick(world: World) -> None:
    world.is_barrier_stuck = True


def _expire(world: World) -> None:
    """Let the options be delivered: their end passes, and nothing else happens meanwhile."""
    later_ms = (OPTIONS[0].expiry_ms or 0) + MINUTE_MS - world.now_ms
    world.is_expired = True
    world.foreign = None
    world.tick(later_ms)
    _pass(world)


def _down(world: World) -> None:
    world.feed(OperatorDown(request_id="d", by="owner", why="exploration", cancel_opens=True))


def _is_up(world: World) -> bool:
    return world.state.link.is_up


def _always(_world: World) -> bool:
    return True


def _can_read(world: World) -> bool:
    return _is_up(world) and _can_pass(world)


def _is_answered(world: World) -> bool:
    return bool(world.pending)


def _is_short(world: World) -> bool:
    return world.venue.positions.get(OPTIONS[0].name, Decimal(0)) < 0 and not world.is_expired


def _well(world: World) -> None:
    world.seen = WELL
    world.tick()


ALPHABET: Final = (
    Letter("time passes", _can_pass, _pass),
    *(
        Letter(f"answered: {fate.value}", _is_answered, partial(World.answer, fate=fate))
        for fate in (Fate.WHOLE, Fate.PART, Fate.NOTHING, Fate.REFUSED)
    ),
    Letter("a group is proposed", _can_propose, _propose),
    Letter("the late trade is told", lambda w: bool(w.late), tell_late),
    Letter(
        "the line is back",
        lambda w: not w.state.link.is_up and not w.pending,
        World.connect,
    ),
    Letter("readings are good", lambda w: w.reading != "good", partial(_read, answer="good")),
    Letter("the barrier is through", lambda w: w.is_barrier_stuck, World.through),
    Letter("the disk has room", lambda w: w.seen is not WELL and _can_pass(w), _well),
    Letter("rearmed", lambda w: bool(w.state.durable.causes), _rearm),
    *(
        Letter(
            f"a stranger's {'order' if is_order else 'position'}: {verdict.value}",
            partial(is_strange, is_order=is_order),
            partial(decide, verdict=verdict, is_order=is_order),
        )
        for is_order, verdict in (
            (True, Verdict.IGNORE),
            (True, Verdict.CLOSE),
            (False, Verdict.ADOPT),
        )
    ),
    *(
        Letter(f"answered: {fate.value}", _is_answered, partial(World.answer, fate=fate), True)
        for fate in (Fate.LOST_WHOLE, Fate.LOST_ABSENT)
    ),
    Letter(
        "answered: whole, its trade late",
        _is_answered,
        partial(World.answer, fate=Fate.WHOLE, is_late=True),
        True,
    ),
    Letter("the line breaks", _is_up, partial(_break, fate=Fate.LOST_WHOLE), True),
    Letter(
        "the line breaks before it arrives",
        lambda w: _is_up(w) and bool(w.pending),
        partial(_break, fate=Fate.LOST_ABSENT),
        True,
    ),
    Letter("a crash", _always, partial(_crash, fate=Fate.LOST_WHOLE), True),
    Letter("readings fail", _can_read, partial(_read, answer="failed"), True),
    Letter(
        "readings differ",
        lambda w: _is_up(w) and _can_pass(w),
        partial(_read, answer="differing"),
        True,
    ),
    Letter("the barrier is stuck", lambda w: not w.is_barrier_stuck, _stick, True),
    Letter("the ledger fails", lambda w: w.state.ledger_failure is None, _fail_ledger, True),
    Letter("the reserve fails", _always, lambda w: w.feed(ReserveFailed("exploration")), True),
    Letter("the disk is short", _can_pass, partial(_look, megabytes=300), True),
    Letter("the disk is full", _can_pass, partial(_look, megabytes=50), True),
    Letter("REDUCE_ONLY", _always, partial(_tighten, mode=Mode.REDUCE_ONLY), True),
    Letter("KILL", _always, partial(_tighten, mode=Mode.KILL), True),
    Letter("flatten", lambda w: bool(held_names(w.state)), flatten, True),
    Letter("a stranger's order", lambda w: _is_up(w) and w.foreign is None, appear, True),
    Letter("a stranger trades against ours", lambda w: _is_up(w) and _is_short(w), meddle, True),
    Letter(
        "the options expire",
        lambda w: _is_up(w) and not w.is_expired and bool(held_names(w.state)) and not w.pending,
        _expire,
        True,
    ),
    Letter("the run is to end", lambda w: w.state.stopping is None, _down, True),
)
