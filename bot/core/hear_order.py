"""What the venue says of an order moves its intent, in any order and multiplicity."""

from typing import Final, assert_never

from bot.core.cause import raise_cause
from bot.core.durable import Order
from bot.core.life import LIFE, LifeEvent, Phase
from bot.core.record import Moved
from bot.core.terms import check_terms, is_more, learn_terms
from bot.core.turn import Turn
from bot.core.whose import order_behind
from bot.domain.money import plain
from bot.domain.order import OrderState
from bot.domain.reason import Reason
from bot.domain.report import OrderReport

__all__ = ["hear_order", "move"]

_FENCE_MARGIN_MS: Final = 1_000  # the venue's own clock may step this much between two of its parts

_NEVER_LIVED: Final = frozenset({Phase.ABSENT, Phase.EXPIRED, Phase.REJECTED})
_LIVE: Final = frozenset({OrderState.OPEN, OrderState.UNTRIGGERED, OrderState.UNKNOWN})


def hear_order(turn: Turn, report: OrderReport) -> None:
    """Fold one order report in. An order that is none of ours becomes foreign [C-509]."""
    state = turn.state
    order = order_behind(state.durable, report)
    if order is None:
        _foreign(turn, report)
        return
    if order.order_id is not None and order.order_id != report.order_id:
        # One label, two venue orders: the venue does not de-duplicate, so somebody sent it twice.
        # It rests beside ours like a stranger's, which counts it, and containment takes it off.
        is_new = report.order_id not in state.foreign and report.state in _LIVE
        if is_new or Reason.ORDER_DOUBLED not in state.durable.causes:
            turn.count(duplicate_dispatches=1)
        _foreign(turn, report)
        what = f"{order.label} stands for {order.order_id} and {report.order_id}"
        _trip_once(turn, Reason.ORDER_DOUBLED, what, of=report)
        return
    if report.created_ms > order.intent.valid_until_ms + _FENCE_MARGIN_MS:
        what = f"{order.label} was accepted after its valid_until"
        _trip_once(turn, Reason.LATE_FILL, what, of=report)
    order = learn_terms(turn, order, report)
    check_terms(turn, order, report)
    event = _event_of(report)
    move(
        turn,
        order,
        event,
        why=report.cancel_reason or f"venue says {report.state.value}",
        report=report,
    )
    if is_more(order, report):
        # Its fills go beyond what was meant, or elsewhere: what is held counts beside what was
        # meant, and comes off.
        _foreign(turn, report)
    elif report.order_id in state.foreign and not (order.phase.is_final and report.state in _LIVE):
        left = {key: known for key, known in state.foreign.items() if key != report.order_id}
        turn.set(foreign=left)


def _trip_once(turn: Turn, reason: Reason, what: str, *, of: OrderReport) -> None:
    """Trip on what a report shows, and again only while it rests.

    The venue tells of an ended order for half an hour: an owner who has agreed to what it was is
    not to be asked again at every reading [C-307]. After a restart it is asked once more.
    """
    known = (reason, of.order_id)
    if known in turn.state.tripped and of.state not in _LIVE:
        return
    turn.set(tripped=turn.state.tripped | {known})
    raise_cause(turn, reason, what)


def move(
    turn: Turn, order: Order, event: LifeEvent, *, why: str, report: OrderReport | None = None
) -> None:
    """Move an intent by an event; nothing is recorded when nothing changes."""
    phase = LIFE[order.phase, event]
    is_news = phase is not order.phase
    if report is not None:
        is_news = is_news or report.filled > order.reported or order.order_id is None
    if not is_news:
        return
    if order.phase in _NEVER_LIVED and phase is not order.phase:
        _revived(turn, order, phase, report)
    elif order.phase is Phase.CANCELLED and report is not None:
        _traded_after_cancel(turn, order, report)
    turn.record(
        Moved(
            intent_id=order.intent_id,
            event=event,
            phase=phase,
            why=why,
            order_id=report.order_id if report else None,
            filled=report.filled if report else None,
            updated_ms=report.updated_ms if report else turn.state.now_ms,
        )
    )
    turn.count(moves=1)
    turn.say("moved", intent_id=order.intent_id, phase=phase.value, why=why)
    if phase.is_final and order.intent_id in turn.state.cancels:
        left = {k: v for k, v in turn.state.cancels.items() if k != order.intent_id}
        turn.set(cancels=left)


def _revived(turn: Turn, order: Order, phase: Phase, report: OrderReport | None) -> None:
    """Trip when what cannot be live is: a proof or an answer was wrong [C-206, C-208]."""
    what = f"{order.label} was {order.phase.value} and is {phase.value}"
    turn.anomaly("REVIVED", what)
    has_filled = report is not None and report.filled > 0
    if phase is not Phase.CANCELLED or has_filled:  # one that ended untouched has done no harm
        raise_cause(turn, Reason.LATE_FILL, what)


def _traded_after_cancel(turn: Turn, order: Order, report: OrderReport) -> None:
    """Trip when what has been cancelled fills on: a cancelled order's count is its last.

    By the order's own news as by the trade's, whichever comes first: it is booked either way, and
    the venue has done what it had confirmed not to do [C-206, C-209].
    """
    known = max(order.reported, order.filled)
    if report.filled > known:
        what = f"{order.label} was CANCELLED with {plain(known)} filled, now {plain(report.filled)}"
        raise_cause(turn, Reason.LATE_FILL, what)


def _event_of(report: OrderReport) -> LifeEvent:
    match report.state:
        case OrderState.OPEN | OrderState.UNTRIGGERED:
            return LifeEvent.PARTIAL if report.filled > 0 else LifeEvent.OPEN
        case OrderState.FILLED:
            return LifeEvent.FILLED
        case OrderState.CANCELLED:
            return LifeEvent.CANCELLED
        case OrderState.REJECTED:
            return LifeEvent.REJECT
        case OrderState.UNKNOWN:
            return LifeEvent.ACK  # it exists, in a state we cannot read: it counts as live
        case _:
            assert_never(report.state)


def _foreign(turn: Turn, report: OrderReport) -> None:
    known = turn.state.foreign
    if report.state in _LIVE:
        if report.order_id not in known:
            what = f"{report.side.value} {plain(report.amount)} {report.instrument}"
            turn.anomaly("FOREIGN_ORDER", f"{what} ({report.order_id})")
        turn.set(foreign={**known, report.order_id: report})
    elif report.order_id in known:
        turn.set(foreign={key: order for key, order in known.items() if key != report.order_id})
