"""The guard closes what must go: step by step down the ladder, never beyond the position [C-403].

One implementation for everybody who asks: a group's excess, an operator's flatten, KILL. What it is
to close is in the ledger; `close_out`, called each tick, takes the next step of each.
"""

from typing import Final

from bot.core.author import GUARD, Author
from bot.core.cause import raise_cause
from bot.core.contain import may_still_open, request_cancel
from bot.core.exhausted import is_exhausted, is_option
from bot.core.exit_stranger import exits_of_strangers
from bot.core.foreign import EXITS_STRANGERS
from bot.core.memory import Closing, Flattening
from bot.core.place import place_order
from bot.core.record import CloseBegun, CloseEnded
from bot.core.risk import definition, risk_of
from bot.core.state import State
from bot.core.turn import Turn
from bot.core.view import needed_names, view_of
from bot.domain.ids import GroupId, InstrumentName
from bot.domain.instrument import Instrument, Kind
from bot.domain.mode import Mode
from bot.domain.money import Amount, Price, plain
from bot.domain.order import TimeInForce
from bot.domain.reason import Reason
from bot.domain.side import Side
from bot.domain.tick import floor_to_step
from bot.group.ladder import PAUSE_MS, STEP_MS, ladder
from bot.policy.reaction import OnKill
from bot.portfolio.position import FLAT
from bot.strategy.interface import Place, View

__all__ = [
    "begin_closing",
    "close_out",
    "exits_of",
    "held_names",
    "leave_strangers",
    "limits_of",
]

_BY_POLICY: Final = Flattening(by="guard", why="KILL flattens, by the policy")


def held_names(state: State) -> tuple[InstrumentName, ...]:
    """Name what is held, options first: the rest may be what hedges them."""
    held = [n for n, position in state.durable.positions.items() if position.quantity != 0]
    return tuple(sorted(held, key=lambda name: (not is_option(state, name), name)))


def begin_closing(
    turn: Turn,
    name: InstrumentName,
    *,
    amount: Amount | None = None,
    by: str,
    why: str,
    group: GroupId | None = None,
) -> None:
    """Record that this much of a position is to be closed: all of it by default."""
    quantity = turn.state.durable.positions.get(name, FLAT).quantity
    if quantity == 0:
        return
    size = quantity.copy_abs()
    record = CloseBegun(
        instrument=name,
        side=Side.SELL if quantity > 0 else Side.BUY,
        amount=Amount(size if amount is None else min(amount, size)),
        by=by,
        why=why,
        group=group,
        at_ms=turn.state.now_ms,
    )
    turn.record(record)
    turn.say("closing", instrument=name, amount=plain(record.amount), by=by, why=why)


def limits_of(view: View, instrument: Instrument, *, side: Side) -> tuple[Price, ...]:
    """Return the limit of each step, for the market of this moment; none without a quote."""
    quote = view.quotes.get(instrument.name)
    if quote is None:
        return ()
    return ladder(
        side,
        instrument=instrument,
        bid=quote.bid.price if quote.bid is not None else None,
        ask=quote.ask.price if quote.ask is not None else None,
        mark=quote.mark,
    )


def exits_of(
    view: View, instrument: Instrument, *, side: Side, amount: Amount, why: str
) -> tuple[Place, ...]:
    """Return the order of each step, for the market of this moment."""
    return tuple(
        Place(
            instrument=instrument.name,
            side=side,
            amount=amount,
            price=price,
            time_in_force=TimeInForce.IOC,
            post_only=False,
            is_exit=True,
            attempt=step,
            leg=0,
            why=why,
        )
        for step, price in enumerate(limits_of(view, instrument, side=side))
    )


def close_out(turn: Turn) -> None:
    """Take the next step of everything that is to be closed."""
    state = turn.state
    if not state.link.is_up or state.reserve_failure is not None:
        return
    _begin_what_is_wanted(turn)
    _take_hedges_along(turn)
    for name in sorted(turn.state.durable.closings):
        # A step may end the closing of another instrument: each is looked up anew.
        closing = turn.state.durable.closings.get(name)
        instrument = definition(turn.state, name)
        if closing is not None and instrument is not None:
            _go_on(turn, instrument, closing)


