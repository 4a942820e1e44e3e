"""What outlives a crash: one state, folded from the journal's records and from nothing else.

The live engine and recovery use the same `apply`, so that a restart knows exactly what was known.
It stays small: finished intents leave it (the journal keeps them), booked trades are remembered for
a week, which is longer than the venue's recent view shows them.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, assert_never

import msgspec

from bot.core.author import GUARD
from bot.core.foreign import (
    Foreign,
    classify_order,
    classify_position,
    exited,
    held_to,
    set_apart,
    without,
)
from bot.core.holding import holdings_after, shifted
from bot.core.life import LIFE, LifeEvent, Phase
from bot.core.memory import Closing, Day, EquityBase, Flattening, Holding, RaisedCause
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
from bot.domain.ids import Currency, InstrumentName, IntentId, Label
from bot.domain.instant import DAY_MS, HOUR_MS, MINUTE_MS
from bot.domain.instrument import Instrument
from bot.domain.mode import Mode
from bot.domain.money import Amount, Coin, Price
from bot.domain.order import Role
from bot.domain.reason import Reason
from bot.domain.recent import Recent
from bot.domain.report import Fill
from bot.domain.verdict import Verdict
from bot.group.group import Group, Stage, filled_by
from bot.intent.intent import CancelIntent, EditIntent, OrderIntent, Owner
from bot.portfolio.delivery import deliver
from bot.portfolio.position import FLAT, Position, book

__all__ = [
    "TRADES_KEPT_MS",
    "Day",
    "Durable",
    "EquityBase",
    "Holding",
    "Order",
    "RaisedCause",
    "apply",
    "day_start",
    "decode_state",
    "empty",
    "encode_state",
    "forgotten_to_ms",
    "trade_key",
]

CLOSED_MAX: Final = (
    256  # finished intents kept at hand for late news; older ones are in the journal
)
_OVERLAP_MS: Final = HOUR_MS  # reconciliation asks for trades from well within this
TRADES_KEPT_MS: Final = 7 * DAY_MS
RECENT_MS: Final = MINUTE_MS
RECENT_MAX: Final = 1_000
# Each wish of an operator is an act of its own: a rearm must not undo one that it has not seen.
_WISHES: Final = frozenset({Reason.OPERATOR, Reason.OPERATOR_KILL})


class Durable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The state that the journal folds to."""

    owner: Owner
    sequence: int = 0  # the last decision's
    orders: Mapping[IntentId, Order] = {}
    closed: Mapping[IntentId, Order] = {}
    positions: Mapping[InstrumentName, Position] = {}
    instruments: Mapping[InstrumentName, Instrument] = {}  # of what is held
    holdings: Mapping[InstrumentName, Holding] = {}
    trades: Mapping[str, int] = {}  # booked trade → its time
    foreign: Foreign = Foreign()
    causes: Mapping[Reason, RaisedCause] = {}
    closings: Mapping[InstrumentName, Closing] = {}
    flattening: Flattening | None = None
    group: Group | None = None  # the one under way, or the last one
    guard_hedge: InstrumentName | None = None  # what the guard hedged with, while it is held
    mode_since_ms: int = 0
    day: Day = Day()
    recent: tuple[Recent, ...] = ()  # orders decided within the last minute
    executions: tuple[Recent, ...] = ()  # trades booked within the last minute
    equity: Mapping[Currency, EquityBase] = {}
    generation: int = 0  # of the last reconciliation
    trades_to_ms: int = 0  # own trades are proven complete up to here
    run: RunStarted | None = None
    ended: RunEnded | None = None

    @property
    def mode(self) -> Mode:
        """The mode that the recorded causes force."""
        return max(
            (cause.mode for cause in self.causes.values()), key=_severity, default=Mode.ACTIVE
        )

    def order_of(self, label: Label) -> Order | None:
        """Find an order by its label among the live and the recently finished."""
        for orders in (self.orders, self.closed):
            for order in orders.values():
                if order.label == label:
                    return order
        return None


