"""The gates in their fixed order, as data [C-110].

The first refusal decides; all are kept, so that an owner sees the whole reason and not its tip.
Exits pass only the gates marked so: those without which the venue would refuse the order anyway,
or which protect from our own mistakes. No gate about the market stands before an exit [C-111].
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates import (
    allowed,
    band,
    churn,
    clock,
    depth,
    exposure,
    fees,
    form,
    freshness,
    index_agreement,
    latch,
    ledger,
    margin,
    mark_distance,
    metadata,
    mode,
    order_to_fill,
    premium,
    rate,
    repeated,
    self_cross,
    size,
    spread,
    tradable,
    two_sided,
    window,
)
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["GATES", "Gate", "check"]

Check = Callable[[OrderIntent, Facts, Policy], Refusal | None]


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate: its name, its check, and whether exits pass through it too."""

    name: str
    check: Check
    for_exits: bool = False


GATES: Final[tuple[Gate, ...]] = (
    Gate("mode", mode.check),
    Gate("latch", latch.check),
    Gate("allowed", allowed.check),
    Gate("metadata", metadata.check),
    Gate("tradable", tradable.check, for_exits=True),
    Gate("window", window.check),
    Gate("clock", clock.check),
    Gate("freshness", freshness.check),
    Gate("two_sided", two_sided.check),
    Gate("spread", spread.check),
    Gate("depth", depth.check),
    Gate("premium", premium.check),
    Gate("fees", fees.check),
    Gate("form", form.check, for_exits=True),
    Gate("band", band.check, for_exits=True),
    Gate("mark_distance", mark_distance.check),
    Gate("index_agreement", index_agreement.check),
    Gate("size", size.check, for_exits=True),
    Gate("self_cross", self_cross.check, for_exits=True),
    Gate("exposure", exposure.check),
    Gate("margin", margin.check),
    Gate("rate", rate.check),
    Gate("churn", churn.check),
    Gate("repeated", repeated.check),
    Gate("order_to_fill", order_to_fill.check),
    Gate("ledger", ledger.check),
)


def check(
    intent: OrderIntent, facts: Facts, policy: Policy
) -> tuple[tuple[str, Refusal | None], ...]:
    """Ask every gate that stands before this intent, in order, and keep every answer."""
    return tuple(
        (gate.name, _ask(gate, intent, facts, policy))
        for gate in GATES
        if gate.for_exits or not intent.role.is_exit
    )


def _ask(gate: Gate, intent: OrderIntent, facts: Facts, policy: Policy) -> Refusal | None:
    try:
        return gate.check(intent, facts, policy)
    except Exception as error:  # noqa: BLE001  # C-606: a gate that crashes is a trip
        return Refusal(reason=Reason.INTERNAL, was=f"gate {gate.name}: {error!r}")
