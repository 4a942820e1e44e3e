"""Markets that run for a while, and what they showed."""

from typing import Final

from bot.domain.ids import InstrumentName
from bot.domain.instrument import Instrument
from bot.simulator.feed import MarketTick, Quotes
from drills.world.market import REGIMES, WorldMarket

START_MS: Final = 1_795_564_800_000  # 2026-11-25T00:00:00Z, a Wednesday
PERPETUAL: Final = InstrumentName("BTC-PERPETUAL")


class Watched:
    """A market with the last quotes of every instrument beside it."""

    def __init__(self, regime: str, *, seed: int = 7, start_ms: int = START_MS) -> None:
        self.feed = WorldMarket(seed=seed, start_ms=start_ms, regime=REGIMES[regime], step_ms=1_000)
        self.now_ms = start_ms
        self.quotes: dict[InstrumentName, Quotes] = {}
        self.tick = self._note(self.feed.advance(start_ms))

    def go_to(self, at_ms: int, *, step_ms: int = 5_000) -> None:
        """Walk in steps; the last may be shorter."""
        while self.now_ms < at_ms:
            self.now_ms = min(self.now_ms + step_ms, at_ms)
            self.tick = self._note(self.feed.advance(self.now_ms))

    def go_into(self, seconds: float, *, step_ms: int = 5_000) -> None:
        """Walk until the scenario has lasted so long."""
        self.go_to(self.feed.scenario_ms + round(seconds * 1_000), step_ms=step_ms)

    @property
    def index(self) -> float:
        """The index in USD."""
        return float(next(iter(self.tick.indices.values())))

    @property
    def perpetual(self) -> Quotes:
        """What the perpetual shows."""
        return self.quotes[PERPETUAL]

    def listed(self) -> dict[InstrumentName, Instrument]:
        """Return all that exist now."""
        return {i.name: i for i in self.feed.instruments(self.now_ms)}

    def options(self) -> list[tuple[Instrument, Quotes]]:
        """Return all options with what they show."""
        return [(i, self.quotes[n]) for n, i in self.listed().items() if i.strike is not None]

    def _note(self, tick: MarketTick) -> MarketTick:
        self.quotes.update((q.instrument, q) for q in tick.quotes)
        return tick
