"""What the strangle watches."""

from collections.abc import Mapping

from bot.domain.ids import InstrumentName
from bot.domain.instrument import Instrument
from bot.strategy.chain import expiry_of, options_at
from bot.strategy.interface import Params
from bot.strategy.strangle.params import read

__all__ = ["universe"]


def universe(
    instruments: Mapping[InstrumentName, Instrument], now_ms: int, params: Params
) -> frozenset[InstrumentName]:
    """Return the options of the expiry that a new strangle would use."""
    expiry_ms = expiry_of(instruments.values(), now_ms=now_ms, days=read(params).days)
    return options_at(instruments, expiry_ms=expiry_ms)
