"""What holds of every single step, whatever the state it was taken in [C-302, C-303, C-402]."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, final

from bot.core.effect import Commit, Effect, SendOrder
from bot.core.record import Rearmed
from bot.core.state import State
from bot.domain.ids import GroupId
from bot.domain.mode import Mode
from bot.domain.order import Role
from bot.guard.resolve import resolve

__all__ = ["Sent", "broken_by"]

_RESCUES_MAX: Final = 2  # C-402


@final
@dataclass(frozen=True, slots=True)
class Sent:
    """The rescues that have left for a group, counted here and not by the engine."""

    group: GroupId | None = None
    rescues: int = 0


def broken_by(
    before: State, after: State, effects: Sequence[Effect], *, asked: int, sent: Sent
) -> tuple[Sent, tuple[str, ...]]:
    """Return the count after this step, and what it has broken; nothing is good.

    `asked` is how often the strategy was asked in it.
    """
    orders = [effect.intent for effect in effects if isinstance(effect, SendOrder)]
    group = after.durable.group
    now = None if group is None else group.group_id
    more = sum(order.role is Role.OPEN and order.decision.attempt > 0 for order in orders)
    sent = Sent(now, more + (sent.rescues if now == sent.group else 0))
    return sent, tuple(_broken(before, after, effects, asked=asked, sent=sent))


def _broken(
    before: State, after: State, effects: Sequence[Effect], *, asked: int, sent: Sent
) -> Iterator[str]:
    records = [e.record for effect in effects if isinstance(effect, Commit) for e in effect.entries]
    is_rearmed = any(isinstance(record, Rearmed) for record in records)
    was, mode = before.durable.mode, after.durable.mode
    if mode.severity < was.severity and not is_rearmed:
        yield f"C-302 the mode went from {was.value} to {mode.value} without a rearm"
    if mode is not resolve(after.durable.causes):
        yield f"C-301 the mode is {mode.value}, and the causes force another"
    if after.proofs.is_open and not _may_be_open(after):
        yield "C-303 the latch is open without a proof of this connection"
    opens = any(isinstance(e, SendOrder) and e.intent.role is Role.OPEN for e in effects)
    if opens and not (mode is Mode.ACTIVE and after.proofs.is_open and after.stopping is None):
        yield f"C-302 an open left under {mode.value}, latch {after.proofs.is_open}"
    if asked and was is Mode.KILL and not is_rearmed:
        yield "C-002 the strategy was asked under KILL"
    if sent.rescues > _RESCUES_MAX:
        yield f"C-402 {sent.rescues} rescues of one group were sent"
    group = after.durable.group
    if group is not None and group.rescues > _RESCUES_MAX:
        yield f"C-402 {group.rescues} rescues of one group are recorded"


def _may_be_open(state: State) -> bool:
    is_proven = state.recon.proven_epoch == state.link.epoch and not state.recon.differences
    return state.link.is_up and state.link.is_protected and is_proven
