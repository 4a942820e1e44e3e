"""What must hold when a group is over [C-402]: one of four ends, never mixed, never turned over."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, final

from bot.core.ground import ground_of
from bot.core.risk import risk_of
from bot.core.state import State
from bot.domain.mode import Mode
from bot.domain.reason import Reason
from bot.domain.side import Side
from bot.group.group import Group, Stage
from bot.group.next_move import RESCUES_MAX
from bot.intent.intent import OrderIntent
from bot.portfolio.exposure import Exposure
from drills.groups.market import OPTIONS, PERPETUAL
from drills.groups.venue import Venue

__all__ = ["SIDES", "Ran", "judge"]

# For two, three and four legs, over OPTIONS: what is sold first, what protects it after.
SIDES: Final = {
    2: (Side.SELL, Side.SELL),
    3: (Side.SELL, Side.SELL, Side.BUY),
    4: (Side.SELL, Side.SELL, Side.BUY, Side.BUY),
}


@final
@dataclass(slots=True)
class Ran:
    """What came of a case. `broken` names what must not have happened; empty is good."""

    venue: Venue
    group: Group | None = None
    state: State | None = None
    took_ms: int = 0
    broken: list[str] = field(default_factory=list)
    orders: list[OrderIntent] = field(default_factory=list)


def judge(ran: Ran, *, is_hedgeable: bool) -> list[str]:
    """Say what is wrong with how it ended."""
    group, state = ran.group, ran.state
    if group is None or state is None:
        return ["no group was begun"]
    held = [ran.venue.positions.get(of.name, Decimal(0)) for of in OPTIONS[: len(group.legs)]]
    booked = {name: pos.quantity for name, pos in state.durable.positions.items()}
    wrong = [
        f"{name}: the venue holds {size}, the ledger {booked.get(name, 0)}"
        for name, size in ran.venue.positions.items()
        if booked.get(name, Decimal(0)) != size
    ]
    if sum(order.decision.attempt > 0 and not order.role.is_exit for order in ran.orders) > (
        RESCUES_MAX
    ):
        wrong.append("more than two rescues were sent")
    sizes = {abs(size) for size in held}
    match group.stage:
        case Stage.COMPLETE:
            if len(sizes) > 1 or sizes == {Decimal(0)}:
                wrong.append(f"complete, and holds {held}")
        case Stage.EMPTY | Stage.FLATTENED:
            if any(held):
                wrong.append(f"{group.stage.value.lower()}, and holds {held}")
        case Stage.HEDGED:
            wrong += _hedged(state, held, is_hedgeable=is_hedgeable)
        case _:
            wrong.append(f"it stands at {group.stage.value}")
    return wrong


def _hedged(state: State, held: list[Decimal], *, is_hedgeable: bool) -> list[str]:
    wrong = []
    if not any(held):
        wrong.append("hedged, and holds nothing")
    if Reason.GROUP_HEDGED not in state.durable.causes or state.durable.mode is Mode.ACTIVE:
        wrong.append("hedged, and nobody was called")
    if is_hedgeable and not _is_within_band(state):
        wrong.append("hedged, and its delta is outside the band")
    return wrong


def _is_within_band(state: State) -> bool:
    perpetual = state.market.instruments[PERPETUAL.name]
    risk = risk_of(state, perpetual.currency, also=(perpetual.name,))
    proof, exposure = ground_of(state, perpetual, risk=risk).hedge, risk.exposure()
    if proof is None or not isinstance(exposure, Exposure):
        return False
    return abs(exposure.delta.now) <= proof.band
