"""When an exit of the guard's counts as failed, and when it rests between two ladders [C-403]."""

from typing import Final

from bot.core.memory import Closing
from bot.core.risk import definition
from bot.core.state import State
from bot.domain.ids import InstrumentName
from bot.domain.instrument import Kind
from bot.group.ladder import STEP_MS, STEPS_MAX

__all__ = ["is_exhausted", "is_option", "is_resting"]

# Ten seconds are enough for the longest ladder: what lets no order through has failed as well.
_SLOW_MS: Final = 30_000


def is_exhausted(state: State, closing: Closing) -> bool:
    """Say whether the ladder has been gone down once, or it has taken too long for any reason.

    Time without a line is nobody's failure and does not count.
    """
    since_ms = max(closing.begun_ms, state.link.came_up_ms)
    return closing.tries >= STEPS_MAX or state.now_ms - since_ms > _SLOW_MS


def is_resting(state: State, closing: Closing) -> bool:
    """Say whether the guard waits for its next ladder: then others may try to exit [C-309]."""
    return is_exhausted(state, closing) and state.now_ms - closing.tried_ms > STEP_MS


def is_option(state: State, name: InstrumentName) -> bool:
    """Say whether an instrument is known to be an option."""
    known = definition(state, name)
    return known is not None and known.kind is Kind.OPTION
