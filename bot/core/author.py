"""Who has decided: the strategy, or the guard that contains damage."""

from typing import Final, NamedTuple

from bot.domain.ids import StrategyName
from bot.strategy.interface import Strategy

__all__ = ["GUARD", "Author", "author_of"]


class Author(NamedTuple):
    """A decision's author, with the version that is part of its identity [C-102]."""

    name: StrategyName
    version: str


GUARD: Final = Author(StrategyName("guard"), "1")


def author_of(strategy: Strategy) -> Author:
    """Return a strategy as an author."""
    return Author(StrategyName(strategy.name), strategy.version)
