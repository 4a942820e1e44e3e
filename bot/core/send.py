"""From durable to sent, and from sent to what the answer tells [C-201, C-205, C-207]."""

from typing import assert_never

from bot.core.cause import raise_cause
from bot.core.durable import Order
from bot.core.effect import Answer, SendCancel, SendOrder, Stop
from bot.core.hear_fill import hear_fill
from bot.core.hear_order import hear_order, move
from bot.core.life import LifeEvent, Phase
from bot.core.outcome import Acked, Ambiguous, Outcome, Rejected, Swept, Unsent
from bot.core.reject import cool, note_reject, want_look
from bot.core.risk import definition
from bot.core.send_edit import edit_answered, give_up_edit, may_open_now, send_edit
from bot.core.state import AnswerAfter, SendAfter, StopAfter
from bot.core.turn import Turn
from bot.core.whose import order_behind
from bot.domain.ids import IntentId, Label
from bot.domain.reason import Reason
from bot.intent.intent import CancelIntent, EditIntent, OrderIntent

__all__ = ["answered", "commit_failed", "committed", "lock_lost", "reserve_failed"]


def committed(turn: Turn, batch: int) -> None:
    """Do what waited for this batch to be durable."""
    state = turn.state
    turn.set(waiting={key: value for key, value in state.waiting.items() if key != batch})
    for after in state.waiting.get(batch, ()):
        match after:
            case SendAfter(intent=OrderIntent() as intent):
                _send_order(turn, after, intent)
            case SendAfter(intent=EditIntent() as intent):
                send_edit(turn, after, intent)
            case SendAfter(intent=CancelIntent() as intent):
                turn.count(cancels_dispatched=1)
                of = definition(state, intent.instrument)
                turn.emit(
                    SendCancel(
                        intent_id=after.intent_id,
                        label=after.label,
                        intent=intent,
                        currency=of.currency if of else state.settings.currency,
                    )
                )
            case AnswerAfter():
                turn.emit(
                    Answer(
                        request_id=after.request_id,
                        done=not after.refusals,
                        seq=state.seq,
                        refusals=after.refusals,
                    )
                )
            case StopAfter():
                turn.emit(Stop(why=after.why))
            case _:
                raise AssertionError(f"nothing knows how to go on with {after}")


def commit_failed(turn: Turn, why: str) -> None:
    """Give up the orders that waited: their rows may reappear at the reopen, and are never sent.

    Records go to the reserve file from here on, and what else waited is answered once it is there
    [C-212]. Opens have ended; exits and cancels are decided anew.
    """
    state = turn.state
    turn.set(ledger_failure=why)
    turn.say("ledger_failed", why=why)
    kept = {
        batch: tuple(after for after in afters if not isinstance(after, SendAfter))
        for batch, afters in state.waiting.items()
    }
    turn.set(waiting={batch: afters for batch, afters in kept.items() if afters})
    for order in list(state.durable.orders.values()):
        if order.phase is Phase.RECORDED:
            move(turn, order, LifeEvent.UNSENT, why="the ledger failed before it could be sent")
    for after in (after for _, afters in sorted(state.waiting.items()) for after in afters):
        if isinstance(after, SendAfter):
            give_up_edit(turn, after.intent_id, why="the ledger failed before it could be sent")
    turn.set(cancels={}, doubled={})


def reserve_failed(turn: Turn, why: str) -> None:
    """Nothing can be made durable: tell whoever waits, and end.

    The end of the connection has the venue cancel what rests: the one act that needs no record.
    """
    turn.say("reserve_failed", why=why)
    _end_unrecorded(turn, Reason.RESERVE_FAILED, f"nothing can be made durable: {why}", why=why)


def lock_lost(turn: Turn, why: str) -> None:
    """End in the same way: who may not be alone writes nothing and sends nothing [C-202]."""
    if turn.state.reserve_failure is not None:
        return  # it is said at every look, and the end is under way
    turn.say("lock_lost", why=why)
    _end_unrecorded(turn, Reason.LEDGER_LOCK_LOST, why, why=why)


def _end_unrecorded(turn: Turn, reason: Reason, text: str, *, why: str) -> None:
    state = turn.state
    turn.set(reserve_failure=why, waiting={})
    raise_cause(turn, reason, why)
    for _, afters in sorted(state.waiting.items()):
        for after in afters:
            if isinstance(after, AnswerAfter):
                refusals = (f"{reason.value}: {why}",)
                turn.emit(
                    Answer(
                        request_id=after.request_id, done=False, seq=state.seq, refusals=refusals
                    )
                )
    turn.emit(Stop(why=text))


