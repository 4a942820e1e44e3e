"""An operator decides on what is not ours: adopt, ignore or close, and only as shown [C-509]."""

from dataclasses import replace

from bot.core.durable import Order
from bot.core.effect import Answer
from bot.core.event import OperatorClassify
from bot.core.foreign import content_of
from bot.core.life import Phase
from bot.core.record import OrderClassified, PositionClassified
from bot.core.risk import definition
from bot.core.state import AnswerAfter, State
from bot.core.stranger import Stranger, strangers_found
from bot.core.turn import Turn
from bot.domain.ids import OrderId
from bot.domain.instrument import Instrument, Kind
from bot.domain.money import Price
from bot.domain.verdict import Verdict
from bot.portfolio.position import FLAT, realise_at

__all__ = ["classify_stranger"]


def classify_stranger(turn: Turn, act: OperatorClassify) -> None:
    """Record the decision and answer once it is durable; or say why not, and change nothing.

    A refusal begins with NOT_FOUND, CHANGED or CONFLICT where it is one of these (UX §2.4). The
    same act under the same request id is done once, also after a restart.
    """
    state = turn.state
    content = content_of(act.verdict, subject=act.subject, seen=act.seen)
    known = state.durable.foreign.decided.get(act.request_id)
    if known is not None:
        if known.content == content:
            turn.emit(Answer(request_id=act.request_id, done=True, seq=known.seq))
        else:
            _refuse(turn, act, f"CONFLICT this request was {known.content}")
        return
    found = next((s for s in strangers_found(state) if s.subject == act.subject), None)
    why_not = _why_not(state, act, found)
    if found is None or why_not is not None:
        _refuse(turn, act, why_not or "")
        return
    if found.is_order:
        turn.record(
            OrderClassified(
                order_id=OrderId(found.subject),
                instrument=found.instrument,
                verdict=act.verdict,
                seen=found.seen,
                by=act.by,
                why=act.why,
                request_id=act.request_id,
                at_ms=state.now_ms,
            )
        )
    else:
        _position(turn, act, found)
    turn.after_commit(AnswerAfter(request_id=act.request_id))
    turn.say("operator", act=act.verdict.value, what=found.seen, by=act.by, why=act.why)


def _position(turn: Turn, act: OperatorClassify, found: Stranger) -> None:
    state = turn.state
    instrument = definition(state, found.instrument)
    if instrument is None:
        raise AssertionError(f"{found.instrument}: whoever has no definition was refused")
    turn.record(
        PositionClassified(
            instrument=instrument,
            amount=found.amount,
            price=found.price,
            verdict=act.verdict,
            seen=found.seen,
            by=act.by,
            why=act.why,
            request_id=act.request_id,
            at_ms=state.now_ms,
        )
    )
    # What counts as ours has changed: a comparison under way was asked for before, and the next
    # one has to prove all of it anew.
    turn.set(
        recon=replace(
            turn.state.recon,
            is_wanted=True,
            mismatches=0,
            unexplained=(),
            proven_epoch=0,
            asked_mono_ms=None,
            ended_mono_ms=None,
        )
    )


def _why_not(state: State, act: OperatorClassify, found: Stranger | None) -> str | None:
    if found is None:
        return f"NOT_FOUND nothing foreign is called {act.subject}"
    if found.seen != act.seen:
        return f"CHANGED it is {found.seen} by now, and was {act.seen}"
    if found.is_double:
        return f"{found.subject} stands under a label of ours: it is being cancelled"
    if found.is_order:
        return None
    instrument = definition(state, found.instrument)
    if instrument is None:
        return f"{found.instrument} is not defined at the venue"
    moving = [
        order.label
        for order in state.durable.orders.values()
        if order.intent.instrument == found.instrument and _may_explain(order)
    ]
    if moving:
        return f"the trades of {', '.join(moving)} are not complete: they may explain it"
    if act.verdict is Verdict.IGNORE:
        return None
    return _why_not_booked(state, found, instrument)


def _may_explain(order: Order) -> bool:
    return order.phase is Phase.UNKNOWN or order.reported > order.filled


def _why_not_booked(state: State, found: Stranger, instrument: Instrument) -> str | None:
    if not _can_be_paid(found.price, instrument) or found.price is None:
        return f"the venue tells no average price of {found.instrument}: bot recon run"
    before = state.durable.positions.get(found.instrument, FLAT)
    try:
        realise_at(before, change=found.amount, price=found.price, of=instrument)
    except ValueError as error:
        return f"{found.seen} cannot be booked: {error}"
    return None


def _can_be_paid(price: Price | None, instrument: Instrument) -> bool:
    if price is None:
        return False
    return price > 0 or (price == 0 and instrument.kind is Kind.OPTION)


def _refuse(turn: Turn, act: OperatorClassify, why_not: str) -> None:
    refusals = (why_not,)
    turn.emit(Answer(request_id=act.request_id, done=False, seq=turn.state.seq, refusals=refusals))
