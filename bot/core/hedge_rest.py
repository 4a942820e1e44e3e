"""What cannot be closed is hedged with the perpetual: delta to zero, whatever the mode [C-402].

Source: DOMAIN §10.4. It covers delta and no gamma, which is why a person is called all the same.
"""

from decimal import Decimal
from typing import Final

from bot.core.author import GUARD
from bot.core.close import held_names, limits_of
from bot.core.contain import may_still_open, request_cancel
from bot.core.exhausted import is_exhausted, is_option
from bot.core.ground import ground_of
from bot.core.place import place_order
from bot.core.risk import definition, risk_of
from bot.core.state import State
from bot.core.turn import Turn
from bot.core.view import needed_names, view_of
from bot.domain.mode import Mode
from bot.domain.money import Amount
from bot.domain.order import TimeInForce
from bot.domain.side import Side
from bot.group.ladder import STEP_MS
from bot.policy.reaction import OnKill
from bot.portfolio.exposure import Exposure
from bot.strategy.interface import Place

__all__ = ["hedge_rest"]

_DIGITS: Final = 12  # of a float that becomes a size
_LATELY_MS: Final = 30_000  # tries within this count as one climb of the ladder


def hedge_rest(turn: Turn) -> None:
    """Bring delta back into its band when the guard is in charge of it."""
    state = turn.state
    instrument = definition(state, state.settings.hedge)
    if instrument is None or not _is_wanted(state):
        return
    if not state.link.is_up or state.reserve_failure is not None or state.stopping is not None:
        return
    risk = risk_of(state, instrument.currency, also=(instrument.name,))
    proof = ground_of(state, instrument, risk=risk).hedge
    exposure = risk.exposure()
    if proof is None or not isinstance(exposure, Exposure):
        return  # what cannot be computed cannot be hedged: the cause that stands says so
    away = exposure.delta.now
    if abs(away) <= proof.band or _is_under_way(turn):
        return
    if state.hedged_ms is not None and state.now_ms - state.hedged_ms < STEP_MS:
        return
    side = Side.SELL if away * proof.per_unit > 0 else Side.BUY
    view = view_of(state, risk=risk, names=needed_names(state))
    prices = limits_of(view, instrument, side=side)
    if not prices:
        return
    attempt = _tries(state)
    place_order(
        turn,
        Place(
            instrument=instrument.name,
            side=side,
            amount=Amount(Decimal(format(abs(away / proof.per_unit), f".{_DIGITS}g"))),
            price=prices[attempt % len(prices)],
            time_in_force=TimeInForce.IOC,
            post_only=False,
            is_exit=True,
            attempt=attempt,
            leg=0,
            why=f"hedging what cannot be closed: delta {away:+.4f}, band {proof.band:.4f}",
        ),
        view,
        author=GUARD,
    )


def _is_wanted(state: State) -> bool:
    """Say whether the guard hedges: by policy under KILL, and beside exits that have failed."""
    closings = state.durable.closings
    if any(is_exhausted(state, c) for name, c in closings.items() if is_option(state, name)):
        return True
    if not any(is_option(state, name) for name in held_names(state)):
        return False  # there is nothing left that a hedge would be one of
    on_kill = state.settings.policy.guard.on_kill
    is_kill = state.durable.mode is Mode.KILL and on_kill is not OnKill.HOLD
    return is_kill and not may_still_open(state)


def _is_under_way(turn: Turn) -> bool:
    state = turn.state
    own = [o for o in state.durable.orders.values() if o.intent.instrument == state.settings.hedge]
    for order in sorted(own, key=lambda known: known.recorded_seq):
        if order.intent.decision.strategy != GUARD.name:
            request_cancel(turn, order, strategy=GUARD.name)
    return bool(own)


def _tries(state: State) -> int:
    """Count the guard's hedges of late: each asks for less than the one before."""
    return sum(
        1
        for order in state.durable.closed.values()
        if order.intent.decision.strategy == GUARD.name
        and order.intent.instrument == state.settings.hedge
        and order.remaining == 0
        and order.filled < order.intent.amount
        and state.now_ms - order.intent.decided_ms < _LATELY_MS
    )
