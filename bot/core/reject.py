"""What a definite no of the venue means beyond the request that it answers."""

from dataclasses import replace
from typing import Final

from bot.core.durable import Order
from bot.core.outcome import Rejected
from bot.core.turn import Turn
from bot.domain.ids import Label

__all__ = ["cool", "note_reject", "want_look"]

_COOLING_MS: Final = 2_000  # an order that the venue has refused is not tried again sooner

# Codes that say the order should never have been sent in this form (PROTOCOL §19). Each one is a
# gate of ours that let something through.
_ILLEGAL_CODES: Final = frozenset(
    {10002, 10020, 10021, 10022, 10023, 10026, 10027, 10031, 10043, 11048, 11055, -32602}
)


def note_reject(turn: Turn, order: Order, outcome: Rejected) -> None:
    """Pause in this instrument, and say when our own gates let through what is illegal."""
    cool(turn, order)
    if outcome.code in _ILLEGAL_CODES:
        turn.count(illegal_attempts=1)
        turn.anomaly("ILLEGAL_ORDER", f"{order.label}: {outcome.code} {outcome.message}")


def cool(turn: Turn, order: Order) -> None:
    """Hold back opens in the order's instrument for a moment."""
    until_ms = turn.state.now_ms + _COOLING_MS
    turn.set(cooling={**turn.state.cooling, order.intent.instrument: until_ms})


def want_look(turn: Turn, label: Label | None) -> None:
    """Have the truth read soon, this label's among it."""
    if label is not None:
        turn.set(checks=turn.state.checks | {label})
    turn.set(recon=replace(turn.state.recon, is_wanted=True))
