"""The strangers who trade one coin's books, step by step (DOMAIN §4.4)."""

from collections.abc import Iterable, Mapping
from random import Random
from typing import final

from bot.domain.ids import InstrumentName
from bot.domain.instrument import Instrument
from bot.simulator.feed import OutsideTrade
from bot.simulator.market.arrivals import Excitement, happens, outside_trade
from bot.simulator.market.coin_state import STEP_MS
from bot.simulator.market.posting import Shown

__all__ = ["Strangers"]


@final
class Strangers:
    """Arrivals that excite more arrivals. The excitement of the books is all that must be kept."""

    def __init__(self, excited: Mapping[str, tuple[float, int]]) -> None:
        """Go on from what was kept: level and time of it, by instrument."""
        self._excited = {InstrumentName(name): Excitement(*it) for name, it in excited.items()}

    @property
    def excited(self) -> dict[str, tuple[float, int]]:
        """What must be kept, sorted by name."""
        return {str(name): (e.level, e.at_ms) for name, e in sorted(self._excited.items())}

    def straight(
        self,
        instruments: Iterable[Instrument],
        *,
        shown: Mapping[InstrumentName, Shown],
        draws: Random,
    ) -> tuple[OutsideTrade, ...]:
        """Draw the trades of one step in perpetuals and futures, one a book at most."""
        found = (
            outside_trade(i, quotes=it.quotes, size_factor=1.0, draws=draws)
            for i in instruments
            if (it := shown.get(i.name)) and happens(it.rate, lasting_ms=STEP_MS, draws=draws)
        )
        return tuple(trade for trade in found if trade is not None)

    def option(
        self,
        instruments: Iterable[Instrument],
        *,
        shown: Mapping[InstrumentName, Shown],
        at_ms: int,
        size_factor: float,
        draws: Random,
    ) -> OutsideTrade | None:
        """Draw the one option trade that a step may have, from all books by their rates."""
        later = {name: excitement.later(at_ms) for name, excitement in self._excited.items()}
        self._excited = {
            name: left for name, left in later.items() if left is not None and name in shown
        }
        rates = [(i, it.rate) for i in instruments if (it := shown.get(i.name)) is not None]
        if self._excited:
            rates = [(i, rate * self._factor(i.name)) for i, rate in rates]
        total = sum(rate for _, rate in rates)
        if not rates or not happens(total, lasting_ms=STEP_MS, draws=draws):
            return None
        chosen = _choose(rates, draws.random() * total)
        quotes = shown[chosen.name].quotes
        trade = outside_trade(chosen, quotes=quotes, size_factor=size_factor, draws=draws)
        if trade is not None:
            before = self._excited.get(chosen.name)
            self._excited[chosen.name] = Excitement.after_trade(before, at_ms=at_ms)
        return trade

    def _factor(self, name: InstrumentName) -> float:
        excitement = self._excited.get(name)
        return 1.0 if excitement is None else 1.0 + excitement.level


def _choose(rates: list[tuple[Instrument, float]], mark: float) -> Instrument:
    left = mark
    for instrument, rate in rates:
        left -= rate
        if left < 0.0:
            return instrument
    return rates[-1][0]  # rounding of the sum
