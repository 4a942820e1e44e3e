"""The strategy proposes, the machinery decides: each proposal goes as far as the rules let it."""

from itertools import islice
from typing import Final, assert_never

from bot.core.amend import amend_order
from bot.core.author import author_of
from bot.core.begin_group import begin_group
from bot.core.cause import raise_cause
from bot.core.contain import request_cancel
from bot.core.place import place_order
from bot.core.risk import risk_of
from bot.core.turn import Turn
from bot.core.view import view_of, watched_names
from bot.domain.mode import Mode
from bot.domain.money import exact
from bot.domain.reason import Reason
from bot.strategy.interface import Amend, Place, PlaceGroup, Proposal, View, Withdraw

__all__ = ["decide"]

_PROPOSALS_MAX: Final = 16  # of one decision: a strategy that wants more has lost its mind
_DETAIL_MAX: Final = 300  # characters of a crash that are worth keeping


def decide(turn: Turn) -> None:
    """Ask the strategy, and carry each proposal as far as the rules let it go."""
    state = turn.state
    if state.durable.mode is Mode.KILL or state.stopping is not None or not state.link.is_up:
        return  # under KILL strategies are silent [C-002]
    strategy = state.settings.strategy
    try:
        risk = risk_of(state, state.settings.currency)
        view = view_of(state, risk=risk, names=watched_names(state))
        proposals = strategy.decide(view, state.settings.params)
        for proposal in islice(proposals, _PROPOSALS_MAX):
            _carry(turn, proposal, view)
    except Exception as error:  # noqa: BLE001  # C-606: a crash, or nonsense, is a trip
        raise_cause(turn, Reason.INTERNAL, f"strategy {strategy.name}: {error!r}"[:_DETAIL_MAX])


def _carry(turn: Turn, proposal: Proposal, view: View) -> None:
    match proposal:
        case Amend():
            exact(proposal.amount)
            exact(proposal.price)
            amend_order(turn, proposal, view)
        case Place():
            exact(proposal.amount)
            exact(proposal.price)
            place_order(turn, proposal, view, author=author_of(turn.state.settings.strategy))
        case PlaceGroup():
            begin_group(turn, proposal, view)
        case Withdraw():
            _withdraw(turn, proposal)
        case _:
            assert_never(proposal)


def _withdraw(turn: Turn, proposal: Withdraw) -> None:
    order = turn.state.durable.orders.get(proposal.intent_id)
    if order is not None:
        request_cancel(turn, order, strategy=order.intent.decision.strategy)
