"""The core's plan of a flatten as rows, with what each exit may cost [C-403]."""

from bot.control.flatten import ExitRow, FlattenPlan
from bot.core.flatten import Exit, plan_of
from bot.core.risk import definition
from bot.core.state import State
from bot.domain.instant import iso
from bot.domain.money import Price, plain
from bot.domain.ratio import shown
from bot.portfolio.position import unrealised

__all__ = ["flatten_plan"]


def flatten_plan(state: State) -> FlattenPlan:
    """Return what a flatten would send at this moment; nothing is changed by asking."""
    plan = plan_of(state)
    exits = tuple(_row(state, exit_) for exit_ in plan.exits)
    return FlattenPlan(at=iso(state.now_ms), hash=plan.hash, exits=exits)


def _row(state: State, exit_: Exit) -> ExitRow:
    instrument = definition(state, exit_.instrument)
    ticker = state.market.tickers.get(exit_.instrument)
    mark = None if ticker is None or ticker.mark <= 0 else ticker.mark
    return ExitRow(
        instrument=exit_.instrument,
        side=exit_.side.value,
        amount=plain(exit_.amount),
        prices=tuple(plain(price) for price in exit_.prices),
        mark=None if mark is None else plain(mark),
        cost=_cost(state, exit_, mark=mark),
        currency=None if instrument is None else instrument.currency,
        refused=exit_.refused or None,
    )


def _cost(state: State, exit_: Exit, *, mark: Price | None) -> str | None:
    """Return what the whole exit at its last limit leaves behind the mark, to eight places."""
    instrument = definition(state, exit_.instrument)
    if instrument is None or mark is None or not exit_.prices:
        return None
    position = state.durable.positions[exit_.instrument]
    at_mark = unrealised(position, mark=mark, instrument=instrument)
    at_worst = unrealised(position, mark=exit_.prices[-1], instrument=instrument)
    return plain(shown(at_mark - at_worst))
