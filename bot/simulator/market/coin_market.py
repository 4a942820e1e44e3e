"""The modelled market of one coin: path, surface, quotes and trades, step by step."""

import math
from collections.abc import Iterable
from decimal import Decimal
from random import Random
from typing import Final, final

from bot.domain.ids import IndexName, InstrumentName
from bot.domain.instant import HOUR_MS, MINUTE_MS, years_between
from bot.domain.instrument import Instrument
from bot.simulator.feed import OutsideTrade, Quotes
from bot.simulator.market.coin_state import STEP_MS, CoinState, Posted
from bot.simulator.market.forwards import forward_usd
from bot.simulator.market.funding import funding_8h
from bot.simulator.market.index_history import IndexHistory
from bot.simulator.market.index_path import IndexState, step_index
from bot.simulator.market.listing import Listing
from bot.simulator.market.posting import Shown, show_option, show_straight
from bot.simulator.market.regime import NORMAL, Regime
from bot.simulator.market.reversion import revert
from bot.simulator.market.specification import Coin
from bot.simulator.market.strangers import Strangers
from bot.simulator.market.streams import stream
from bot.simulator.market.vol_path import VolShock, VolState, base_surface, moved, step_vol

__all__ = ["CoinMarket", "begin"]

_REQUOTES_MAX: Final = 60  # option books in a step; those that waited longest go first
_SURFACE_STEPS: Final = 10
_REVIEW_STEPS: Final = 10 * MINUTE_MS // STEP_MS  # of the strikes
_BASIS_SD: Final = 5e-4
_BASIS_HALF_LIFE_MS: Final = HOUR_MS
_PREMIUM_HALF_LIFE_MS: Final = 2 * HOUR_MS


def begin(coin: Coin, *, regime: Regime, step: int) -> CoinState:
    """Return the state of a market that opens at a step; it lists and quotes when it is built."""
    ln_price = math.log(coin.start_usd)
    return CoinState(
        coin=coin.name,
        ln_price=ln_price,
        variance=regime.sigma * regime.sigma,
        ln_anchor=ln_price,
        vol_noise=0.0,
        shock=(0.0, 0.0),
        premiums={},
        basis_noise={},
        strikes={},
        posted={},
        excited={},
        history=((step * STEP_MS, Decimal(f"{coin.start_usd:.2f}")),),
    )


