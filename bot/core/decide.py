"""The strategy proposes, the machinery decides: from what is known to what is recorded."""

from itertools import islice
from typing import Final, assert_never

from bot.core.amend import amend_order
from bot.core.capsule import capsule_body, snapshot_body
from bot.core.cause import raise_cause
from bot.core.contain import request_cancel
from bot.core.exit_stranger import exits_of_strangers
from bot.core.expect import expected_of
from bot.core.facts import facts_of
from bot.core.foreign import EXITS_STRANGERS
from bot.core.ground import ground_of
from bot.core.life import Phase
from bot.core.record import IntentRecorded
from bot.core.refuse import refuse
from bot.core.risk import definition, risk_of
from bot.core.state import SendAfter, State
from bot.core.turn import Turn
from bot.core.view import view_of
from bot.core.whose import trades_against
from bot.domain.ids import StrategyName
from bot.domain.instrument import Instrument
from bot.domain.mode import Mode
from bot.domain.money import exact, plain
from bot.domain.order import Role
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.order import check
from bot.intent.build import build_order_intent
from bot.intent.canonical import intent_id
from bot.intent.intent import Decision, OrderIntent
from bot.intent.label import label_of
from bot.strategy.interface import Amend, Place, Proposal, View, Withdraw

__all__ = ["decide"]

_PROPOSALS_MAX: Final = 16  # of one decision: a strategy that wants more has lost its mind
_DETAIL_MAX: Final = 300  # characters of a crash that are worth keeping
_EXIT_AGAIN_MS: Final = 1_000


def decide(turn: Turn) -> None:
    """Ask the strategy, and carry each proposal as far as the rules let it go."""
    state = turn.state
    if state.durable.mode is Mode.KILL or state.stopping is not None or not state.link.is_up:
        return  # under KILL strategies are silent [C-002]
    try:
        view = view_of(state, risk=risk_of(state, state.settings.currency))
        proposals = state.settings.strategy.decide(view, state.settings.params)
        for proposal in islice(proposals, _PROPOSALS_MAX):
            _carry(turn, proposal, view)
        for wish in exits_of_strangers(turn.state):
            _place(turn, wish, view, by=EXITS_STRANGERS)
    except Exception as error:  # noqa: BLE001  # C-606: a crash, or nonsense, is a trip
        name = state.settings.strategy.name
        raise_cause(turn, Reason.INTERNAL, f"strategy {name}: {error!r}"[:_DETAIL_MAX])


def _carry(turn: Turn, proposal: Proposal, view: View) -> None:
    match proposal:
        case Amend():
            exact(proposal.amount)
            exact(proposal.price)
            amend_order(turn, proposal, view)
        case Place():
            exact(proposal.amount)
            exact(proposal.price)
            by = StrategyName(turn.state.settings.strategy.name)
            _place(turn, proposal, view, by=by)
        case Withdraw():
            _withdraw(turn, proposal)
        case _:
            assert_never(proposal)


def _withdraw(turn: Turn, proposal: Withdraw) -> None:
    order = turn.state.durable.orders.get(proposal.intent_id)
    if order is not None:
        request_cancel(turn, order, strategy=order.intent.decision.strategy)


def _place(turn: Turn, place: Place, view: View, *, by: StrategyName) -> None:
    state = turn.state
    instrument = definition(state, place.instrument)
    if instrument is None:
        refusal = Refusal(reason=Reason.SIZING_METADATA_STALE, was="no definition")
        _refuse(turn, place, (refusal,))
        return
    if place.is_exit and _was_just_refused(state, place):
        return
    risk = risk_of(state, instrument.currency, also=instrument.name)
    intent = build_order_intent(
        place,
        ground_of(state, instrument, risk=risk),
        owner=state.durable.owner,
        decision=Decision(
            strategy=by,
            strategy_version=state.settings.strategy.version,
            config_hash=state.settings.config_hash,
            sequence=state.durable.sequence + 1,
            leg=place.leg,
            attempt=place.attempt,
        ),
        policy=state.settings.policy,
    )
    if isinstance(intent, Refusal):
        _refuse(turn, place, (intent,))
        return
    against = trades_against(state, intent.instrument, side=intent.side)
    if intent.role is Role.OPEN and against is not None:
        _refuse(turn, place, (against,))
        return
    facts = facts_of(state, intent, instrument, risk=risk)
    answers = check(intent, facts, state.settings.policy)
    refusals = tuple(refusal for _, refusal in answers if refusal is not None)
    if refusals:
        _refuse(turn, place, refusals)
        return
    _record(turn, place, intent, instrument, view, answers)


def _record(
    turn: Turn,
    place: Place,
    intent: OrderIntent,
    instrument: Instrument,
    view: View,
    answers: tuple[tuple[str, Refusal | None], ...],
) -> None:
    state = turn.state
    identity = intent_id(intent)
    label = label_of(identity, owner=intent.owner)
    if state.reserve_failure is not None:
        return
    if label in state.sent or state.durable.order_of(label) is not None:
        raise_cause(turn, Reason.INTERNAL, f"label {label} was made twice")
        return
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


def _refuse(turn: Turn, place: Place, refusals: tuple[Refusal, ...]) -> None:
    refuse(
        turn,
        refusals,
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
