"""Resting opens come off when new risk is not wanted any more [C-002, C-304, C-305].

The loop is this function, called each turn: it asks for a cancel of every order that could still
open, again and again, until the venue itself shows none.
"""

from typing import Final

from bot.core.durable import Order
from bot.core.life import Phase
from bot.core.record import IntentRecorded
from bot.core.state import CancelUnderWay, SendAfter
from bot.core.turn import Turn
from bot.domain.ids import StrategyName
from bot.domain.mode import Mode
from bot.intent.canonical import intent_id
from bot.intent.intent import CancelIntent, Decision
from bot.intent.label import label_of

__all__ = ["contain", "request_cancel"]

RETRY_MS: Final = 1_000
# The venue takes 5 matching requests a second, 20 at once; half of these are left to exits.
_CANCELS_MAX: Final = 10
_CANCELS_WITHIN_MS: Final = 2_000
_RESTING: Final = frozenset({Phase.ACKED, Phase.OPEN, Phase.PARTIAL})


def contain(turn: Turn) -> None:
    """Cancel resting opens while the mode, an overdue latch or the end of the run asks for it."""
    _forget_ended(turn)
    state = turn.state
    shut_ms = state.proofs.shut_mono_ms
    deadline_ms = state.settings.policy.guard.latch_deadline_s * 1000
    is_overdue = shut_ms is not None and state.mono_ms - shut_ms > deadline_ms
    is_stopping = state.stopping is not None and state.stopping.cancel_opens
    if state.durable.mode is Mode.ACTIVE and not is_overdue and not is_stopping:
        if state.contained:
            turn.set(contained=frozenset())
        return
    for order in sorted(state.durable.orders.values(), key=lambda known: known.recorded_seq):
        if order.phase in _RESTING and (is_stopping or not order.intent.role.is_exit):
            request_cancel(turn, order, strategy=StrategyName("guard"))
            turn.set(contained=turn.state.contained | {order.intent_id})


def _forget_ended(turn: Turn) -> None:
    cancels, orders = turn.state.cancels, turn.state.durable.orders
    if any(target not in orders for target in cancels):
        turn.set(cancels={key: known for key, known in cancels.items() if key in orders})


def request_cancel(turn: Turn, order: Order, *, strategy: StrategyName) -> bool:
    """Record the wish to cancel and send it once durable.

    False while one is under way, and when more of them would exceed what the venue takes [C-305].
    """
    state, settings = turn.state, turn.state.settings
    before = state.cancels.get(order.intent_id)
    if before is not None and state.mono_ms - before.asked_mono_ms < RETRY_MS:
        return False
    lately = tuple(at for at in state.cancelled if state.mono_ms - at < _CANCELS_WITHIN_MS)
    if len(lately) >= _CANCELS_MAX:
        return False
    if order.order_id is None or state.reserve_failure is not None or not state.link.is_up:
        return False
    attempt = before.attempt + 1 if before else 0
    intent = CancelIntent(
        owner=state.durable.owner,
        decision=Decision(
            strategy=strategy,
            strategy_version="1",
            config_hash=settings.config_hash,
            sequence=state.durable.sequence + 1,
            attempt=attempt,
        ),
        instrument=order.intent.instrument,
        order_id=order.order_id,
        target=order.intent_id,
        target_label=order.label,
        decided_ms=state.now_ms,
    )
    identity = intent_id(intent)
    label = label_of(identity, owner=intent.owner)
    turn.record(
        IntentRecorded(
            intent_id=identity, label=label, intent=intent, capsule="", snapshot="", expected=None
        )
    )
    turn.after_commit(SendAfter(intent_id=identity, label=label, intent=intent))
    under_way = CancelUnderWay(intent_id=identity, asked_mono_ms=state.mono_ms, attempt=attempt)
    turn.set(
        cancels={**turn.state.cancels, order.intent_id: under_way},
        cancelled=(*lately, state.mono_ms),
    )
    return True
