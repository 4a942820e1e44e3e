"""The credit put spread: bounded loss, entered and left as a pair (DOMAIN §9.3)."""

from typing import Final

from bot.strategy.interface import Strategy
from bot.strategy.vertical.decide import decide
from bot.strategy.vertical.params import DEFAULTS, read
from bot.strategy.vertical.universe import universe

__all__ = ["VERTICAL"]

VERTICAL: Final = Strategy(
    name="vertical",
    version="1",
    defaults=DEFAULTS,
    check=read,
    universe=universe,
    decide=decide,
)
