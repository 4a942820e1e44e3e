"""The delta-hedged short strangle (DOMAIN §9.1)."""

from typing import Final

from bot.strategy.interface import Strategy
from bot.strategy.strangle.decide import decide
from bot.strategy.strangle.params import DEFAULTS, read
from bot.strategy.strangle.universe import universe

__all__ = ["STRANGLE"]

STRANGLE: Final = Strategy(
    name="strangle",
    version="2",
    defaults=DEFAULTS,
    check=read,
    universe=universe,
    decide=decide,
)
