"""A trade of ours enters the books: once, whoever tells it, and however often [C-209]."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from bot.core.cause import raise_cause
from bot.core.durable import Order, forgotten_to_ms, trade_key
from bot.core.foreign import apart_of
from bot.core.record import FillBooked, SetApart
from bot.core.stranger import strangers_found
from bot.core.turn import Turn
from bot.domain.ids import InstrumentName
from bot.domain.instrument import Instrument
from bot.domain.money import Amount, plain
from bot.domain.reason import Reason
from bot.domain.report import Fill
from bot.domain.side import Side
from bot.domain.verdict import Verdict
from bot.intent.label import is_ours
from bot.portfolio.position import FLAT, WrongFillError, book

__all__ = ["hear_fill"]

_DETAIL_MAX: Final = 300  # characters of a fault that are worth keeping


def hear_fill(turn: Turn, fill: Fill) -> None:
    """Fold one trade in, and raise what it means beyond money."""
    durable = turn.state.durable
    if trade_key(fill) in durable.trades:
        return
    newest_ms = max(durable.trades.values(), default=0)
    if fill.at_ms <= forgotten_to_ms(durable, newest_ms=newest_ms):
        # Whether it was booked is forgotten by now: were it new, the position would tell.
        turn.say("old_trade", trade_id=fill.trade_id, instrument=fill.instrument)
        return
    instrument = _definition(turn, fill)
    if instrument is None and turn.state.market.instruments_at_ms is None:
        return  # the definitions come first; then reconciliation reads this trade again
    if instrument is None:
        raise_cause(
            turn,
            Reason.FOREIGN_FILL,
            f"trade {fill.trade_id} in {fill.instrument}, which is unknown",
        )
        return
    order = _order_behind(turn, fill)
    if order is not None and order.order_id not in (None, fill.order_id):
        # It is of the second venue order under our label: the first still has its whole remainder.
        raise_cause(
            turn,
            Reason.ORDER_DOUBLED,
            f"{order.label} stands for {order.order_id}, and {fill.order_id} has filled",
        )
        order = None
    held = durable.positions.get(fill.instrument, FLAT)
    try:
        book(held, fill, instrument)
    except WrongFillError as error:
        raise_cause(turn, Reason.FOREIGN_FILL, f"trade {fill.trade_id} cannot be booked: {error}")
        return
    except ValueError as error:
        # A figure outgrew what money may be. Told by a trip: raised from here, it would take the
        # whole event along, and the position goes on to differ from the venue's until looked at.
        raise_cause(turn, Reason.INTERNAL, f"trade {fill.trade_id}: {error!r}"[:_DETAIL_MAX])
        return
    if order is not None and fill.amount > order.remaining:
        raise_cause(
            turn,
            Reason.LATE_FILL,
            f"{order.label} was {order.phase.value} with {plain(order.remaining)} left to fill, "
            f"and has filled {plain(fill.amount)}",
        )
    turn.record(
        FillBooked(fill=fill, instrument=instrument, intent_id=order.intent_id if order else None)
    )
    _doubt_unexplained(turn, fill.instrument)
    turn.count(fills=1)
    turn.say(
        "fill",
        intent_id=order.intent_id if order else None,
        instrument=fill.instrument,
        side=fill.side.value,
        amount=plain(fill.amount),
        price=plain(fill.price),
        fee=plain(fill.fee),
        trade_id=fill.trade_id,
    )
    if order is None and not _is_adopted(turn, fill):
        _set_apart(turn, fill, instrument, held=held.quantity)
        if not fill.is_liquidation:
            raise_cause(turn, Reason.FOREIGN_FILL, f"trade {fill.trade_id} in {fill.instrument}")
    if fill.is_liquidation:
        raise_cause(turn, Reason.LIQUIDATED, f"trade {fill.trade_id} in {fill.instrument}")


def _doubt_unexplained(turn: Turn, name: InstrumentName) -> None:
    """Forget what no trade explained: this one may, and only the next comparison tells."""
    recon = turn.state.recon
    left = tuple(row for row in recon.unexplained if row[0] != name)
    if left != recon.unexplained:
        turn.set(recon=replace(recon, unexplained=left, is_wanted=True))


def _is_adopted(turn: Turn, fill: Fill) -> bool:
    """Say whether an operator has taken the order over: its fills are expected [C-509].

    One that rests and looks otherwise than it did then is not.
    """
    known = turn.state.durable.foreign.orders.get(fill.order_id)
    if known is None or known.verdict is not Verdict.ADOPT:
        return False
    shown = [one for one in strangers_found(turn.state) if one.subject == fill.order_id]
    return all(one.verdict is Verdict.ADOPT for one in shown)


def _set_apart(turn: Turn, fill: Fill, instrument: Instrument, *, held: Amount) -> None:
    """Keep what a stranger has opened apart from ours, so that nothing trades against it [C-509].

    A trade that goes against both has closed the stranger's own first, then ours; the rest is new.
    The venue's liquidation closes ours first. A trade under a label of ours is ours, whichever
    order it was.
    """
    durable = turn.state.durable
    if fill.label is not None and is_ours(fill.label, ledger=durable.owner.ledger):
        return
    signed = fill.amount if fill.side is Side.BUY else fill.amount.copy_negate()
    against_theirs = _against(apart_of(durable.foreign, fill.instrument), signed)
    against_ours = _against(held, signed)
    if fill.is_liquidation:
        theirs = min(against_theirs, fill.amount - against_ours)
    else:
        theirs = fill.amount - min(against_ours, fill.amount - against_theirs)
    if theirs == 0:
        return
    turn.record(
        SetApart(
            instrument=instrument,
            amount=Amount(theirs.copy_sign(signed)),
            price=fill.price,
            why=f"trade {fill.trade_id} is of no order of ours",
            at_ms=turn.state.now_ms,
        )
    )


def _against(held: Decimal, signed: Decimal) -> Decimal:
    """Return how much of what is held a trade closes."""
    if held == 0 or (held > 0) == (signed > 0):
        return Decimal(0)
    return min(held.copy_abs(), signed.copy_abs())


def _definition(turn: Turn, fill: Fill) -> Instrument | None:
    state = turn.state
    return state.market.instruments.get(fill.instrument) or state.durable.instruments.get(
        fill.instrument
    )


def _order_behind(turn: Turn, fill: Fill) -> Order | None:
    durable = turn.state.durable
    if fill.label is not None and is_ours(fill.label, ledger=durable.owner.ledger):
        return durable.order_of(fill.label)
    for orders in (durable.orders, durable.closed):
        for order in orders.values():
            if order.order_id == fill.order_id:
                return order
    return None
