"""From a wish to a recorded order: the one way, for the strategy and the guard alike [C-101]."""

from dataclasses import replace
from typing import Final

from bot.core.author import GUARD, Author
from bot.core.capsule import capsule_body, snapshot_body
from bot.core.cause import raise_cause
from bot.core.exhausted import is_resting
from bot.core.expect import expected_of
from bot.core.facts import facts_of
from bot.core.ground import ground_of
from bot.core.life import Phase
from bot.core.record import IntentRecorded
from bot.core.refuse import refuse
from bot.core.risk import definition, risk_of
from bot.core.state import SendAfter, State
from bot.core.turn import Turn
from bot.core.whose import trades_against
from bot.domain.ids import IntentId
from bot.domain.instrument import Instrument
from bot.domain.money import plain
from bot.domain.order import Role
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.order import check
from bot.intent.build import build_order_intent
from bot.intent.canonical import intent_id
from bot.intent.intent import Decision, OrderIntent
from bot.intent.label import label_of
from bot.portfolio.exposure import Pending
from bot.strategy.interface import Place, View

__all__ = ["judge", "place_order"]

_EXIT_AGAIN_MS: Final = 1_000

Answers = tuple[tuple[str, Refusal | None], ...]


def place_order(turn: Turn, place: Place, view: View, *, author: Author) -> IntentId | None:
    """Carry a wish as far as the rules let it go; return the intent, or None when refused."""
    state = turn.state
    closing = state.durable.closings.get(place.instrument)
    # While the guard rests between two ladders, whoever can exit may [C-309].
    may_pass = closing is None or (place.is_exit and is_resting(state, closing))
    if closing is not None and author != GUARD and not may_pass:
        refusal = Refusal(reason=Reason.CLOSING, was=closing.why)
        _refuse(turn, place, (refusal,), author=author)
        return None
    if place.is_exit and _was_just_refused(state, place):
        return None
    judged = judge(state, place, author=author)
    if isinstance(judged, Refusal):
        _refuse(turn, place, (judged,), author=author)
        return None
    intent, instrument, answers = judged
    refusals = tuple(refusal for _, refusal in answers if refusal is not None)
    if refusals:
        _refuse(turn, place, refusals, author=author)
        return None
    return _record(turn, place, intent, instrument, view, answers)


def judge(
    state: State, place: Place, *, author: Author, beside: tuple[Pending, ...] = ()
) -> tuple[OrderIntent, Instrument, Answers] | Refusal:
    """Build the intent and ask the gates, and change nothing.

    `beside` is what belongs to it and would be sent after it: it counts at worst case too.
    """
    instrument = definition(state, place.instrument)
    if instrument is None:
        return Refusal(reason=Reason.SIZING_METADATA_STALE, was="no definition")
    names = (instrument.name, *(pending.instrument for pending in beside))
    alone = risk_of(state, instrument.currency, also=names)
    risk = replace(alone, pending=(*alone.pending, *beside))
    intent = build_order_intent(
        place,
        ground_of(state, instrument, risk=risk),
        owner=state.durable.owner,
        decision=Decision(
            strategy=author.name,
            strategy_version=author.version,
            config_hash=state.settings.config_hash,
            sequence=state.durable.sequence + 1,
            leg=place.leg,
            attempt=place.attempt,
        ),
        policy=state.settings.policy,
    )
    if isinstance(intent, Refusal):
        return intent
    against = trades_against(state, intent.instrument, side=intent.side)
    if intent.role is Role.OPEN and against is not None:
        return against
    facts = facts_of(state, intent, instrument, risk=risk)
    return intent, instrument, check(intent, facts, state.settings.policy)


def _record(
    turn: Turn,
    place: Place,
    intent: OrderIntent,
    instrument: Instrument,
    view: View,
    answers: Answers,
) -> IntentId | None:
    state = turn.state
    identity = intent_id(intent)
    label = label_of(identity, owner=intent.owner)
    if state.reserve_failure is not None:
        return None
    if label in state.sent or state.durable.order_of(label) is not None:
        raise_cause(turn, Reason.INTERNAL, f"label {label} was made twice")
        return None
    expected = expected_of(state, intent, instrument)
    snapshot = snapshot_body(state, view, instrument=intent.instrument)
    capsule = capsule_body(
        state, intent, wish=place, snapshot=snapshot, gates=answers, expected=expected
    )
    turn.record(
        IntentRecorded(
            intent_id=identity,
            label=label,
            intent=intent,
            capsule=capsule.hash,
            snapshot=snapshot.hash,
            expected=expected,
        ),
        bodies=(snapshot, capsule),
    )
    turn.count(snapshots=1)
    turn.after_commit(SendAfter(intent_id=identity, label=label, intent=intent))
    if intent.role is Role.HEDGE or intent.instrument == state.settings.hedge:
        turn.set(hedged_ms=state.now_ms)
    left = {k: v for k, v in state.refused.items() if k != (intent.instrument, intent.side)}
    turn.set(refused=left)
    turn.say(
        "intent",
        intent_id=identity,
        role=intent.role.value,
        side=intent.side.value,
        amount=plain(intent.amount),
        instrument=intent.instrument,
        price=plain(intent.price),
        why=place.why,
    )
    return identity


def _refuse(turn: Turn, place: Place, refusals: tuple[Refusal, ...], *, author: Author) -> None:
    refuse(
        turn,
        refusals,
        author=author,
        instrument=place.instrument,
        side=place.side,
        wanted=f"{place.side.value} {place.amount:f} at {place.price:f}: {place.why}",
    )


def _was_just_refused(state: State, place: Place) -> bool:
    """Say whether the venue has just refused this exit: asking at the speed of the loop would cost
    the credits that the next cancel needs.
    """
    return any(
        order.phase in (Phase.REJECTED, Phase.EXPIRED, Phase.ABSENT)
        and order.intent.role.is_exit
        and order.intent.instrument == place.instrument
        and order.intent.side is place.side
        and state.now_ms - order.intent.decided_ms < _EXIT_AGAIN_MS
        for order in state.durable.closed.values()
    )
