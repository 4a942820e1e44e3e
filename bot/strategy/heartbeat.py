"""The strategy that does nothing: it proves that the loop turns."""

from collections.abc import Mapping
from typing import Final

from bot.domain.ids import InstrumentName
from bot.domain.instrument import Instrument
from bot.strategy.interface import Params, Proposal, Strategy, View

__all__ = ["HEARTBEAT"]


def _universe(
    _instruments: Mapping[InstrumentName, Instrument], _now_ms: int, _params: Params
) -> frozenset[InstrumentName]:
    return frozenset()


def _decide(_view: View, _params: Params) -> tuple[Proposal, ...]:
    return ()


HEARTBEAT: Final = Strategy(
    name="heartbeat", version="1", defaults={}, check=dict, universe=_universe, decide=_decide
)
