"""The modelled market: BTC and ETH from a seed, in steps of 100 ms (DOMAIN §4)."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final, final

import msgspec

from bot.domain.ids import IndexName, InstrumentName
from bot.domain.instrument import Instrument
from bot.simulator.feed import MarketTick, OutsideTrade, Quotes
from bot.simulator.market.coin_market import CoinMarket, begin
from bot.simulator.market.coin_state import STEP_MS, CoinState
from bot.simulator.market.fault import BadSaveError
from bot.simulator.market.regime import NORMAL, REGIMES, Regime
from bot.simulator.market.specification import COINS

__all__ = ["ModelledMarket"]

_VERSION: Final = 1
_FINE_STEPS_MAX: Final = 100  # 10 s: a longer gap is lived through in bigger steps up to there
_COARSE_STEPS_MAX: Final = 64


class _Saved(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: int
    seed: int
    regime: str
    step: int
    coins: tuple[CoinState, ...]


@final
class ModelledMarket:
    """A market outside, from a seed: the `Feed` that needs no recording.

    The path depends on seed, regime, start and time, not on how often `advance` is called, as long
    as the gaps between calls are 10 s or less. A longer gap (the simulator was down) is crossed in
    at most 64 bigger steps to 10 s before its end, without quotes and trades of strangers.
    """

    def __init__(
        self, *, seed: int, start_ms: int, regime: Regime = NORMAL, saved: bytes | None = None
    ) -> None:
        """Open at `start_ms`, or go on from what `save` gave.

        Seed, regime and start are those of the saved market then. Raises BadSaveError when the
        bytes are none of ours.
        """
        if saved is None:
            step = start_ms // STEP_MS
            states = tuple(begin(coin, regime=regime, step=step) for coin in COINS)
            found = _Saved(version=_VERSION, seed=seed, regime=regime.name, step=step, coins=states)
        else:
            found = _decode(saved)
        self._seed = found.seed
        self._regime = REGIMES[found.regime]
        self._step = found.step
        self._coins = tuple(
            CoinMarket(coin, seed=found.seed, regime=self._regime, step=found.step, state=state)
            for coin, state in zip(COINS, found.coins, strict=True)
        )
        self._is_fresh = True

    def instruments(self, at_ms: int) -> tuple[Instrument, ...]:
        """Return all that are listed and have not expired at `at_ms`, sorted by name."""
        listed = (i for market in self._coins for i in market.instruments())
        alive = (i for i in listed if i.expiry_ms is None or i.expiry_ms > at_ms)
        return tuple(sorted(alive, key=lambda instrument: instrument.name))

    def advance(self, at_ms: int) -> MarketTick:
        """Go on to the step of `at_ms`; the tick bears that step's time."""
        quotes: dict[InstrumentName, Quotes] = {}
        trades: list[OutsideTrade] = []
        target = at_ms // STEP_MS
        if self._is_fresh:
            self._note_all(quotes)
        if target - self._step > _FINE_STEPS_MAX:
            self._catch_up(target - _FINE_STEPS_MAX)
            quotes.clear()
            self._note_all(quotes)
        while self._step < target:
            for market in self._coins:
                shown, traded = market.take_step()
                quotes.update((quote.instrument, quote) for quote in shown)
                trades.extend(traded)
            self._step += 1
        self._is_fresh = False
        return MarketTick(
            at_ms=self._step * STEP_MS,
            indices={name: p for market in self._coins for name, p in market.indices().items()},
            quotes=tuple(quotes[name] for name in sorted(quotes) if self._shows(name)),
            trades=tuple(trade for trade in trades if self._shows(trade.instrument)),
            funding_8h={n: rate for market in self._coins for n, rate in market.funding().items()},
        )

    def index_mean(self, index: IndexName, from_ms: int, to_ms: int) -> Decimal:
        """Return the time-weighted mean of an index, to the cent."""
        for market in self._coins:
            if index in market.indices():
                return market.index_mean(from_ms, to_ms)
        raise ValueError(f"this market has no index {index}")

    def save(self) -> bytes:
        """Write the whole state in canonical bytes: equal states give equal bytes."""
        saved = _Saved(
            version=_VERSION,
            seed=self._seed,
            regime=self._regime.name,
            step=self._step,
            coins=tuple(market.state() for market in self._coins),
        )
        return msgspec.json.encode(saved)

    def _catch_up(self, step: int) -> None:
        before = self._step
        count = min(step - before, _COARSE_STEPS_MAX)
        for i in range(1, count + 1):
            for market in self._coins:
                market.drift_to(before + (step - before) * i // count)
        for market in self._coins:
            market.post_all()
        self._step = step

    def _shows(self, name: InstrumentName) -> bool:
        return any(market.shows(name) for market in self._coins)

    def _note_all(self, quotes: dict[InstrumentName, Quotes]) -> None:
        shown: Iterable[Quotes] = (q for market in self._coins for q in market.quotes())
        quotes.update((quote.instrument, quote) for quote in shown)


def _decode(saved: bytes) -> _Saved:
    try:
        found = msgspec.json.decode(saved, type=_Saved)
    except msgspec.DecodeError as fault:
        raise BadSaveError(str(fault)) from None
    if found.version != _VERSION:
        raise BadSaveError(f"its version is {found.version}, this market reads {_VERSION}")
    if found.regime not in REGIMES:
        raise BadSaveError(f"it names the regime {found.regime!r}")
    if [state.coin for state in found.coins] != [coin.name for coin in COINS]:
        raise BadSaveError("it holds other coins")
    return found
