"""The strategies that ship, by name."""

from collections.abc import Mapping
from typing import Final

from bot.strategy.heartbeat import HEARTBEAT
from bot.strategy.interface import Strategy
from bot.strategy.strangle import STRANGLE
from bot.strategy.vertical import VERTICAL

__all__ = ["SHIPPED"]

SHIPPED: Final[Mapping[str, Strategy]] = {
    strategy.name: strategy for strategy in (HEARTBEAT, STRANGLE, VERTICAL)
}