@final
class CoinMarket:
    """One coin's market at a step. A function of seed, regime and the steps that were taken."""

    def __init__(
        self, coin: Coin, *, seed: int, regime: Regime, step: int, state: CoinState
    ) -> None:
        """Go on from a state: what was quoted is quoted again, as it was."""
        self._coin = coin
        self._seed = seed
        self._regime = regime
        self._step = step
        self._index = IndexState(state.ln_price, state.variance)
        self._vol = VolState(state.ln_anchor, state.vol_noise)
        level = regime.sigma / NORMAL.sigma
        self._base = base_surface(coin.variance_factor * level * level)
        self._shock = VolShock(*state.shock)
        self._surface = moved(self._base, shock=self._shock) or self._base
        self._listing = Listing(coin, strikes=state.strikes, at_ms=step * STEP_MS)
        self._premiums = {n: state.premiums.get(n, 0.0) for n in self._listing.perpetuals}
        self._basis_noise = dict(state.basis_noise)
        self._strangers = Strangers(state.excited)
        self._history = IndexHistory(state.history)
        self._values: dict[int | InstrumentName, float] = {}  # forwards by expiry, marks by name
        self._shown: dict[InstrumentName, Shown] = {}
        if not state.strikes:
            self._review()
        self._note_values()
        for instrument in self._listing:
            posted = state.posted.get(instrument.name)
            if posted is not None:
                self._shown[instrument.name] = self._show(instrument, posted)
        if not state.posted:
            self.post_all()

    def instruments(self) -> Iterable[Instrument]:
        """Return all that are listed."""
        return iter(self._listing)

    def quotes(self) -> Iterable[Quotes]:
        """Return what is shown of every instrument."""
        return (shown.quotes for shown in self._shown.values())

    def shows(self, name: InstrumentName) -> bool:
        """Say whether the instrument is quoted here now."""
        return name in self._shown

    def indices(self) -> dict[IndexName, Decimal]:
        """Return the indices of this coin; USDC counts as a dollar."""
        price = Decimal(f"{self._index.price:.2f}")
        return {self._coin.index: price, self._coin.linear_index: price}

    def funding(self) -> dict[InstrumentName, float]:
        """Return the current rate of each perpetual, per 8 hours."""
        return {name: funding_8h(premium) for name, premium in self._premiums.items()}

    def index_mean(self, from_ms: int, to_ms: int) -> Decimal:
        """Return the mean of the index."""
        return self._history.mean(from_ms, to_ms)

    def take_step(self) -> tuple[tuple[Quotes, ...], tuple[OutsideTrade, ...]]:
        """Go on by one step: the path moves, quotes follow what moved before, strangers trade.

        The step between a move and the answer to it is where a resting quote is stale, as it is at
        the venue for 20 to 200 ms (DOMAIN §4.4).
        """
        due = self._due()
        self.drift_to(self._step + 1)
        quotes = tuple(self._post(i) for i in due if self._is_alive(i))
        return quotes, self._trades()

    def drift_to(self, step: int) -> None:
        """Move path, surface and listings to a later step at once, without quotes or trades."""
        lasting_ms = (step - self._step) * STEP_MS
        draws = stream(self._seed, name=f"path/{self._coin.name}/{step}")
        self._index = step_index(
            self._index,
            regime=self._regime,
            at_ms=self._step * STEP_MS,
            lasting_ms=lasting_ms,
            draws=draws,
        )
        self._vol = step_vol(
            self._vol, ln_price=self._index.ln_price, lasting_ms=lasting_ms, draws=draws
        )
        self._move_carry(lasting_ms, draws)
        is_long = step > self._step + 1
        self._step = step
        at_ms = step * STEP_MS
        self._history.note(at_ms, price=Decimal(f"{self._index.price:.2f}"))
        if is_long or step % _SURFACE_STEPS == 0:
            self._move_surface()
        if is_long or step % _REVIEW_STEPS == 0 or self._listing.has_expired(at_ms):
            self._review()
        self._note_values()

    def post_all(self) -> None:
        """Quote everything anew."""
        for instrument in self._listing:
            self._post(instrument)

    def state(self) -> CoinState:
        """Return what must be kept."""
        return CoinState(
            coin=self._coin.name,
            ln_price=self._index.ln_price,
            variance=self._index.variance,
            ln_anchor=self._vol.ln_anchor,
            vol_noise=self._vol.noise,
            shock=(self._shock.index_return, self._shock.noise),
            premiums={str(name): value for name, value in sorted(self._premiums.items())},
            basis_noise=dict(sorted(self._basis_noise.items())),
            strikes=self._listing.strikes,
            posted={str(name): shown.posted for name, shown in sorted(self._shown.items())},
            excited=self._strangers.excited,
            history=self._history.points,
        )

    def _move_carry(self, lasting_ms: int, draws: Random) -> None:
        for name in sorted(self._premiums):
            self._premiums[name] = revert(
                self._premiums[name],
                half_life_ms=_PREMIUM_HALF_LIFE_MS,
                sd=self._regime.premium_sd,
                lasting_ms=lasting_ms,
                draws=draws,
            )
        for expiry_ms in sorted(self._basis_noise):
            self._basis_noise[expiry_ms] = revert(
                self._basis_noise[expiry_ms],
                half_life_ms=_BASIS_HALF_LIFE_MS,
                sd=_BASIS_SD,
                lasting_ms=lasting_ms,
                draws=draws,
            )

    def _move_surface(self) -> None:
        shock = VolShock(self._index.ln_price - self._vol.ln_anchor, self._vol.noise)
        found = moved(self._base, shock=shock)
        if found is not None:  # else the old one stays: a move never brings arbitrage
            self._surface, self._shock = found, shock

    def _review(self) -> None:
        if not self._listing.review(self._step * STEP_MS, price=self._index.price):
            return
        self._basis_noise = {e: self._basis_noise.get(e, 0.0) for e in self._listing.expiries}
        names = {instrument.name for instrument in self._listing}
        self._shown = {name: shown for name, shown in self._shown.items() if name in names}

    def _note_values(self) -> None:
        """Work out marks of perpetuals and forwards of expiries, once a step."""
        self._values = {n: self._index.price * (1.0 + p) for n, p in self._premiums.items()}
        for expiry_ms in self._listing.expiries:
            self._values[expiry_ms] = forward_usd(
                self._index.price,
                expiry_ms=expiry_ms,
                at_ms=self._step * STEP_MS,
                regime=self._regime,
                noise=self._basis_noise[expiry_ms],
                mean=self._history.mean,
            )

    def _value_usd(self, instrument: Instrument) -> float:
        """Return the forward of a dated instrument, the mark of a perpetual."""
        return self._values[instrument.expiry_ms or instrument.name]

    def _is_alive(self, instrument: Instrument) -> bool:
        return instrument.expiry_ms is None or instrument.expiry_ms > self._step * STEP_MS

    def _due(self) -> tuple[Instrument, ...]:
        """Return what is to be quoted in the next step: moved half a tick, old, or new."""
        found = [i for i in self._listing.straight() if self._is_due(i, self._value_usd(i))]
        waiting: list[Instrument] = []
        for expiry_ms, listed in self._listing.options.items():
            forward = self._values[expiry_ms]
            waiting.extend(i for i in listed.values() if self._is_due(i, forward))
        if len(waiting) > _REQUOTES_MAX:
            waiting.sort(key=lambda i: (self._posted_step(i.name), i.name))
        return (*found, *waiting[:_REQUOTES_MAX])

    def _is_due(self, instrument: Instrument, value_usd: float) -> bool:
        shown = self._shown.get(instrument.name)
        return shown is None or shown.is_due(self._step, value_usd=value_usd)

    def _posted_step(self, name: InstrumentName) -> int:
        shown = self._shown.get(name)
        return shown.posted.step if shown is not None else -1

    def _post(self, instrument: Instrument) -> Quotes:
        value_usd = self._value_usd(instrument)
        sigma = 0.0
        if instrument.strike is not None and instrument.expiry_ms is not None:
            years = years_between(self._step * STEP_MS, instrument.expiry_ms)
            sigma = self._surface.vol(math.log(float(instrument.strike) / value_usd), years=years)
        shown = self._show(instrument, Posted(self._step, value_usd, sigma))
        self._shown[instrument.name] = shown
        return shown.quotes

    def _show(self, instrument: Instrument, posted: Posted) -> Shown:
        if instrument.strike is None or instrument.expiry_ms is None:
            return show_straight(instrument, posted=posted, seed=self._seed, regime=self._regime)
        return show_option(
            instrument,
            posted=posted,
            seed=self._seed,
            regime=self._regime,
            size_factor=self._coin.size_factor,
            underlying_index=self._listing.underlying_index(
                instrument.expiry_ms, at_ms=posted.step * STEP_MS
            ),
        )

    def _trades(self) -> tuple[OutsideTrade, ...]:
        draws = stream(self._seed, name=f"trades/{self._coin.name}/{self._step}")
        straight = self._strangers.straight(
            self._listing.straight(), shown=self._shown, draws=draws
        )
        in_option = self._strangers.option(
            (i for listed in self._listing.options.values() for i in listed.values()),
            shown=self._shown,
            at_ms=self._step * STEP_MS,
            size_factor=self._coin.size_factor,
            draws=draws,
        )
        return straight if in_option is None else (*straight, in_option)