def _send_order(turn: Turn, after: SendAfter, intent: OrderIntent) -> None:
    state = turn.state
    order = state.durable.orders.get(after.intent_id)
    if order is None or order.phase is not Phase.RECORDED:
        return  # it was resolved while it waited
    if after.label in state.sent:
        turn.count(duplicate_dispatches=1)
        return
    if state.now_ms >= intent.valid_until_ms:
        # The venue would refuse it; and one that it takes after its fence is a KILL [C-208].
        move(turn, order, LifeEvent.UNSENT, why="its valid_until passed before it was durable")
        return
    if not intent.role.is_exit and not may_open_now(turn):
        # The world changed between the decision and the barrier: a KILL that is durable by now
        # must not be followed by an open [C-007].
        move(turn, order, LifeEvent.UNSENT, why="opens were shut before it could be sent")
        return
    move(turn, order, LifeEvent.SEND, why="durable")
    turn.set(sent=state.sent | {after.label})
    turn.count(orders_dispatched=1)
    turn.emit(SendOrder(intent_id=after.intent_id, label=after.label, intent=intent))


def answered(turn: Turn, intent_id: IntentId, outcome: Outcome) -> None:
    """Take the outcome of a dispatch."""
    durable = turn.state.durable
    order = durable.orders.get(intent_id) or durable.closed.get(intent_id)
    if order is not None:
        _order_answered(turn, order, outcome)
        return
    for target, cancel in turn.state.cancels.items():
        if cancel.intent_id == intent_id:
            known = durable.orders.get(target)
            _cancel_answered(turn, known.label if known else None, outcome)
            return
    for order_id, cancel in turn.state.doubled.items():
        if cancel.intent_id == intent_id:
            report = turn.state.foreign.get(order_id)
            # A stranger's label is none of ours: only all that rests tells what became of it.
            is_double = report is not None and order_behind(durable, report) is not None
            _cancel_answered(turn, report.label if report and is_double else None, outcome)
            return
    if edit_answered(turn, intent_id, outcome) or not isinstance(outcome, Acked):
        return
    # Of something that is settled already: what the venue shows is news all the same.
    hear_order(turn, outcome.order)
    for fill in outcome.fills:
        hear_fill(turn, fill)


def _order_answered(turn: Turn, order: Order, outcome: Outcome) -> None:
    match outcome:
        case Acked():
            hear_order(turn, outcome.order)
            for fill in outcome.fills:
                hear_fill(turn, fill)
            _doubt_if_unnamed(turn, order)
        case Rejected():
            event = LifeEvent.FENCE if outcome.is_fence else LifeEvent.REJECT
            move(turn, order, event, why=f"{outcome.code} {outcome.message}")
            note_reject(turn, order, outcome)
            if outcome.is_fence or outcome.needs_lookup:
                want_look(turn, order.label)
        case Ambiguous():
            turn.count(ambiguous=1)
            move(turn, order, LifeEvent.DOUBT, why=outcome.why)
            want_look(turn, None)
        case Swept():
            raise AssertionError(f"{order.label}: a sweep is no answer to an order")
        case Unsent():
            move(turn, order, LifeEvent.UNSENT, why=outcome.why)
            cool(turn, order)
        case _:
            assert_never(outcome)


def _doubt_if_unnamed(turn: Turn, order: Order) -> None:
    """Keep in doubt what a success was about that does not name it: only a look-up can tell."""
    known = turn.state.durable.orders.get(order.intent_id)
    if known is not None and known.phase is Phase.SENT:
        turn.count(ambiguous=1)
        move(turn, known, LifeEvent.DOUBT, why="the venue's answer shows another order")
        want_look(turn, None)


def _cancel_answered(turn: Turn, target: Label | None, outcome: Outcome) -> None:
    match outcome:
        case Acked():
            hear_order(turn, outcome.order)
        case Rejected() | Swept():
            # 11044 stands both for filled and for cancelled, and a count names no order: only a
            # look-up tells.
            want_look(turn, target)
        case Ambiguous() | Unsent():
            pass  # cancels are idempotent: containment asks again while the order rests
        case _:
            assert_never(outcome)
    # The wish stays on file until the order has ended: it paces the next one, since a venue that
    # says no would else be asked again at the speed of the line.
