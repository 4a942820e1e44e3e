"""From a strategy's wish to change a resting order to a recorded edit [C-213].

The order is judged as it would be, with both versions counted at worst case: for the venue may hold
either until the outcome is proven. What only takes away is never held back, as a cancel is not.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Final

import msgspec

from bot.core.author import author_of
from bot.core.capsule import capsule_body, snapshot_body
from bot.core.cause import raise_cause
from bot.core.durable import Order
from bot.core.expect import expected_of
from bot.core.facts import facts_of
from bot.core.fold import apply
from bot.core.ground import ground_of
from bot.core.life import Phase
from bot.core.record import IntentRecorded
from bot.core.refuse import refuse
from bot.core.risk import definition, risk_of
from bot.core.state import SendAfter, State
from bot.core.turn import Turn
from bot.core.whose import trades_against
from bot.domain.ids import IntentId, OrderId
from bot.domain.instrument import Instrument
from bot.domain.money import Amount, plain
from bot.domain.order import Role, TimeInForce
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.order import check
from bot.intent.build import Target, build_edit_intent, order_as_edited
from bot.intent.canonical import intent_id
from bot.intent.intent import Decision, EditIntent
from bot.intent.label import label_of
from bot.strategy.interface import Amend, View

__all__ = ["amend_order", "may_be_edited"]

_RESTING: Final = frozenset({Phase.OPEN, Phase.PARTIAL})


def amend_order(turn: Turn, amend: Amend, view: View) -> None:
    """Carry the wish as far as the rules let it go; nothing comes of one that is not its turn."""
    state = turn.state
    order = state.durable.orders.get(amend.intent_id)
    if order is None or not may_be_edited(state, order) or order.edit is not None:
        return
    order_id, instrument = order.order_id, definition(state, order.intent.instrument)
    if order_id is None or instrument is None:
        return
    edit = _build(state, amend, order, order_id, instrument)
    if isinstance(edit, Refusal):
        _refuse(turn, amend, order, (edit,))
        return
    against = trades_against(state, edit.instrument, side=edit.side)
    if edit.role is Role.OPEN and against is not None:
        _refuse(turn, amend, order, (against,))
        return
    answers = _judged(state, edit, instrument)
    refusals = tuple(refusal for _, refusal in answers if refusal is not None)
    if refusals:
        _refuse(turn, amend, order, refusals)
        return
    _record(turn, amend, edit, instrument, view, answers)


def may_be_edited(state: State, order: Order) -> bool:
    """Say whether the venue shows it resting, for as long as it likes, and no cancel is under way.

    That no other edit is under way is for the caller to see.
    """
    return (
        order.phase in _RESTING
        and order.order_id is not None
        and order.intent.time_in_force is TimeInForce.GTC
        and order.intent_id not in state.cancels
    )


def _build(
    state: State, amend: Amend, order: Order, order_id: OrderId, instrument: Instrument
) -> EditIntent | Refusal:
    others = {k: known for k, known in state.durable.orders.items() if k != order.intent_id}
    without = replace(state, durable=msgspec.structs.replace(state.durable, orders=others))
    risk = risk_of(without, instrument.currency, also=(instrument.name,))
    target = Target(
        intent_id=order.intent_id,
        label=order.label,
        order_id=order_id,
        side=order.intent.side,
        amount=order.terms.amount,
        price=order.terms.price,
        filled=max(order.filled, order.reported),
        is_exit=order.is_exit,
        post_only=order.intent.post_only,
        reduce_only=order.intent.reduce_only,
    )
    decision = Decision(
        strategy=order.intent.decision.strategy,
        strategy_version=state.settings.strategy.version,
        config_hash=state.settings.config_hash,
        sequence=state.durable.sequence + 1,
    )
    return build_edit_intent(
        amend,
        target,
        ground_of(without, instrument, risk=risk),
        owner=state.durable.owner,
        decision=decision,
        policy=state.settings.policy,
    )


def _judged(
    state: State, edit: EditIntent, instrument: Instrument
) -> tuple[tuple[str, Refusal | None], ...]:
    if edit.role is Role.CANCEL:
        return ()  # less risk at the same price: no gate stands before it [C-213, C-309]
    # With the edit folded in the order counts at its larger remainder, and at both of its prices.
    record = _recorded(intent_id(edit), edit)
    would_be = replace(state, durable=apply(state.durable, record, seq=state.seq + 1))
    judged = order_as_edited(edit)
    risk = risk_of(would_be, instrument.currency, also=(instrument.name,))
    facts = facts_of(would_be, judged, instrument, risk=risk, adds=Amount(Decimal(0)))
    durable, day = state.durable, state.durable.day
    facts = replace(facts, recent=durable.recent, day_orders=day.orders, day_opens=day.opens)
    return check(judged, facts, state.settings.policy)


def _recorded(identity: IntentId, edit: EditIntent) -> IntentRecorded:
    return IntentRecorded(
        intent_id=identity,
        label=label_of(identity, owner=edit.owner),
        intent=edit,
        capsule="",
        snapshot="",
        expected=None,
    )


def _record(
    turn: Turn,
    amend: Amend,
    edit: EditIntent,
    instrument: Instrument,
    view: View,
    answers: tuple[tuple[str, Refusal | None], ...],
) -> None:
    state = turn.state
    if state.reserve_failure is not None:
        return
    identity = intent_id(edit)
    label = label_of(identity, owner=edit.owner)
    if label in state.sent:
        raise_cause(turn, Reason.INTERNAL, f"label {label} was made twice")
        return
    judged = order_as_edited(edit)
    expected = expected_of(state, judged, instrument)
    snapshot = snapshot_body(state, view, instrument=edit.instrument)
    capsule = capsule_body(
        state, judged, wish=amend, snapshot=snapshot, gates=answers, expected=expected, edit=edit
    )
    record = msgspec.structs.replace(
        _recorded(identity, edit),
        capsule=capsule.hash,
        snapshot=snapshot.hash,
        expected=expected,
    )
    turn.record(record, bodies=(snapshot, capsule))
    turn.after_commit(SendAfter(intent_id=identity, label=label, intent=edit))
    turn.say(
        "edit",
        intent_id=identity,
        target=edit.target,
        role=edit.role.value,
        amount=plain(edit.amount),
        instrument=edit.instrument,
        price=plain(edit.price),
        why=amend.why,
    )


def _refuse(turn: Turn, amend: Amend, order: Order, refusals: tuple[Refusal, ...]) -> None:
    refuse(
        turn,
        refusals,
        author=author_of(turn.state.settings.strategy),
        instrument=order.intent.instrument,
        side=order.intent.side,
        wanted=f"edit {order.label} to {amend.amount:f} at {amend.price:f}: {amend.why}",
    )
