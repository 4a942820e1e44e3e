"""The life of one intent, from records and bodies alone: what `bot explain` tells (UX §3.7).

Nothing here is measured or asked again. Every word comes from the journal, so that the story is the
same while the engine runs, when it is down, and years later [C-701].
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import msgspec

from bot.control.gate_words import GateRow, gate_rows
from bot.control.steps import Line, Step, steps_of
from bot.core.capsule import Capsule, Snapshot
from bot.core.durable import Order, empty
from bot.core.fold import apply
from bot.core.life import LifeEvent
from bot.core.record import FillBooked, IntentRecorded, Moved
from bot.domain.instrument import Instrument, Kind
from bot.domain.money import Amount, Price, plain
from bot.domain.ratio import shown
from bot.domain.report import Fill, Level
from bot.domain.side import Side
from bot.intent.intent import CancelIntent, EditIntent, OrderIntent

__all__ = ["Saw", "Story", "read_capsule", "read_snapshot", "slippage", "story_of"]

_CAPSULE = msgspec.json.Decoder(Capsule)
_SNAPSHOT = msgspec.json.Decoder(Snapshot)


class Saw(msgspec.Struct, frozen=True, kw_only=True):
    """What the decision saw. Prices and sizes as exact text, model values as numbers or None.

    `mark_iv` is a fraction; `delta` of one option; `delta_total` of the portfolio, in coin; `bids`
    and `asks` the best levels, best first.
    """

    mode: str
    index: str | None
    bid: str | None
    ask: str | None
    mark: str | None
    mark_iv: float | None
    delta: float | None
    age_ms: int | None
    position: str
    delta_total: float | None
    bids: tuple[tuple[str, str], ...]
    asks: tuple[tuple[str, str], ...]


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One intent through its life.

    `filled` and `size` in the instrument's amount unit; `slippage` in `currency`, positive is a
    cost, None where no mid was known or nothing has filled. `sent` is how often a byte was let out.
    `target` is the intent that a cancel or an edit is for.
    """

    intent_id: str
    label: str
    run_id: str
    kind: str  # order, cancel or edit
    state: str
    strategy: str
    instrument: str
    order_id: str | None
    seq: int
    hash: str
    capsule: str
    snapshot: str
    target: str | None = None
    side: str | None = None
    size: str | None = None
    price: str | None = None
    role: str | None = None
    filled: str | None = None
    fee: str | None = None
    slippage: str | None = None
    currency: str | None = None
    sent: int = 0
    why: str | None = None
    wanted: str | None = None
    policy_hash: str | None = None
    saw: Saw | None = None
    gates: tuple[GateRow, ...] = ()
    steps: tuple[Step, ...]


def read_capsule(body: bytes | None) -> Capsule | None:
    """Read a capsule back; None for none. Raises msgspec.ValidationError for a newer form."""
    return None if body is None else _CAPSULE.decode(body)


def read_snapshot(body: bytes | None) -> Snapshot | None:
    """Read a snapshot back; None for none. Raises msgspec.ValidationError for a newer form."""
    return None if body is None else _SNAPSHOT.decode(body)


def story_of(lines: Sequence[Line], *, capsule: Capsule | None, snapshot: Snapshot | None) -> Story:
    """Tell an intent's life. The first line records it; the rest are in the journal's order.

    Besides the intent's own records `lines` may hold the starts of runs and the cancels that name
    it. Raises TypeError when the first line records no intent.
    """
    first, record = lines[0], lines[0].record
    if not isinstance(record, IntentRecorded):
        raise TypeError(f"record {first.seq} records no intent")
    match record.intent:
        case CancelIntent() as cancel:
            return Story(
                intent_id=record.intent_id,
                label=record.label,
                run_id=first.run_id,
                kind="cancel",
                state="RECORDED",
                strategy=cancel.decision.strategy,
                instrument=cancel.instrument,
                order_id=cancel.order_id,
                seq=first.seq,
                hash=first.hash,
                capsule=record.capsule,
                snapshot=record.snapshot,
                target=cancel.target,
                steps=steps_of(lines, mid=None),
            )
        case EditIntent() as edit:
            return _edit(lines, record, edit, capsule=capsule, snapshot=snapshot)
        case OrderIntent() as order:
            return _order(lines, record, order, capsule=capsule, snapshot=snapshot)


def _edit(
    lines: Sequence[Line],
    record: IntentRecorded,
    edit: EditIntent,
    *,
    capsule: Capsule | None,
    snapshot: Snapshot | None,
) -> Story:
    return Story(
        intent_id=record.intent_id,
        label=record.label,
        run_id=lines[0].run_id,
        kind="edit",
        state="RECORDED",
        strategy=f"{edit.decision.strategy} {edit.decision.strategy_version}",
        instrument=edit.instrument,
        order_id=edit.order_id,
        seq=lines[0].seq,
        hash=lines[0].hash,
        capsule=record.capsule,
        snapshot=record.snapshot,
        target=edit.target,
        side=edit.side.value,
        size=plain(edit.amount),
        price=plain(edit.price),
        role=edit.role.value,
        why=capsule.wish.why if capsule else None,
        wanted=None if capsule is None else _wanted(capsule),
        policy_hash=capsule.policy_hash if capsule else None,
        saw=None if capsule is None or snapshot is None else _saw(capsule, snapshot),
        gates=gate_rows(capsule, snapshot) if capsule else (),
        steps=steps_of(lines, mid=None),
    )


