"""The group under way takes its next step [C-401, C-402] (DOMAIN §10).

Each tick, from the ledger's state alone: a crash between any two steps goes on where it was.
"""

from decimal import Decimal
from typing import Final, assert_never

from bot.core.author import author_of
from bot.core.cause import raise_cause
from bot.core.close import begin_closing
from bot.core.contain import request_cancel
from bot.core.exhausted import is_exhausted
from bot.core.life import Phase
from bot.core.place import place_order
from bot.core.record import GroupMoved, GroupStep
from bot.core.risk import definition, risk_of
from bot.core.send_edit import may_open_now
from bot.core.turn import Turn
from bot.core.view import needed_names, view_of
from bot.domain.ids import InstrumentName
from bot.domain.money import Amount, Price, plain
from bot.domain.order import TimeInForce
from bot.domain.reason import Reason
from bot.domain.side import Side
from bot.group.group import Group, Leg, Stage
from bot.group.next_move import Close, End, Seen, Wait, Work, next_move
from bot.portfolio.position import FLAT
from bot.strategy.interface import Place, Quote

__all__ = ["run_group"]

_OPENING_MS: Final = 30_000  # beyond the first leg's rest: after it nothing new is opened
_DOUBT_MS: Final = 60_000  # beyond which what has filled is not left without its counterpart
_QUARTER: Final = Decimal("0.25")


def run_group(turn: Turn) -> None:
    """Decide and carry out the next move."""
    state, group = turn.state, turn.state.durable.group
    if group is None or not state.link.is_up or state.reserve_failure is not None:
        return
    if group.stage.is_over:
        _close_late(turn, group)
        return
    instruments = {
        name: definition(state, name) or known for name, known in group.instruments.items()
    }
    _end_the_rest(turn, group)
    move = next_move(group, _seen(turn, group), instruments=instruments)
    match move:
        case Wait():
            pass
        case Work():
            _work(turn, group, move)
        case Close():
            _close(turn, group, move)
        case End():
            _end(turn, group, move)
        case _:
            assert_never(move)


def _close_late(turn: Turn, group: Group) -> None:
    """Close what filled after the group had ended: nothing is left that it would belong to."""
    for name, amount in sorted(group.late.items()):
        begin_closing(
            turn,
            name,
            amount=amount,
            by="guard",
            why=f"{group.group_id} had ended when it filled",
            group=group.group_id,
        )


def _seen(turn: Turn, group: Group) -> Seen:
    state = turn.state
    closings, orders = state.durable.closings, state.durable.orders
    live = [orders[intent] for intent in group.orders if intent in orders]
    own = [c for c in closings.values() if c.group == group.group_id]
    names = {leg.instrument for leg in group.legs}
    return Seen(
        is_live=bool(live),
        is_doubtful=all(
            order.phase is Phase.UNKNOWN and state.now_ms - (order.doubted_ms or 0) > _DOUBT_MS
            for order in live
        ),
        held={leg.instrument: _held(turn, leg) for leg in group.legs},
        may_open=may_open_now(turn)
        and state.now_ms - group.begun_ms <= group.rest_ms + _OPENING_MS,
        is_closing=bool(own),
        is_stuck=any(is_exhausted(state, closing) for closing in own),
        is_flattened=state.durable.flattening is not None
        or any(c.group is None for name, c in closings.items() if name in names),
    )


def _held(turn: Turn, leg: Leg) -> Decimal:
    quantity = turn.state.durable.positions.get(leg.instrument, FLAT).quantity
    return max(quantity * leg.side.sign, Decimal(0))


def _end_the_rest(turn: Turn, group: Group) -> None:
    """Take the first leg off once it has rested long enough, or has begun to fill."""
    state = turn.state
    for intent_id in sorted(group.orders):
        order = state.durable.orders.get(intent_id)
        if order is None or order.intent.time_in_force is not TimeInForce.GTC:
            continue
        is_over = state.now_ms - order.intent.decided_ms >= group.rest_ms
        if is_over or order.filled > 0 or not may_open_now(turn):
            request_cancel(turn, order, strategy=order.intent.decision.strategy)


def _work(turn: Turn, group: Group, work: Work) -> None:
    state, leg = turn.state, group.legs[work.leg]
    is_first = not any(known.is_tried for known in group.legs)
    rests = is_first and group.rest_ms > 0
    currency = state.settings.currency
    view = view_of(state, risk=risk_of(state, currency), names=_names(turn, group))
    price = leg.price if rests else _taking(turn, leg, view.quotes.get(leg.instrument), work, group)
    place = Place(
        instrument=leg.instrument,
        side=leg.side,
        amount=work.amount,
        price=price,
        time_in_force=TimeInForce.GTC if rests else TimeInForce.IOC,
        post_only=False,
        is_exit=False,
        attempt=group.rescues + 1 if work.is_rescue else 0,
        leg=work.leg,
        why=f"{group.group_id} leg {work.leg + 1} of {len(group.legs)}: {group.why}",
    )
    sent = place_order(turn, place, view, author=author_of(state.settings.strategy))
    if turn.state.reserve_failure is not None:
        return
    turn.record(
        GroupStep(
            group_id=group.group_id,
            leg=work.leg,
            intent_id=sent,
            is_rescue=work.is_rescue,
            why=f"{leg.side.value} {plain(work.amount)} {leg.instrument} at {plain(price)}",
            at_ms=state.now_ms,
        )
    )


def _names(turn: Turn, group: Group) -> tuple[InstrumentName, ...]:
    legs = {leg.instrument for leg in group.legs}
    return tuple(sorted({*needed_names(turn.state), *legs}))


def _taking(turn: Turn, leg: Leg, quote: Quote | None, work: Work, group: Group) -> Price:
    """Return the touch, given way to by the rescue's number, and never beyond the leg's limit."""
    touch = None if quote is None else (quote.ask if leg.side is Side.BUY else quote.bid)
    instrument = definition(turn.state, leg.instrument)
    if quote is None or touch is None or instrument is None:
        return leg.limit
    wished = touch.price
    if work.is_rescue:
        spread = Decimal(0)
        if quote.bid is not None and quote.ask is not None:
            spread = quote.ask.price - quote.bid.price
        more = max(instrument.ticks.at(touch.price), spread * _QUARTER)
        wished = Price(touch.price + leg.side.sign * (group.rescues + 1) * more)
    is_beyond = (wished - leg.limit) * leg.side.sign > 0
    return leg.limit if is_beyond else wished


def _close(turn: Turn, group: Group, close: Close) -> None:
    why = f"{group.group_id}: no counterpart"
    for leg, excess in zip(group.legs, close.excess, strict=True):
        if excess > 0:
            begin_closing(
                turn,
                leg.instrument,
                amount=Amount(excess),
                by="guard",
                why=why,
                group=group.group_id,
            )
    _move(turn, group, Stage.CLOSING, why="legs do not match")


def _end(turn: Turn, group: Group, end: End) -> None:
    _move(turn, group, end.stage, why=end.why)
    if end.stage is Stage.HEDGED:
        raise_cause(turn, Reason.GROUP_HEDGED, f"{group.group_id}: {end.why}", by="guard")


def _move(turn: Turn, group: Group, stage: Stage, *, why: str) -> None:
    turn.record(GroupMoved(group_id=group.group_id, stage=stage, why=why, at_ms=turn.state.now_ms))
    after = turn.state.durable.group
    naked_ms = 0 if after is None else after.naked_ms
    turn.say("group", group_id=group.group_id, stage=stage.value, why=why, naked_ms=naked_ms)
