"""One fold for the live engine and for recovery: a record in, the next durable state out.

Total: any record, in any state, at any multiplicity of fills. Over 300 lines, because the table of
what each record changes is read as one.
"""

from decimal import Decimal
from typing import Final, assert_never

import msgspec

from bot.core.author import GUARD
from bot.core.closing import begun, closed_by, left_over, tried
from bot.core.durable import Durable, day_start, forgotten_to_ms, severity_of, trade_key
from bot.core.foreign import (
    classify_order,
    classify_position,
    exited,
    held_to,
    set_apart,
    without,
)
from bot.core.grouping import group_after, group_filled, without_late
from bot.core.holding import holdings_after, shifted
from bot.core.life import LIFE, LifeEvent, Phase
from bot.core.memory import Day, EquityBase, Flattening, RaisedCause
from bot.core.order import Order, edit_begun, edit_ended, terms_of
from bot.core.record import (
    AccountSeen,
    Anomaly,
    CloseBegun,
    CloseEnded,
    Delivered,
    Edited,
    FillBooked,
    FlattenAsked,
    GroupBegun,
    GroupMoved,
    GroupStep,
    IntentRecorded,
    LatchMoved,
    ModeCauseRaised,
    Moved,
    OrderClassified,
    PositionClassified,
    ProofMade,
    Rearmed,
    Record,
    Refused,
    RunEnded,
    RunStarted,
    SetApart,
)
from bot.domain.ids import InstrumentName, IntentId
from bot.domain.instant import MINUTE_MS
from bot.domain.instrument import Instrument
from bot.domain.money import Amount, Coin, Price
from bot.domain.order import Role
from bot.domain.reason import Reason
from bot.domain.recent import Recent
from bot.domain.verdict import Verdict
from bot.intent.intent import CancelIntent, EditIntent, OrderIntent
from bot.portfolio.delivery import deliver
from bot.portfolio.position import FLAT, book

__all__ = ["CLOSED_MAX", "RECENT_MAX", "RECENT_MS", "apply"]

CLOSED_MAX: Final = (
    256  # finished intents kept at hand for late news; older ones are in the journal
)
RECENT_MS: Final = MINUTE_MS
RECENT_MAX: Final = 1_000
# Each wish of an operator is an act of its own: a rearm must not undo one that it has not seen.
_WISHES: Final = frozenset({Reason.OPERATOR, Reason.OPERATOR_KILL})


def apply(durable: Durable, record: Record, *, seq: int) -> Durable:
    """Fold one record in. Total: any record, in any state, at any multiplicity of fills."""
    match record:
        case IntentRecorded():
            return _intent(durable, record, seq=seq)
        case Moved():
            return _moved(durable, record, seq=seq)
        case Edited():
            return _edited(durable, record, seq=seq)
        case FillBooked():
            return _fill(durable, record, seq=seq)
        case Delivered():
            return _delivered(durable, record)
        case ModeCauseRaised():
            return _cause(durable, record)
        case Rearmed():
            left = {
                code: cause for code, cause in durable.causes.items() if code not in record.cleared
            }
            return msgspec.structs.replace(
                durable, causes=left, mode_since_ms=record.at_ms, flattening=None
            )
        case CloseBegun():
            return _close_begun(durable, record)
        case CloseEnded():
            return _closing_over(durable, record.instrument)
        case FlattenAsked():
            wish = Flattening(by=record.by, why=record.why)
            return msgspec.structs.replace(durable, flattening=wish)
        case GroupBegun():
            sequence = max(durable.sequence, record.sequence)
            return msgspec.structs.replace(durable, sequence=sequence, group=record.group)
        case GroupStep() | GroupMoved():
            return msgspec.structs.replace(durable, group=group_after(durable.group, record))
        case AccountSeen():
            return _account(durable, record)
        case ProofMade():
            return msgspec.structs.replace(
                durable,
                generation=max(durable.generation, record.generation),
                trades_to_ms=max(durable.trades_to_ms, record.trades_to_ms),
            )
        case RunStarted():
            return _run(durable, record)
        case RunEnded():
            return msgspec.structs.replace(durable, ended=record)
        case OrderClassified():
            foreign = classify_order(durable.foreign, record, seq=seq)
            return msgspec.structs.replace(durable, foreign=foreign)
        case PositionClassified():
            return _classified(durable, record, seq=seq)
        case SetApart(instrument=instrument):
            away = Amount(record.amount.copy_negate())
            durable = _shift(durable, instrument, away, price=record.price, at_ms=record.at_ms)
            return msgspec.structs.replace(durable, foreign=set_apart(durable.foreign, record))
        case Anomaly() | LatchMoved() | Refused():
            return durable
        case _:
            assert_never(record)