def _order(
    lines: Sequence[Line],
    record: IntentRecorded,
    intent: OrderIntent,
    *,
    capsule: Capsule | None,
    snapshot: Snapshot | None,
) -> Story:
    known = _folded(lines, record)
    fills = [line.record for line in lines if isinstance(line.record, FillBooked)]
    mid = record.expected.mid if record.expected else None
    sends = [
        line
        for line in lines
        if isinstance(line.record, Moved) and line.record.event is LifeEvent.SEND
    ]
    return Story(
        intent_id=record.intent_id,
        label=record.label,
        run_id=lines[0].run_id,
        kind="order",
        state=known.phase.value,
        strategy=f"{intent.decision.strategy} {intent.decision.strategy_version}",
        instrument=intent.instrument,
        order_id=known.order_id,
        seq=lines[0].seq,
        hash=lines[0].hash,
        capsule=record.capsule,
        snapshot=record.snapshot,
        side=intent.side.value,
        size=plain(intent.amount),
        price=plain(intent.price),
        role=intent.role.value,
        filled=plain(known.filled),
        fee=plain(sum((fill.fill.fee for fill in fills), Decimal(0))) if fills else None,
        slippage=_slippages(fills, mid=mid),
        currency=fills[0].fill.fee_currency if fills else None,
        sent=len(sends),
        why=capsule.wish.why if capsule else None,
        wanted=None if capsule is None else _wanted(capsule),
        policy_hash=capsule.policy_hash if capsule else None,
        saw=None if capsule is None or snapshot is None else _saw(capsule, snapshot),
        gates=gate_rows(capsule, snapshot) if capsule else (),
        steps=steps_of(lines, mid=mid),
    )


def _folded(lines: Sequence[Line], record: IntentRecorded) -> Order:
    """Fold the lines as the engine does, so that state and filled size are its own."""
    state = empty(record.intent.owner)
    for line in lines:
        state = apply(state, line.record, seq=line.seq)
    order = state.orders.get(record.intent_id) or state.closed.get(record.intent_id)
    if order is None:
        raise ValueError(f"record {lines[0].seq} did not make an order")
    return order


def _wanted(capsule: Capsule) -> str:
    wish = capsule.wish
    return f"{capsule.intent.side.value} {plain(wish.amount)} at {plain(wish.price)}"


def _saw(capsule: Capsule, snapshot: Snapshot) -> Saw:
    view, name = snapshot.view, capsule.intent.instrument
    quote, held, book = view.quotes.get(name), view.held.get(name), snapshot.book
    return Saw(
        mode=view.mode.value,
        index=None if view.index is None else plain(view.index),
        bid=None if quote is None or quote.bid is None else plain(quote.bid.price),
        ask=None if quote is None or quote.ask is None else plain(quote.ask.price),
        mark=None if quote is None else plain(quote.mark),
        mark_iv=None if quote is None else quote.mark_iv,
        delta=None if quote is None else quote.delta,
        age_ms=None if quote is None else quote.age_ms,
        position="0" if held is None else plain(held.quantity),
        delta_total=view.delta_total,
        bids=() if book is None else _levels(book.bids),
        asks=() if book is None else _levels(book.asks),
    )


def _levels(levels: Sequence[Level]) -> tuple[tuple[str, str], ...]:
    return tuple((plain(level.price), plain(level.amount)) for level in levels)


def _slippages(fills: Sequence[FillBooked], *, mid: Price | None) -> str | None:
    if mid is None or mid <= 0 or not fills:
        return None
    costs = [slippage(booked.fill, booked.instrument, mid=mid) for booked in fills]
    return plain(shown(sum(costs, Fraction(0)), places=10))


def slippage(fill: Fill, instrument: Instrument, *, mid: Price) -> Fraction:
    """Return what a fill cost against the mid that the decision expected; below 0 is a gain.

    In the currency that the instrument settles in, exact. An inverse future is sized in USD, so
    that the cost in coin is the difference of two quotients (DOMAIN §2). `mid` is above 0.
    """
    amount = Fraction(Amount(fill.amount))
    price, fair = Fraction(fill.price), Fraction(mid)
    sign = 1 if fill.side is Side.BUY else -1
    if instrument.is_inverse and instrument.kind is not Kind.OPTION:
        return sign * amount * (1 / fair - 1 / price)
    return sign * amount * (price - fair)
