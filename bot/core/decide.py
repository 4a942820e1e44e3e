"""The strategy proposes, the machinery decides: from what is known to what is recorded."""

from decimal import Decimal
from itertools import islice
from typing import Final, assert_never

from bot.core.capsule import capsule_body, snapshot_body
from bot.core.cause import raise_cause
from bot.core.contain import request_cancel
from bot.core.facts import facts_of
from bot.core.life import Phase
from bot.core.record import Expected, IntentRecorded, Refused
from bot.core.risk import Risk, definition, risk_of
from bot.core.state import SendAfter, State
from bot.core.turn import Turn
from bot.core.view import view_of
from bot.core.whose import doubles, left_of
from bot.domain.ids import InstrumentName, StrategyName
from bot.domain.instant import MINUTE_MS
from bot.domain.instrument import Instrument, Kind
from bot.domain.mode import Mode
from bot.domain.money import Amount, Coin, Price, exact, plain
from bot.domain.order import Liquidity, Role
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.order import check
from bot.intent.build import Ground, build_order_intent
from bot.intent.canonical import intent_id
from bot.intent.classify import Pending
from bot.intent.hedge import HedgeProof
from bot.intent.intent import Decision, OrderIntent
from bot.intent.label import label_of
from bot.intent.quantise import PriceBounds
from bot.portfolio.fee import expected_fee
from bot.portfolio.position import FLAT
from bot.strategy.interface import Place, Proposal, View, Withdraw

__all__ = ["decide"]

_PROPOSALS_MAX: Final = 16  # of one decision: a strategy that wants more has lost its mind
_DETAIL_MAX: Final = 300  # characters of a crash that are worth keeping
_EXIT_AGAIN_MS: Final = 1_000
_REFUSAL_AGAIN_MS: Final = MINUTE_MS  # the same refusal is written down once a minute, not more


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
    except Exception as error:  # noqa: BLE001  # C-606: a crash, or nonsense, is a trip
        name = state.settings.strategy.name
        raise_cause(turn, Reason.INTERNAL, f"strategy {name}: {error!r}"[:_DETAIL_MAX])


def _carry(turn: Turn, proposal: Proposal, view: View) -> None:
    match proposal:
        case Place():
            exact(proposal.amount)
            exact(proposal.price)
            _place(turn, proposal, view)
        case Withdraw():
            _withdraw(turn, proposal)
        case _:
            assert_never(proposal)


def _withdraw(turn: Turn, proposal: Withdraw) -> None:
    order = turn.state.durable.orders.get(proposal.intent_id)
    if order is not None:
        request_cancel(turn, order, strategy=order.intent.decision.strategy)


def _place(turn: Turn, place: Place, view: View) -> None:
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
        _ground(state, instrument, risk),
        owner=state.durable.owner,
        decision=Decision(
            strategy=StrategyName(state.settings.strategy.name),
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
    expected = _expected(state, intent, instrument)
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
    state, first = turn.state, refusals[0]
    turn.count(refusals=1)
    key = (place.instrument, place.side)
    before = state.refused.get(key)
    is_news = (
        before is None
        or before[0] is not first.reason
        or state.now_ms - before[1] >= _REFUSAL_AGAIN_MS
    )
    if not is_news or state.ledger_failure is not None:
        return
    turn.set(refused={**state.refused, key: (first.reason, state.now_ms)})
    turn.record(
        Refused(
            strategy=state.settings.strategy.name,
            instrument=place.instrument,
            wanted=f"{place.side.value} {place.amount:f} at {place.price:f}: {place.why}",
            refusals=tuple((r.reason.value, r.was, r.limit) for r in refusals),
            at_ms=state.now_ms,
        )
    )
    turn.say(
        "refused",
        reason=first.reason.value,
        was=first.was,
        limit=first.limit,
        instrument=place.instrument,
    )
    if first.reason is Reason.INTERNAL:
        raise_cause(turn, Reason.INTERNAL, first.was)


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


def _ground(state: State, instrument: Instrument, risk: Risk) -> Ground:
    position = state.durable.positions.get(instrument.name, FLAT)
    orders = sorted(state.durable.orders.values(), key=lambda order: order.recorded_seq)
    ticker = state.market.tickers.get(instrument.name)
    return Ground(
        instrument=instrument,
        quantity=Amount(position.quantity),
        pending=(
            *(
                Pending(side=order.intent.side, remaining=order.remaining)
                for order in orders
                if order.intent.instrument == instrument.name and order.remaining > 0
            ),
            *(
                Pending(side=report.side, remaining=left_of(report))
                for _, report in doubles(state)
                if report.instrument == instrument.name
            ),
        ),
        hedge=_hedge_proof(state, instrument, risk),
        bounds=None if ticker is None else PriceBounds(ticker.price_min, ticker.price_max),
        now_ms=state.now_ms,
        clock_bound_ms=state.clock.bound_ms,
    )


def _hedge_proof(state: State, instrument: Instrument, risk: Risk) -> HedgeProof | None:
    """Gather what proves a hedge; None when any part of it cannot be computed [C-109]."""
    policy = state.settings.policy.hedge
    per_unit = risk.units.get(instrument.name)
    if instrument.name not in policy.instruments or per_unit is None:
        return None
    names = {*risk.held, *(order.instrument for order in risk.pending)}
    if any(name not in risk.units for name in names) or state.recon.differences:
        return None  # a hedge of a position that the venue disputes is a bet [C-504]
    delta = sum(risk.units[name].delta * float(size) for name, size in risk.held.items())
    pending = tuple(
        risk.units[order.instrument].delta * float(order.signed) for order in risk.pending
    )
    short = sum(
        (-size for name, size in risk.held.items() if size < 0 and _is_option(state, name)),
        Decimal(0),
    )
    one_step = float(instrument.amount_step) * abs(per_unit.delta)
    band = max(float(policy.band_ratio) * float(short), one_step)
    return HedgeProof(
        instrument=instrument.name,
        delta=delta,
        pending=pending,
        per_unit=per_unit.delta,
        band=band,
    )


def _is_option(state: State, name: InstrumentName) -> bool:
    known = definition(state, name)
    return known is not None and known.kind is Kind.OPTION


def _expected(state: State, intent: OrderIntent, instrument: Instrument) -> Expected:
    book = state.market.books.get(intent.instrument)
    ticker = state.market.tickers.get(intent.instrument)
    heard = state.market.indices.get(instrument.index)
    mid = None
    if book is not None and book.bid is not None and book.ask is not None:
        mid = Price((book.bid.price + book.ask.price) / 2)
    fee: Coin | None = None
    if instrument.is_inverse or heard is not None:
        fee = expected_fee(
            instrument,
            amount=intent.amount,
            price=intent.price,
            liquidity=Liquidity.TAKER,
            index=heard.price if heard else None,
        )
    return Expected(
        mid=mid,
        mark=ticker.mark if ticker else None,
        mark_iv=ticker.mark_iv if ticker else None,
        fee=fee,
    )
