"""An edit from durable to sent, and what each answer makes of it [C-201, C-205, C-207, C-213].

Only two things end it at once: an answer that shows its terms, and a definite no after which
nothing is left to read. All else is doubt: the order counts at its worst version until a look-up
tells.
"""

from typing import assert_never

from bot.core.amend import may_be_edited
from bot.core.cause import raise_cause
from bot.core.durable import Durable, Order
from bot.core.effect import SendEdit
from bot.core.hear_fill import hear_fill
from bot.core.hear_order import hear_order
from bot.core.outcome import Acked, Ambiguous, Outcome, Rejected, Swept, Unsent
from bot.core.reject import cool, note_reject, want_look
from bot.core.state import SendAfter
from bot.core.terms import end_edit, shows
from bot.core.turn import Turn
from bot.core.whose import order_behind
from bot.domain.ids import IntentId
from bot.domain.mode import Mode
from bot.domain.money import plain
from bot.domain.reason import Reason
from bot.domain.report import OrderReport
from bot.intent.intent import EditIntent

__all__ = ["edit_answered", "give_up_edit", "may_open_now", "send_edit"]


def may_open_now(turn: Turn) -> bool:
    """Say whether new risk may leave at this moment [C-007]."""
    state = turn.state
    return state.durable.mode is Mode.ACTIVE and state.proofs.is_open and state.stopping is None


def send_edit(turn: Turn, after: SendAfter, intent: EditIntent) -> None:
    """Let it out, now that it is durable, unless the world has changed since it was decided."""
    state = turn.state
    order = _edited_by(state.durable, after.intent_id)
    if order is None:
        return  # it was resolved while it waited
    if after.label in state.sent:
        turn.count(duplicate_dispatches=1)
        return
    why_not = _why_not(turn, order, intent)
    if why_not is not None:
        end_edit(turn, order, applied=False, why=why_not, at_ms=state.now_ms)
        return
    turn.set(sent=state.sent | {after.label})
    turn.count(edits_dispatched=1)
    turn.emit(SendEdit(intent_id=after.intent_id, label=after.label, intent=intent))


def give_up_edit(turn: Turn, edit_id: IntentId, *, why: str) -> None:
    """End an edit that was never sent and never will be; anything else of that id is left alone."""
    order = _edited_by(turn.state.durable, edit_id)
    if order is not None:
        end_edit(turn, order, applied=False, why=why, at_ms=turn.state.now_ms)


def edit_answered(turn: Turn, edit_id: IntentId, outcome: Outcome) -> bool:
    """Take the outcome of an edit under way; False when there is none of this id."""
    order = _edited_by(turn.state.durable, edit_id)
    if order is None:
        return False
    match outcome:
        case Acked():
            _acked(turn, order, outcome)
        case Rejected():
            note_reject(turn, order, outcome)
            if outcome.is_fence or outcome.needs_lookup:
                # The order may have filled, or gone with the edit (11054, PROTOCOL §10).
                want_look(turn, order.label)
            else:
                why = f"{outcome.code} {outcome.message}"
                end_edit(turn, order, applied=False, why=why, at_ms=turn.state.now_ms)
        case Ambiguous():
            turn.count(ambiguous=1)
            want_look(turn, order.label)
        case Unsent():
            end_edit(turn, order, applied=False, why=outcome.why, at_ms=turn.state.now_ms)
            cool(turn, order)
        case Swept():
            raise AssertionError(f"{order.label}: a sweep is no answer to an edit")
        case _:
            assert_never(outcome)
    return True


def _acked(turn: Turn, order: Order, outcome: Acked) -> None:
    report, edit = outcome.order, order.edit
    if edit is None or not _is_about(turn, order, report):
        turn.count(ambiguous=1)
        want_look(turn, order.label)
    elif shows(report, edit, of=order):
        why = "the venue took it"
        end_edit(turn, order, applied=True, why=why, at_ms=report.updated_ms)
    else:
        asked = f"{plain(edit.amount)} at {plain(edit.price)}"
        price = "none" if report.price is None else plain(report.price)
        held = f"{plain(report.amount)} at {price}"
        detail = f"{order.label}: edited to {asked}, held {held}"
        raise_cause(turn, Reason.ORDER_CHANGED, detail)
        want_look(turn, order.label)
    hear_order(turn, report)
    for fill in outcome.fills:
        hear_fill(turn, fill)


def _is_about(turn: Turn, order: Order, report: OrderReport) -> bool:
    behind = order_behind(turn.state.durable, report)
    is_same = behind is not None and behind.intent_id == order.intent_id
    return is_same and report.order_id == order.order_id


def _why_not(turn: Turn, order: Order, intent: EditIntent) -> str | None:
    state = turn.state
    if not may_be_edited(state, order):
        return "the order does not rest any more, or is being cancelled"
    if max(order.filled, order.reported) >= intent.amount:
        return "as much has filled by now"  # what the venue makes of that is not defined (§10)
    if state.now_ms >= intent.valid_until_ms:
        return "its valid_until passed before it was durable"
    if not intent.role.is_exit and not may_open_now(turn):
        return "opens were shut before it could be sent"
    return None


def _edited_by(durable: Durable, edit_id: IntentId) -> Order | None:
    for orders in (durable.orders, durable.closed):
        for order in orders.values():
            if order.edit is not None and order.edit.intent_id == edit_id:
                return order
    return None
