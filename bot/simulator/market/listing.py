"""What one coin's market has listed: perpetuals always, options and futures by the calendar."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, final

from bot.domain.ids import InstrumentName
from bot.domain.instant import years_between
from bot.domain.instrument import Instrument, OptionType
from bot.simulator.market.expiries import future_expiries, option_expiries
from bot.simulator.market.forwards import delta_weight
from bot.simulator.market.specification import (
    Coin,
    future,
    inverse_perpetual,
    linear_perpetual,
    option,
)
from bot.simulator.market.strikes import first_strikes, more_strikes

__all__ = ["Listing"]

_GRID_YEARS_MIN: Final = 1 / 365  # an expiry that is hours away still has a grid of a day


@final
class Listing:
    """The instruments of one coin. Strikes are what must be kept; all else follows from them.

    What is listed stays listed until it expires.
    """

    def __init__(self, coin: Coin, *, strikes: Mapping[int, tuple[int, ...]], at_ms: int) -> None:
        """List what was listed before; a new market has no strikes and lists at its `review`."""
        self._coin = coin
        self._strikes = dict(strikes)
        perpetuals = (inverse_perpetual(coin), linear_perpetual(coin))
        self.perpetuals: Final = {instrument.name: instrument for instrument in perpetuals}
        self.futures: dict[int, Instrument] = {}
        self.options: dict[int, dict[InstrumentName, Instrument]] = {}
        self._build(at_ms)

    def __iter__(self) -> Iterator[Instrument]:
        """Return all, perpetuals first, then futures, then options by expiry and strike."""
        yield from self.straight()
        for listed in self.options.values():
            yield from listed.values()

    def straight(self) -> Iterator[Instrument]:
        """Return perpetuals and futures."""
        yield from self.perpetuals.values()
        yield from self.futures.values()

    @property
    def strikes(self) -> dict[int, tuple[int, ...]]:
        """The strikes by expiry, soonest first."""
        return dict(sorted(self._strikes.items()))

    @property
    def expiries(self) -> tuple[int, ...]:
        """Every expiry that has an option or a future, soonest first."""
        return tuple(sorted(self.futures.keys() | self.options.keys()))

    def has_expired(self, at_ms: int) -> bool:
        """Say whether something listed has expired."""
        return min(self.expiries) <= at_ms

    def review(self, at_ms: int, *, price: float) -> bool:
        """List what is due, drop what has expired, add strikes where the index has gone.

        Returns True when anything changed.
        """
        strikes: dict[int, tuple[int, ...]] = {}
        for expiry_ms in option_expiries(at_ms):
            known = self._strikes.get(expiry_ms)
            years = max(years_between(at_ms, expiry_ms), _GRID_YEARS_MIN)
            strikes[expiry_ms] = (
                first_strikes(price, years=years)
                if known is None
                else more_strikes(known, price=price)
            )
        if strikes == self._strikes:
            return False
        self._strikes = strikes
        self._build(at_ms)
        return True

    def underlying_index(self, expiry_ms: int, *, at_ms: int) -> str:
        """Name the forward of an expiry as the venue does: its future, or a synthetic one."""
        if delta_weight(expiry_ms=expiry_ms, at_ms=at_ms) < 1.0:
            return "SYN.EXPIRY"
        own = self.futures.get(expiry_ms)
        return own.name if own else f"SYN.{future(self._coin, expiry_ms=expiry_ms).name}"

    def _build(self, at_ms: int) -> None:
        self.futures = {
            expiry_ms: future(self._coin, expiry_ms=expiry_ms)
            for expiry_ms in future_expiries(at_ms)
        }
        self.options = {}
        for expiry_ms, strikes in self.strikes.items():
            listed = (
                option(self._coin, expiry_ms=expiry_ms, strike=Decimal(strike), option_type=which)
                for strike in strikes
                for which in OptionType
            )
            self.options[expiry_ms] = {instrument.name: instrument for instrument in listed}
