"""What the vertical watches."""

from collections.abc import Mapping

from bot.domain.ids import InstrumentName
from bot.domain.instrument import Instrument, OptionType
from bot.strategy.chain import expiry_of, options_at
from bot.strategy.interface import Params
from bot.strategy.vertical.params import read

__all__ = ["universe"]


def universe(
    instruments: Mapping[InstrumentName, Instrument], now_ms: int, params: Params
) -> frozenset[InstrumentName]:
    """Return the puts of the expiry that a new spread would use."""
    expiry_ms = expiry_of(instruments.values(), now_ms=now_ms, days=read(params).days)
    return frozenset(
        name
        for name in options_at(instruments, expiry_ms=expiry_ms)
        if instruments[name].option_type is OptionType.PUT
    )
