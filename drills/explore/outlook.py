"""What two worlds have to share to count as one state: everything that decides, in few words.

Figures become buckets and times become yes or no, so that the states are finite.
"""

from decimal import Decimal
from typing import Any, Final

from bot.core.author import GUARD
from bot.core.exhausted import is_exhausted
from bot.core.order import Order
from bot.core.state import State
from bot.core.stranger import strangers_found
from bot.domain.instrument import Kind
from bot.group.group import Group
from bot.group.ladder import STEPS_MAX
from drills.explore.world import World
from drills.groups.market import INSTRUMENTS

__all__ = ["Outlook", "outlook"]

Outlook = tuple[Any, ...]

_OPENING_MS: Final = 30_000  # of a group; after it nothing new is opened
_MISMATCHES_MAX: Final = 3
_OVERDUE_MS: Final = 10_000  # of the latch, by the shipped policy
_STEPS: Final = 10  # of 0.1 coin, in a coin
_OPTIONS: Final = frozenset(of.name for of in INSTRUMENTS if of.kind is Kind.OPTION)


def outlook(world: World) -> Outlook:
    """Return the state that a world is in."""
    state = world.state
    return (*_control(state), *_things(state), *_around(world))


def _control(state: State) -> Outlook:
    durable, proofs, link = state.durable, state.proofs, state.link
    shut_ms = None if proofs.shut_mono_ms is None else state.mono_ms - proofs.shut_mono_ms
    return (
        durable.mode.value,
        tuple(sorted(reason.value for reason in durable.causes)),
        tuple((cause.proof, cause.good_mono_ms is None) for cause in proofs.causes),
        shut_ms is not None and shut_ms > _OVERDUE_MS,
        (link.is_up, link.is_listening),
        min(state.recon.mismatches, _MISMATCHES_MAX),
        state.stopping is not None,
        durable.flattening is not None,
        durable.ended is not None,
        (state.ledger_failure is not None, state.reserve_failure is not None),
        len(state.waiting) > 0,
    )


def _things(state: State) -> Outlook:
    durable = state.durable
    return (
        tuple(
            sorted((n, _size(n, p.quantity)) for n, p in durable.positions.items() if p.quantity)
        ),
        tuple(sorted(_order(state, order) for order in durable.orders.values())),
        _group(state, durable.group),
        tuple(
            sorted(
                (name, min(c.tries, STEPS_MAX), is_exhausted(state, c), c.group is None)
                for name, c in durable.closings.items()
            )
        ),
        tuple(
            (found.is_order, found.instrument, found.verdict and found.verdict.value)
            for found in strangers_found(state)
        ),
    )


def _around(world: World) -> Outlook:
    return (
        tuple((sent.intent.instrument, sent.intent.role.value) for sent in world.pending),
        len(world.late) > 0,
        (world.is_barrier_stuck, len(world.held) > 0),
        world.reading,
        None if world.seen.machine is None else world.seen.machine.bytes_free,
        world.foreign is not None,
        (world.is_expired, world.is_over),
        world.sent.rescues,
    )


def _size(name: str, quantity: Decimal) -> int:
    """Count an option in steps; of the perpetual only the side matters."""
    if name in _OPTIONS:
        return int(quantity * _STEPS)
    return 1 if quantity > 0 else -1


def _order(state: State, order: Order) -> Outlook:
    return (
        order.intent.instrument,
        order.is_exit,
        order.intent.decision.strategy == GUARD.name,
        order.phase.value,
        order.filled > 0,
        state.now_ms > order.intent.valid_until_ms,
    )


def _group(state: State, group: Group | None) -> Outlook:
    if group is None or group.stage.is_over:
        return (group is not None and len(group.late) > 0,)
    return (
        group.stage.value,
        group.rescues,
        tuple(
            (leg.is_tried, int(leg.filled * _STEPS), int(leg.closed * _STEPS)) for leg in group.legs
        ),
        state.now_ms - group.begun_ms > _OPENING_MS,
    )
