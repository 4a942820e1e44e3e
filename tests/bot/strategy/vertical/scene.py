"""A put spread on the market of DOMAIN §9: 53000 sold for 0.0120, 50000 bought for 0.0040.

A credit of 0.0080 coin. To close now costs 0.0130 less 0.0050, as much again.
"""

from collections.abc import Mapping
from typing import Any, Final

from bot.domain.ids import InstrumentName
from bot.domain.instrument import OptionType
from bot.strategy.interface import Held, Quote, View
from tests.bot.strategy.scene import held, listed, quote, view

__all__ = ["BOTH", "LONG", "SHORT", "spread"]

SHORT: Final = InstrumentName("BTC-26JUN26-53000-P")
LONG: Final = InstrumentName("BTC-26JUN26-50000-P")
BOTH: Final[Mapping[InstrumentName, Held]] = {
    SHORT: held("-0.3", "0.0120"),
    LONG: held("0.3", "0.0040"),
}

_CHAIN: Final = {name: listed(int(name.split("-")[2]), OptionType.PUT) for name in (SHORT, LONG)}
_QUOTES: Final[Mapping[InstrumentName, Quote]] = {
    SHORT: quote(bid="0.0120", ask="0.0130", delta=-0.20),
    LONG: quote(bid="0.0050", ask="0.0060", delta=-0.10),
}


def spread(*, quotes: Mapping[InstrumentName, Quote | None] | None = None, **changes: Any) -> View:
    """Return a view with nothing but these two puts and the perpetual; a quote of None is none."""
    away = dict.fromkeys(name for name, known in view().instruments.items() if known.strike)
    known = view()
    perpetual = {name: of for name, of in known.instruments.items() if of.strike is None}
    usual: dict[str, Any] = {"instruments": {**perpetual, **_CHAIN}}
    return view(quotes={**away, **_QUOTES, **(quotes or {})}, **{**usual, **changes})