def leave_strangers(turn: Turn) -> None:
    """Send the exits that the owner has decided on, of positions that were not ours, in every mode
    [C-509].
    """
    state = turn.state
    if not state.link.is_up or state.reserve_failure is not None or state.stopping is not None:
        return
    wishes = exits_of_strangers(state)
    if not wishes:
        return
    risk = risk_of(state, state.settings.currency)
    view = view_of(state, risk=risk, names=needed_names(state))
    for wish in wishes:
        place_order(turn, wish, view, author=Author(EXITS_STRANGERS, "1"))


def _begin_what_is_wanted(turn: Turn) -> None:
    """Close everything that is held while somebody wants nothing held: the owner until a rearm, or
    KILL by the policy, once it is durable and the cancel loop is through [C-304].

    Each turn anew, for what was in flight may fill after the wish.
    """
    state = turn.state
    wish = state.durable.flattening
    if wish is None:
        flattens = state.settings.policy.guard.on_kill is OnKill.FLATTEN
        if not flattens or state.durable.mode is not Mode.KILL or state.waiting:
            return
        if may_still_open(state):
            return
        wish = _BY_POLICY
    for name in held_names(state):
        held = state.durable.positions[name].quantity.copy_abs()
        closing = state.durable.closings.get(name)
        if closing is None or closing.group is not None or closing.left < held:
            begin_closing(turn, name, by=wish.by, why=wish.why)


def _take_hedges_along(turn: Turn) -> None:
    """What the guard has hedged with goes when the last option has: it hedges nothing any more."""
    state = turn.state
    hedge = state.durable.guard_hedge
    if hedge is None or any(is_option(state, name) for name in held_names(state)):
        return
    held = state.durable.positions.get(hedge, FLAT).quantity.copy_abs()
    known = state.durable.closings.get(hedge)
    if held > 0 and (known is None or known.left < held):
        begin_closing(turn, hedge, by=GUARD.name, why="it hedges nothing any more")


def _go_on(turn: Turn, instrument: Instrument, closing: Closing) -> None:
    state = turn.state
    if floor_to_step(closing.left, instrument.amount_step) < instrument.amount_min:
        _give_up(turn, instrument, why=f"{plain(closing.left)} is too small to trade")
        return
    if instrument.kind is not Kind.OPTION and any(is_option(state, n) for n in held_names(state)):
        return  # until the options are gone it may be what hedges them
    view = view_of(state, risk=risk_of(state, instrument.currency), names=needed_names(state))
    places = exits_of(
        view, instrument, side=closing.side, amount=closing.left, why=f"closing: {closing.why}"
    )
    if is_exhausted(state, closing):
        _note_failure(turn, instrument, closing)
    if not places or _must_wait(turn, instrument, closing, steps=len(places)):
        return
    place_order(turn, places[closing.tries % len(places)], view, author=GUARD)


def _must_wait(turn: Turn, instrument: Instrument, closing: Closing, *, steps: int) -> bool:
    """Take off what rests in the way, and never overlap an exit of ours that has not ended.

    What others may still fill is counted by the order's own classification, which cuts it.
    """
    state = turn.state
    is_through = closing.tries > 0 and closing.tries % steps == 0
    pause_ms = PAUSE_MS if is_through else STEP_MS
    if state.now_ms - closing.tried_ms < pause_ms:
        return True
    is_under_way = False
    for order in sorted(state.durable.orders.values(), key=lambda known: known.recorded_seq):
        if order.intent.instrument != instrument.name:
            continue
        if order.intent.decision.strategy == GUARD.name:
            is_under_way = True
        else:
            request_cancel(turn, order, strategy=GUARD.name)
    return is_under_way


def _note_failure(turn: Turn, instrument: Instrument, closing: Closing) -> None:
    if closing.group is None:
        detail = f"{instrument.name}: {plain(closing.left)} left after {closing.tries} orders"
        raise_cause(turn, Reason.EXIT_FAILED, detail, by=GUARD.name)


def _give_up(turn: Turn, instrument: Instrument, *, why: str) -> None:
    turn.record(CloseEnded(instrument=instrument.name, why=why, at_ms=turn.state.now_ms))
    turn.say("closing_given_up", instrument=instrument.name, why=why)
