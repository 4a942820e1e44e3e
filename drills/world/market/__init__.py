"""A small market outside for a world in virtual time, from a seed."""

from drills.world.market.market import WorldMarket
from drills.world.market.regime import WorldRegime
from drills.world.market.regimes import REGIMES

__all__ = ["REGIMES", "WorldMarket", "WorldRegime"]
