"""Resting opens come off when new risk is not wanted any more [C-002, C-304, C-305].

The loop is this function, called each turn: it asks for a cancel of every order that could still
open, again and again, until the venue itself shows none.
"""

from collections.abc import Set
from functools import partial
from typing import Final, NamedTuple

from bot.core.author import GUARD
from bot.core.durable import Order
from bot.core.life import Phase
from bot.core.record import IntentRecorded
from bot.core.state import CancelUnderWay, SendAfter, State
from bot.core.stranger import strangers_found
from bot.core.turn import Turn
from bot.core.whose import doubles
from bot.domain.ids import InstrumentName, IntentId, Label, OrderId, StrategyName
from bot.domain.mode import Mode
from bot.domain.reason import Reason
from bot.domain.verdict import Verdict
from bot.intent.canonical import intent_id
from bot.intent.intent import CancelIntent, Decision
from bot.intent.label import label_of
from bot.policy.reaction import OnKill

__all__ = ["contain", "may_still_open", "request_cancel"]

RETRY_MS: Final = 1_000
_LOOP_MS: Final = 60_000
# The venue takes 5 matching requests a second, 20 at once; half of these are left to exits.
_CANCELS_MAX: Final = 10
_CANCELS_WITHIN_MS: Final = 2_000
_RESTING: Final = frozenset({Phase.ACKED, Phase.OPEN, Phase.PARTIAL})


class _Target(NamedTuple):
    """What a cancel is about: the instrument, and the intent behind it where there is one."""

    instrument: InstrumentName
    intent_id: IntentId
    label: Label


def contain(turn: Turn) -> None:
    """Cancel resting opens while the mode, an overdue latch or the end of the run asks for it."""
    _forget_ended(turn)
    _cancel_doubles(turn)
    _cancel_late(turn)
    _cancel_ours(turn)
    # After our own: however many there are, they must not use up what the venue takes.
    _cancel_strangers(turn, {Verdict.CLOSE})


def _cancel_ours(turn: Turn) -> None:
    state = turn.state
    shut_ms = state.proofs.shut_mono_ms
    deadline_ms = state.settings.policy.guard.latch_deadline_s * 1000
    is_overdue = shut_ms is not None and state.mono_ms - shut_ms > deadline_ms
    is_stopping = state.stopping is not None and state.stopping.cancel_opens
    if state.durable.mode is Mode.ACTIVE and not is_overdue and not is_stopping:
        if state.contained:
            turn.set(contained=frozenset())
        return
    for order in sorted(state.durable.orders.values(), key=partial(_urgency, state)):
        if order.is_exit and not is_stopping and not _is_in_the_guards_way(state, order):
            continue
        if order.phase in _RESTING or _is_lost(state, order):
            request_cancel(turn, order, strategy=GUARD.name)
            turn.set(contained=turn.state.contained | {order.intent_id})
    # What was adopted is ours to manage, and may open: it comes off with our own.
    _cancel_strangers(turn, {Verdict.ADOPT})


def _is_in_the_guards_way(state: State, order: Order) -> bool:
    """Say whether a strategy's exit rests where the guard is to hedge or close: under KILL there is
    nobody left who would take it back, and what may still fill spoils the proof of a hedge.
    """
    on_kill = state.settings.policy.guard.on_kill
    is_guards_to_do = state.durable.mode is Mode.KILL and on_kill is not OnKill.HOLD
    return is_guards_to_do and order.intent.decision.strategy != GUARD.name


def may_still_open(state: State) -> bool:
    """Say whether to wait for the cancel loop: an order is left that could still open, or rests
    beside ours by mistake. Not for ever: what is held cannot wait for what nobody answers [C-304].
    """
    if state.now_ms - state.durable.mode_since_ms > _LOOP_MS:
        return False
    orders = state.durable.orders.values()
    is_left = any(not order.is_exit and order.phase.may_fill for order in orders)
    return is_left or bool(doubles(state))


def _urgency(state: State, order: Order) -> tuple[bool, int, int]:
    """What surely rests comes before what may, and what was asked longest ago before the rest: the
    venue takes few cancels at a time, and none of them may be kept waiting by the others.
    """
    asked = state.cancels.get(order.intent_id)
    asked_ms = -1 if asked is None else asked.asked_mono_ms
    return order.phase not in _RESTING, asked_ms, order.recorded_seq