def _intent(durable: Durable, record: IntentRecorded, *, seq: int) -> Durable:
    intent = record.intent
    day = _day(durable.day, intent.decided_ms)
    sequence = max(durable.sequence, intent.decision.sequence)
    match intent:
        case CancelIntent():
            day = msgspec.structs.replace(day, cancels=day.cancels + 1)
            return msgspec.structs.replace(durable, sequence=sequence, day=day)
        case OrderIntent():
            opens = day.opens + (1 if intent.role is Role.OPEN else 0)
            day = msgspec.structs.replace(day, orders=day.orders + 1, opens=opens)
            order = Order(
                intent_id=record.intent_id,
                label=record.label,
                intent=intent,
                expected=record.expected,
                phase=Phase.RECORDED,
                recorded_seq=seq,
                terms=terms_of(intent),
            )
            decided = Recent(intent.decided_ms, intent.instrument, intent.side)
            return msgspec.structs.replace(
                durable,
                sequence=sequence,
                day=day,
                recent=_lately(durable.recent, decided),
                orders={**durable.orders, record.intent_id: order},
                closings=tried(durable.closings, intent),
                guard_hedge=_hedging(durable, intent),
            )
        case EditIntent():
            durable = msgspec.structs.replace(durable, sequence=sequence, day=day)
            return _editing(durable, record.intent_id, intent)
        case _:
            assert_never(intent)


def _hedging(durable: Durable, intent: OrderIntent) -> InstrumentName | None:
    is_guards = intent.decision.strategy == GUARD.name and intent.role is Role.HEDGE
    return intent.instrument if is_guards else durable.guard_hedge


def _close_begun(durable: Durable, record: CloseBegun) -> Durable:
    return msgspec.structs.replace(
        durable,
        closings=begun(durable.closings, record),
        group=without_late(durable.group, record),
    )


def _closing_over(durable: Durable, name: InstrumentName) -> Durable:
    nothing = Decimal(0)
    closings = left_over(durable.closings, name, left=nothing, quantity=nothing)
    return msgspec.structs.replace(durable, closings=closings)


def _editing(durable: Durable, edit_id: IntentId, intent: EditIntent) -> Durable:
    """Count the request, and both versions of the order from here on."""
    day = durable.day
    if intent.role is Role.CANCEL:
        day = msgspec.structs.replace(day, cancels=day.cancels + 1)
    else:
        opens = day.opens + (1 if intent.role is Role.OPEN else 0)
        day = msgspec.structs.replace(day, orders=day.orders + 1, opens=opens)
        decided = Recent(intent.decided_ms, intent.instrument, intent.side)
        durable = msgspec.structs.replace(durable, recent=_lately(durable.recent, decided))
    orders = durable.orders
    if intent.target in orders:
        orders = {**orders, intent.target: edit_begun(orders[intent.target], edit_id, intent)}
    return msgspec.structs.replace(durable, day=day, orders=orders)


def _edited(durable: Durable, record: Edited, *, seq: int) -> Durable:
    order = durable.orders.get(record.intent_id) or durable.closed.get(record.intent_id)
    if order is None or order.edit is None or order.edit.intent_id != record.edit_id:
        return durable
    done = edit_ended(order, order.edit, applied=record.applied, at_ms=record.at_ms)
    return _put(durable, done, seq=seq)


