"""The owner's flatten: everything is closed, by exactly the orders that the plan shows [C-403]."""

import hashlib
from dataclasses import dataclass
from typing import Final

from bot.core.author import GUARD
from bot.core.close import begin_closing, exits_of, held_names
from bot.core.effect import Answer
from bot.core.event import OperatorFlatten
from bot.core.place import judge
from bot.core.record import FlattenAsked, ModeCauseRaised
from bot.core.risk import definition, risk_of
from bot.core.state import AnswerAfter, State
from bot.core.turn import Turn
from bot.core.view import needed_names, view_of
from bot.domain.ids import InstrumentName
from bot.domain.mode import Mode
from bot.domain.money import Amount, Price, plain
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.domain.side import Side

__all__ = ["Exit", "Plan", "flatten", "plan_of"]

_HASH_CHARS: Final = 12


@dataclass(frozen=True, slots=True)
class Exit:
    """What is to be closed of one position: the limit of each step, the mildest first.

    `refused` says why no order would go out at this moment; then there are no prices.
    """

    instrument: InstrumentName
    side: Side
    amount: Amount  # in the instrument's amount unit
    prices: tuple[Price, ...]
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Every exit, options first. `hash` names instruments, sides and amounts: prices move on."""

    exits: tuple[Exit, ...]
    hash: str


def plan_of(state: State) -> Plan:
    """Return what a flatten would send at this moment, and change nothing."""
    exits = tuple(_exit_of(state, name) for name in held_names(state))
    lines = "\n".join(f"{e.instrument} {e.side.value} {plain(e.amount)}" for e in exits)
    return Plan(exits, hashlib.sha256(lines.encode()).hexdigest()[:_HASH_CHARS])


def flatten(turn: Turn, act: OperatorFlatten) -> None:
    """Begin to close everything that is held, if that is still what the owner has seen.

    The mode becomes REDUCE_ONLY and stays so: whoever flattens does not want it opened again.
    """
    state = turn.state
    plan = plan_of(state)
    why_not = _why_not(plan, act)
    if why_not is not None:
        turn.emit(Answer(request_id=act.request_id, done=False, seq=state.seq, refusals=(why_not,)))
        return
    turn.record(
        ModeCauseRaised(
            reason=Reason.OPERATOR,
            mode=Mode.REDUCE_ONLY,
            detail=f"flatten: {act.why}",
            by=act.by,
            at_ms=state.now_ms,
        )
    )
    turn.record(FlattenAsked(by=act.by, why=act.why, at_ms=state.now_ms))
    for exit_ in plan.exits:
        begin_closing(turn, exit_.instrument, by=act.by, why=act.why)
    turn.after_commit(AnswerAfter(request_id=act.request_id))
    turn.say("operator", act="flatten", by=act.by, why=act.why, plan=plan.hash)


def _why_not(plan: Plan, act: OperatorFlatten) -> str | None:
    if not plan.exits:
        return "nothing is held"
    if act.plan != plan.hash:
        return f"CHANGED the plan is {plan.hash} by now, not {act.plan}"
    return None


def _exit_of(state: State, name: InstrumentName) -> Exit:
    quantity = state.durable.positions[name].quantity
    side = Side.SELL if quantity > 0 else Side.BUY
    whole = Amount(quantity.copy_abs())
    instrument = definition(state, name)
    if instrument is None:
        return Exit(name, side, whole, (), refused="its definition is not known")
    view = view_of(state, risk=risk_of(state, instrument.currency), names=needed_names(state))
    prices: list[Price] = []
    for place in exits_of(view, instrument, side=side, amount=whole, why="flatten"):
        judged = judge(state, place, author=GUARD)
        if isinstance(judged, Refusal):
            return Exit(name, side, whole, (), refused=f"{judged.reason.value} {judged.was}")
        intent, _, answers = judged
        refusals = [refusal for _, refusal in answers if refusal is not None]
        if refusals:
            first = refusals[0]
            return Exit(name, side, whole, (), refused=f"{first.reason.value} {first.was}")
        prices.append(intent.price)
    if not prices:
        return Exit(name, side, whole, (), refused="no price is known")
    return Exit(name, side, whole, tuple(prices))