def empty(owner: Owner) -> Durable:
    """Return the state of a ledger without records."""
    return Durable(owner=owner)


def day_start(at_ms: int) -> int:
    """Return the 08:00 UTC that begins this instant's trading day."""
    return (at_ms - 8 * HOUR_MS) // DAY_MS * DAY_MS + 8 * HOUR_MS


def forgotten_to_ms(durable: Durable, *, newest_ms: int) -> int:
    """Return up to when it is forgotten which trades were booked.

    Never beyond what reconciliation has proven complete: after a long absence older trades are
    still to come, however new the one that was heard first [C-209].
    """
    proven_ms = durable.trades_to_ms - _OVERLAP_MS
    return min(newest_ms - TRADES_KEPT_MS, proven_ms)


def trade_key(fill: Fill) -> str:
    """Name a trade uniquely: trade ids are unique per currency only (PROTOCOL §11)."""
    return f"{fill.fee_currency}:{fill.trade_id}"


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
            return _close_left(durable, record.instrument, left=Decimal(0))
        case FlattenAsked():
            wish = Flattening(by=record.by, why=record.why)
            return msgspec.structs.replace(durable, flattening=wish)
        case GroupBegun():
            sequence = max(durable.sequence, record.sequence)
            return msgspec.structs.replace(durable, sequence=sequence, group=record.group)
        case GroupStep() | GroupMoved():
            return _group(durable, record)
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
                closings=_tried(durable, intent),
                guard_hedge=_hedging(durable, intent),
            )
        case EditIntent():
            durable = msgspec.structs.replace(durable, sequence=sequence, day=day)
            return _editing(durable, record.intent_id, intent)
        case _:
            assert_never(intent)


def _group(durable: Durable, record: GroupStep | GroupMoved) -> Durable:
    group = durable.group
    if group is None or group.group_id != record.group_id or group.stage.is_over:
        return durable
    match record:
        case GroupStep():
            after = _stepped(group, record)
        case GroupMoved(stage=stage):
            since, naked_ms = group.naked_since_ms, group.naked_ms
            if stage.is_over and since is not None:
                naked_ms += max(record.at_ms - since, 0)
            after = msgspec.structs.replace(
                group,
                stage=stage,
                naked_ms=naked_ms,
                naked_since_ms=None if stage.is_over else since,
                ended_ms=record.at_ms if stage.is_over else 0,
                outcome=record.why if stage.is_over else "",
            )
        case _:
            assert_never(record)
    return msgspec.structs.replace(durable, group=after)


def _stepped(group: Group, record: GroupStep) -> Group:
    leg = msgspec.structs.replace(group.legs[record.leg], is_tried=True)
    orders = group.orders
    if record.intent_id is not None:
        orders = {**orders, record.intent_id: record.leg}
    return msgspec.structs.replace(
        group,
        legs=(*group.legs[: record.leg], leg, *group.legs[record.leg + 1 :]),
        orders=orders,
        stage=Stage.RESCUE if record.is_rescue else group.stage,
        rescues=group.rescues + (1 if record.is_rescue else 0),
    )


def _grouped(durable: Durable, fill: Fill, order: Order | None) -> Group | None:
    """Count a fill to the leg that it is of, or that the guard closes with it."""
    group = durable.group
    if group is None or order is None:
        return group
    leg = group.orders.get(order.intent_id)
    if group.stage.is_over:
        if leg is None:
            return group
        late = Amount(group.late.get(fill.instrument, Decimal(0)) + fill.amount)
        return msgspec.structs.replace(group, late={**group.late, fill.instrument: late})
    if leg is not None:
        return filled_by(group, leg, filled=fill.amount, closed=Decimal(0), at_ms=fill.at_ms)
    closing = durable.closings.get(fill.instrument)
    names = [known.instrument for known in group.legs]
    if closing is None or fill.instrument not in names or not _closes(closing, order.intent):
        return group
    return filled_by(
        group,
        names.index(fill.instrument),
        filled=Decimal(0),
        closed=fill.amount,
        at_ms=fill.at_ms,
    )


