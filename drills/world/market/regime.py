"""One regime of the world: how the market is at rest, and what a scenario lays over it."""

from dataclasses import dataclass
from typing import Final, final

from bot.simulator.market.regime import NORMAL, Regime
from drills.world.market.path import Path, Windows, flat

__all__ = ["Overlay", "WorldRegime"]

_NONE: Final = flat(0.0)
_SAME: Final = flat(1.0)
_NEVER: Final = Windows()


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """What the scenario does at one instant; the fields are those of `WorldRegime`."""

    shift: float
    sigma: float
    iv: float
    call_skew: float
    spread: float
    depth: float
    perpetual_ticks: float
    perpetual_depth: float
    premium: float
    funding: float
    pin: float
    lacks_put_bids: bool
    has_frozen_marks: bool
    is_crossed: bool


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class WorldRegime:
    """A row of the table. Paths run over the minutes of the scenario (DOMAIN §8.1).

    A scenario comes again each `period_minutes`, so its paths end where they began. It begins at a
    seeded time soon after the start, or each day at `daily_at_minute`, UTC.
    """

    id: str
    market: Regime = NORMAL  # the index, the basis and the perpetual at rest
    # Above the σ of the index, so that to sell options is not a loss by construction.
    base_iv: float = 0.60
    option_trades_per_hour: float = 120.0  # over all option books
    perpetual_trades_per_hour: float = 360.0
    period_minutes: int = 180
    daily_at_minute: int | None = None
    shift: Path = _NONE  # of the log price
    sigma: Path = _SAME  # factor on what the index moves by itself
    iv: Path = _SAME  # factor
    call_skew: Path = _NONE  # volatility, added to strikes a deviation above the forward
    spread: Path = _SAME  # factor, options
    depth: Path = _SAME  # factor, options
    perpetual_ticks: Path = _SAME  # the full spread
    perpetual_depth: Path = _SAME  # factor
    premium: Path = _NONE  # of the perpetual over the index, a fraction
    funding: Path = _NONE  # per 8 hours, added to what the premium gives, within the cap
    pin: Path = _NONE  # 0 free … 1 held at the listed strike that was nearest when it began
    lacks_put_bids: Windows = _NEVER  # of puts out of the money
    frozen_marks: Windows = _NEVER
    crossed: Windows = _NEVER

    @property
    def lasting_minutes(self) -> float:
        """How long the scenario lasts; 0 when nothing ever lies over the market."""
        paths = (
            self.shift, self.sigma, self.iv, self.call_skew, self.spread, self.depth,
            self.perpetual_ticks, self.perpetual_depth, self.premium, self.funding, self.pin,
        )  # fmt: skip
        ends = [path.points[-1][0] for path in paths]
        for windows in (self.lacks_put_bids, self.frozen_marks, self.crossed):
            ends.extend(end for _, end in windows.spans)
        return max(ends)

    def at(self, minute: float) -> Overlay:
        """Return what lies over the market at a minute of the scenario; negative before it."""
        return Overlay(
            shift=self.shift.at(minute),
            sigma=self.sigma.at(minute),
            iv=self.iv.at(minute),
            call_skew=self.call_skew.at(minute),
            spread=self.spread.at(minute),
            depth=self.depth.at(minute),
            perpetual_ticks=self.perpetual_ticks.at(minute),
            perpetual_depth=self.perpetual_depth.at(minute),
            premium=self.premium.at(minute),
            funding=self.funding.at(minute),
            pin=self.pin.at(minute),
            lacks_put_bids=self.lacks_put_bids.hold(minute),
            has_frozen_marks=self.frozen_marks.hold(minute),
            is_crossed=self.crossed.hold(minute),
        )
