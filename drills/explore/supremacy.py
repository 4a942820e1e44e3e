"""In every state with exposure an exit is permitted, or it is impossible for a written reason.

The real judge is asked, with the guard as author: the same door that exits go through [C-309].
"""

from enum import Enum

from bot.core.author import GUARD
from bot.core.close import exits_of, held_names
from bot.core.foreign import apart_of
from bot.core.place import judge
from bot.core.risk import definition, risk_of
from bot.core.state import State
from bot.core.view import needed_names, view_of
from bot.domain.ids import InstrumentName
from bot.domain.instrument import BookState, Instrument
from bot.domain.money import Amount
from bot.domain.refusal import Refusal
from bot.domain.side import Side

__all__ = ["Exit", "exit_of", "exits"]


class Exit(Enum):
    """Whether a held position can be reduced at this moment, and if not, why that is so."""

    PERMITTED = "permitted"
    LINE_DOWN = "the line is down"
    NOT_DURABLE = "nothing can be made durable"
    NOT_TRADABLE = "the instrument is not open, or has expired"
    UNDER_WAY = "exits in flight or in doubt cover the whole position"
    STRANGER = "a stranger's position stands against it, until an operator decides"
    FORBIDDEN = "nothing excuses it"


def exits(state: State) -> tuple[tuple[InstrumentName, Exit, str], ...]:
    """Return for each position held whether it can be reduced, with the last refusal in words."""
    return tuple((name, *exit_of(state, name)) for name in held_names(state))


def exit_of(state: State, name: InstrumentName) -> tuple[Exit, str]:
    """Return whether a position can be reduced, with the last refusal in words."""
    quantity = state.durable.positions[name].quantity
    if state.reserve_failure is not None:
        return Exit.NOT_DURABLE, state.reserve_failure
    instrument = definition(state, name)
    side = Side.SELL if quantity > 0 else Side.BUY
    why = "no definition"
    if instrument is not None:
        why = _refusal(state, instrument, side, Amount(quantity.copy_abs()))
        if not why:
            return Exit.PERMITTED, ""
    if not state.link.is_up:
        return Exit.LINE_DOWN, why
    if instrument is None or _is_shut(state, instrument):
        return Exit.NOT_TRADABLE, why
    pending = [o for o in state.durable.orders.values() if o.intent.instrument == name]
    if sum(o.remaining for o in pending if o.intent.side is side) >= quantity.copy_abs():
        return Exit.UNDER_WAY, why
    apart = apart_of(state.durable.foreign, name)
    if apart != 0 and (apart > 0) != (quantity > 0):
        return Exit.STRANGER, why
    return Exit.FORBIDDEN, why


def _refusal(state: State, instrument: Instrument, side: Side, amount: Amount) -> str:
    """Ask for each step of the ladder; nothing when one of them would pass."""
    view = view_of(state, risk=risk_of(state, instrument.currency), names=needed_names(state))
    why = "no price is known"
    for place in exits_of(view, instrument, side=side, amount=amount, why="exploration"):
        judged = judge(state, place, author=GUARD)
        if isinstance(judged, Refusal):
            why = f"{judged.reason.value} {judged.was}"
            continue
        intent, _, answers = judged
        refusals = [refusal for _, refusal in answers if refusal is not None]
        if not refusals and intent.role.is_exit:
            return ""
        why = f"{refusals[0].reason.value} {refusals[0].was}" if refusals else "it would open"
    return why


def _is_shut(state: State, instrument: Instrument) -> bool:
    is_over = instrument.expiry_ms is not None and instrument.expiry_ms <= state.now_ms
    return is_over or instrument.state is not BookState.OPEN