def _tried(durable: Durable, intent: OrderIntent) -> Mapping[InstrumentName, Closing]:
    closing = durable.closings.get(intent.instrument)
    if closing is None or not _closes(closing, intent):
        return durable.closings
    tried = msgspec.structs.replace(
        closing, tries=closing.tries + 1, tried_ms=max(closing.tried_ms, intent.decided_ms)
    )
    return {**durable.closings, intent.instrument: tried}


def _hedging(durable: Durable, intent: OrderIntent) -> InstrumentName | None:
    is_guards = intent.decision.strategy == GUARD.name and intent.role is Role.HEDGE
    return intent.instrument if is_guards else durable.guard_hedge


def _closes(closing: Closing, intent: OrderIntent) -> bool:
    """Say whether an order is one of the guard's for this closing, and not a hedge of its own."""
    is_guards = intent.decision.strategy == GUARD.name
    return is_guards and intent.side is closing.side and intent.role is not Role.HEDGE


def _close_begun(durable: Durable, record: CloseBegun) -> Durable:
    before = durable.closings.get(record.instrument)
    if before is not None and before.side is record.side:
        more = msgspec.structs.replace(
            before,
            left=Amount(max(before.left, record.amount)),
            # Whoever closes everything takes over from a group.
            group=None if record.group is None else before.group,
        )
    else:
        more = Closing(
            side=record.side,
            left=record.amount,
            begun_ms=record.at_ms,
            by=record.by,
            why=record.why,
            group=record.group,
        )
    closings = {**durable.closings, record.instrument: more}
    group = durable.group
    if group is not None and group.group_id == record.group and record.instrument in group.late:
        late = {name: left for name, left in group.late.items() if name != record.instrument}
        group = msgspec.structs.replace(group, late=late)
    return msgspec.structs.replace(durable, closings=closings, group=group)


def _close_left(durable: Durable, name: InstrumentName, *, left: Decimal) -> Durable:
    """Note what is left to close of an instrument; with nothing left, or nothing held, it ends."""
    closing = durable.closings.get(name)
    if closing is None:
        return durable
    held = durable.positions.get(name, FLAT).quantity * closing.side.sign
    if left <= 0 or held >= 0:
        closings = {key: value for key, value in durable.closings.items() if key != name}
    else:
        rest = msgspec.structs.replace(closing, left=Amount(min(left, -held)))
        closings = {**durable.closings, name: rest}
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
    group = _grouped(durable, fill, order)
    is_unwound = durable.guard_hedge == fill.instrument and after.quantity == 0
    hedge = None if is_unwound else durable.guard_hedge
    durable = msgspec.structs.replace(durable, group=group, guard_hedge=hedge)
    durable = _closed_by(durable, fill, order)
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


def _closed_by(durable: Durable, fill: Fill, order: Order | None) -> Durable:
    closing = durable.closings.get(fill.instrument)
    if closing is None:
        return durable
    is_its = order is not None and _closes(closing, order.intent)
    left = closing.left - fill.amount if is_its else closing.left
    return _close_left(durable, fill.instrument, left=left)


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
    return _close_left(durable, name, left=Decimal(0))


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
    tightens = _severity(record.mode) > _severity(durable.mode)
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


def _severity(mode: Mode) -> int:
    return mode.severity


_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_DECODER: Final = msgspec.json.Decoder(Durable)


def encode_state(durable: Durable) -> bytes:
    """Return the state's bytes: same state, same bytes."""
    # Sorting needs text keys, and reasons are not text.
    return _ENCODER.encode(msgspec.to_builtins(durable, str_keys=True))


def decode_state(body: bytes) -> Durable:
    """Read a state back. Raises msgspec.ValidationError when it is not one of this version."""
    durable: Durable = _DECODER.decode(body)
    return durable