def _is_lost(state: State, order: Order) -> bool:
    """Say whether it may rest unseen: in doubt, and too late now to arrive after its cancel."""
    return order.phase is Phase.UNKNOWN and state.now_ms > order.intent.valid_until_ms


def _forget_ended(turn: Turn) -> None:
    state = turn.state
    orders, foreign = state.durable.orders, state.foreign
    if any(target not in orders for target in state.cancels):
        turn.set(cancels={key: known for key, known in state.cancels.items() if key in orders})
    if any(order_id not in foreign for order_id in state.doubled):
        turn.set(doubled={key: known for key, known in state.doubled.items() if key in foreign})


def _cancel_doubles(turn: Turn) -> None:
    """Take off what nobody meant, in every mode: the second venue order of one intent [C-207]."""
    for order, report in doubles(turn.state):
        before = turn.state.doubled.get(report.order_id)
        target = _Target(order.intent.instrument, order.intent_id, order.label)
        under_way = _cancel(
            turn, target, order_id=report.order_id, before=before, strategy=GUARD.name
        )
        if under_way is not None:
            turn.set(doubled={**turn.state.doubled, report.order_id: under_way})


def _cancel_strangers(turn: Turn, verdicts: Set[Verdict]) -> None:
    """Take off foreign orders that an operator has given to us, by the venue's id alone [C-509]."""
    for stranger in strangers_found(turn.state):
        if not stranger.is_order or stranger.verdict not in verdicts:
            continue
        order_id = OrderId(stranger.subject)
        # It is no intent's: what a cancel names beside the id is left empty.
        target = _Target(stranger.instrument, IntentId(""), Label(""))
        before = turn.state.doubled.get(order_id)
        under_way = _cancel(turn, target, order_id=order_id, before=before, strategy=GUARD.name)
        if under_way is not None:
            turn.set(doubled={**turn.state.doubled, order_id: under_way})


def _cancel_late(turn: Turn) -> None:
    """Take off what the venue took after its `valid_until`, exits too, in every mode [C-208]: its
    time was over, and while it rests the tripwire would bring KILL back after each rearm.
    """
    state = turn.state
    for order in sorted(state.durable.orders.values(), key=lambda known: known.recorded_seq):
        is_late = (Reason.LATE_FILL, order.order_id) in state.tripped
        if is_late and order.phase in _RESTING:
            request_cancel(turn, order, strategy=GUARD.name)


def request_cancel(turn: Turn, order: Order, *, strategy: StrategyName) -> bool:
    """Record the wish to cancel and send it once durable: by id, or by label for one in doubt.

    False while one is under way, and when more of them would exceed what the venue takes [C-305].
    """
    state = turn.state
    if order.order_id is None and not _is_lost(state, order):
        return False
    before = state.cancels.get(order.intent_id)
    target = _Target(order.intent.instrument, order.intent_id, order.label)
    under_way = _cancel(turn, target, order_id=order.order_id, before=before, strategy=strategy)
    if under_way is None:
        return False
    turn.set(cancels={**turn.state.cancels, order.intent_id: under_way})
    return True


def _cancel(
    turn: Turn,
    target: _Target,
    *,
    order_id: OrderId | None,
    before: CancelUnderWay | None,
    strategy: StrategyName,
) -> CancelUnderWay | None:
    state, settings = turn.state, turn.state.settings
    if before is not None and state.mono_ms - before.asked_mono_ms < RETRY_MS:
        return None
    lately = tuple(at for at in state.cancelled if state.mono_ms - at < _CANCELS_WITHIN_MS)
    if len(lately) >= _CANCELS_MAX:
        return None
    if state.reserve_failure is not None or not state.link.is_up:
        return None
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
        instrument=target.instrument,
        order_id=order_id,
        target=target.intent_id,
        target_label=target.label,
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
    turn.set(cancelled=(*lately, state.mono_ms))
    return CancelUnderWay(intent_id=identity, asked_mono_ms=state.mono_ms, attempt=attempt)