def _moved(durable: Durable, record: Moved, *, seq: int) -> Durable:
    order = durable.orders.get(record.intent_id) or durable.closed.get(record.intent_id)
    if order is None:
        return durable
    phase = LIFE[order.phase, record.event]
    at_ms = record.updated_ms or order.updated_ms
    moved = msgspec.structs.replace(
        order,
        phase=phase,
        order_id=record.order_id or order.order_id,
        reported=Amount(max(order.reported, record.filled or Decimal(0))),
        updated_ms=max(order.updated_ms, at_ms),
        doubted_ms=_doubted(order, phase, at_ms),
    )
    return _put(durable, moved, seq=seq)


def _doubted(order: Order, phase: Phase, at_ms: int) -> int | None:
    if phase is not Phase.UNKNOWN:
        return None
    return order.doubted_ms if order.doubted_ms is not None else at_ms


def _fill(durable: Durable, record: FillBooked, *, seq: int) -> Durable:
    fill, key = record.fill, trade_key(record.fill)
    if key in durable.trades:
        return durable  # C-209: a trade is booked once, however often it is told
    newest = max(fill.at_ms, max(durable.trades.values(), default=0))
    forgotten_ms = forgotten_to_ms(durable, newest_ms=newest)
    trades = {k: at for k, at in durable.trades.items() if at > forgotten_ms}
    before = durable.positions.get(fill.instrument, FLAT)
    after = book(before, fill, record.instrument)
    day = _day(durable.day, fill.at_ms)
    paid = Coin(day.fees.get(fill.fee_currency, Coin(Decimal(0))) + fill.fee)
    fees = {**day.fees, fill.fee_currency: paid}
    day = msgspec.structs.replace(day, fees=fees, fills=day.fills + 1)
    order = None
    if record.intent_id is not None:
        order = durable.orders.get(record.intent_id) or durable.closed.get(record.intent_id)
    durable = msgspec.structs.replace(
        durable,
        trades={**trades, key: fill.at_ms},
        positions={**durable.positions, fill.instrument: after},
        instruments={**durable.instruments, fill.instrument: record.instrument},
        executions=_lately(durable.executions, Recent(fill.at_ms, fill.instrument, fill.side)),
        holdings=holdings_after(
            durable.holdings,
            fill,
            order,
            was_flat=before.quantity == 0,
            is_flat=after.quantity == 0,
        ),
        foreign=exited(durable.foreign, fill, order, quantity=after.quantity),
        day=day,
    )
    is_unwound = durable.guard_hedge == fill.instrument and after.quantity == 0
    durable = msgspec.structs.replace(
        durable,
        group=group_filled(durable.group, durable.closings, fill, order),
        closings=closed_by(durable.closings, fill, order, quantity=after.quantity),
        guard_hedge=None if is_unwound else durable.guard_hedge,
    )
    if order is None:
        return durable
    filled = Amount(order.filled + fill.amount)
    booked = msgspec.structs.replace(
        order,
        filled=filled,
        reported=Amount(max(order.reported, filled)),
        order_id=order.order_id or fill.order_id,
        updated_ms=max(order.updated_ms, fill.at_ms),
        # A fill is proof of presence: what was UNKNOWN is live, or done when nothing remains.
        phase=LIFE[order.phase, LifeEvent.FILLED if filled >= order.whole else LifeEvent.PARTIAL],
    )
    return _put(durable, booked, seq=seq)


def _delivered(durable: Durable, record: Delivered) -> Durable:
    name = record.instrument.name
    durable = msgspec.structs.replace(
        durable,
        foreign=held_to(without(durable.foreign, name), name, quantity=Amount(Decimal(0))),
    )
    position = durable.positions.get(name)
    if position is None or position.quantity == 0:
        return durable
    after = deliver(position, record.instrument, delivery_price=record.delivery_price)
    durable = msgspec.structs.replace(
        durable,
        positions={**durable.positions, name: after},
        holdings={key: held for key, held in durable.holdings.items() if key != name},
    )
    return _closing_over(durable, name)


