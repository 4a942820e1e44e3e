"""Strangers who take from the world's books: seldom, mostly at the touch, sometimes deeper."""

from collections.abc import Sequence
from random import Random
from typing import Final

from bot.simulator.feed import OutsideTrade
from bot.simulator.market.arrivals import happens, outside_trade
from drills.world.market.option_book import OptionBook
from drills.world.market.perpetual_book import PerpetualBook
from drills.world.market.regime import WorldRegime

__all__ = ["trades_of"]

# Of the venue's median: near the sizes the engine rests, so that some are filled in part.
_SIZE_FACTOR: Final = 0.5


def trades_of(
    regime: WorldRegime,
    *,
    perpetual: PerpetualBook,
    options: Sequence[OptionBook],
    lasting_ms: int,
    draws: Random,
) -> tuple[OutsideTrade, ...]:
    """Draw the trades of one step: one in the perpetual at most, and one in one option."""
    found: list[OutsideTrade | None] = []
    if happens(regime.perpetual_trades_per_hour, lasting_ms=lasting_ms, draws=draws):
        found.append(_against(perpetual, draws))
    if options and happens(regime.option_trades_per_hour, lasting_ms=lasting_ms, draws=draws):
        found.append(_against(options[draws.randrange(len(options))], draws))
    return tuple(trade for trade in found if trade is not None)


def _against(book: OptionBook | PerpetualBook, draws: Random) -> OutsideTrade | None:
    if book.quotes is None:
        return None
    return outside_trade(book.instrument, quotes=book.quotes, size_factor=_SIZE_FACTOR, draws=draws)