def _classified(durable: Durable, record: PositionClassified, *, seq: int) -> Durable:
    foreign = classify_position(durable.foreign, record, seq=seq)
    durable = msgspec.structs.replace(durable, foreign=foreign)
    if record.verdict is Verdict.IGNORE or record.price is None:
        return durable
    return _shift(durable, record.instrument, record.amount, price=record.price, at_ms=record.at_ms)


def _shift(
    durable: Durable, instrument: Instrument, change: Amount, *, price: Price, at_ms: int
) -> Durable:
    positions, holdings = shifted(
        durable.positions, durable.holdings, instrument, change=change, price=price, at_ms=at_ms
    )
    instruments = {**durable.instruments, instrument.name: instrument}
    return msgspec.structs.replace(
        durable, positions=positions, holdings=holdings, instruments=instruments
    )


def _cause(durable: Durable, record: ModeCauseRaised) -> Durable:
    before = durable.causes.get(record.reason)
    if before is not None and record.reason not in _WISHES:
        return durable
    # Told apart from the wish before it even within one millisecond, or by a clock set back.
    at_ms = record.at_ms if before is None else max(record.at_ms, before.at_ms + 1)
    raised = RaisedCause(mode=record.mode, detail=record.detail, by=record.by, at_ms=at_ms)
    tightens = severity_of(record.mode) > severity_of(durable.mode)
    return msgspec.structs.replace(
        durable,
        causes={**durable.causes, record.reason: raised},
        mode_since_ms=record.at_ms if tightens else durable.mode_since_ms,
    )


def _account(durable: Durable, record: AccountSeen) -> Durable:
    known = durable.equity.get(record.currency)
    is_new_day = known is None or record.day_ms > known.day_ms
    base = EquityBase(
        day_ms=record.day_ms if is_new_day or known is None else known.day_ms,
        day_equity=record.equity if is_new_day or known is None else known.day_equity,
        peak_equity=Coin(max(record.equity, known.peak_equity if known else record.equity)),
    )
    return msgspec.structs.replace(durable, equity={**durable.equity, record.currency: base})


def _run(durable: Durable, record: RunStarted) -> Durable:
    # C-205: after a restart nobody knows whether the first byte of these has left.
    orders = {
        key: msgspec.structs.replace(
            order,
            phase=LIFE[order.phase, LifeEvent.DOUBT],
            doubted_ms=_doubted(order, LIFE[order.phase, LifeEvent.DOUBT], record.started_ms),
        )
        for key, order in durable.orders.items()
    }
    since = durable.mode_since_ms if durable.causes else record.started_ms
    return msgspec.structs.replace(
        durable, run=record, ended=None, orders=orders, mode_since_ms=since
    )


def _put(durable: Durable, order: Order, *, seq: int) -> Durable:
    orders = {key: value for key, value in durable.orders.items() if key != order.intent_id}
    closed = {key: value for key, value in durable.closed.items() if key != order.intent_id}
    if order.is_settled:
        closed[order.intent_id] = msgspec.structs.replace(order, closed_seq=seq)
        if len(closed) > CLOSED_MAX:
            oldest = min(closed.values(), key=lambda old: (old.closed_seq, old.intent_id))
            del closed[oldest.intent_id]
    else:
        orders[order.intent_id] = msgspec.structs.replace(order, closed_seq=0)
    return msgspec.structs.replace(durable, orders=orders, closed=closed)


def _lately(happened: tuple[Recent, ...], now: Recent) -> tuple[Recent, ...]:
    kept = [known for known in happened if known.at_ms > now.at_ms - RECENT_MS]
    return (*kept, now)[-RECENT_MAX:]


def _day(day: Day, at_ms: int) -> Day:
    start = day_start(at_ms)
    return day if start <= day.day_ms else Day(day_ms=start)
