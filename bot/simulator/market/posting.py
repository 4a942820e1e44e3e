"""One posting of quotes: everything that is shown of an instrument from one moment on."""

from dataclasses import dataclass, replace
from typing import Final, final

from bot.domain.instant import HOUR_MS, years_between
from bot.domain.instrument import Instrument, OptionType
from bot.pricing.black76 import BadInput, Greeks, greeks
from bot.simulator.feed import Quotes
from bot.simulator.market.arrivals import option_rate, straight_rate
from bot.simulator.market.coin_state import STEP_MS, Posted
from bot.simulator.market.forwards import delta_weight
from bot.simulator.market.quoting import option_quotes, straight_quotes
from bot.simulator.market.regime import Regime
from bot.simulator.market.spread_table import is_wing
from bot.simulator.market.streams import slot_of, stream

__all__ = ["Shown", "show_option", "show_straight"]

_REFRESH_STEPS: Final = 60  # 600 updates an hour
_WING_REFRESH_STEPS: Final = 600  # 60 an hour
_LACK_HOURS: Final = 6


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is shown of an instrument, and when it is due to be shown anew."""

    posted: Posted
    quotes: Quotes
    rate: float  # trades per hour
    slope: float  # of the mark, in quote units per USD of forward or mark
    half_tick: float
    period: int  # steps from one refresh to the next
    slot: int  # which step of the period, so that not all come together

    def is_due(self, step: int, *, value_usd: float) -> bool:
        """Say whether the mark has moved by half a tick, or the time for a refresh has come."""
        if abs(self.slope * (value_usd - self.posted.value_usd)) >= self.half_tick:
            return True
        return (step + self.slot) % self.period == 0 and step != self.posted.step


def show_straight(instrument: Instrument, *, posted: Posted, seed: int, regime: Regime) -> Shown:
    """Show a perpetual or future. Nothing but the arguments goes in, so that it can be redone."""
    return Shown(
        posted=posted,
        quotes=straight_quotes(
            instrument,
            mark_usd=posted.value_usd,
            regime=regime,
            draws=stream(seed, name=f"quote/{instrument.name}/{posted.step}"),
        ),
        rate=straight_rate(instrument),
        slope=1.0,
        half_tick=float(instrument.ticks.tick) / 2.0,
        period=_REFRESH_STEPS,
        slot=slot_of(instrument.name, slots=_REFRESH_STEPS),
    )


def show_option(
    instrument: Instrument,
    *,
    posted: Posted,
    seed: int,
    regime: Regime,
    size_factor: float,
    underlying_index: str,
) -> Shown:
    """Show an option. Nothing but the arguments goes in, so that it can be redone."""
    at_ms, expiry_ms = posted.step * STEP_MS, instrument.expiry_ms or 0
    at = _greeks(instrument, posted)
    block = at_ms // (_LACK_HOURS * HOUR_MS)
    quotes = option_quotes(
        instrument,
        greeks=at,
        sigma=posted.sigma,
        forward=posted.value_usd,
        underlying_index=underlying_index,
        at_ms=at_ms,
        regime=regime,
        size_factor=size_factor,
        lack_draw=stream(seed, name=f"lack/{instrument.name}/{block}").random(),
        draws=stream(seed, name=f"quote/{instrument.name}/{posted.step}"),
    )
    # Inside the delivery window the venue shows the delta that is left (DOMAIN §1.4).
    weight = delta_weight(expiry_ms=expiry_ms, at_ms=at_ms)
    if weight < 1.0:
        left = replace(at, delta=at.delta * weight, net_delta=at.net_delta * weight)
        quotes = replace(quotes, greeks=left)
    period = _WING_REFRESH_STEPS if is_wing(abs(at.delta)) else _REFRESH_STEPS
    return Shown(
        posted=posted,
        quotes=quotes,
        rate=option_rate(abs(at.delta)),
        slope=at.coin_slope,
        half_tick=float(instrument.ticks.at(quotes.mark)) / 2.0,
        period=period,
        slot=slot_of(instrument.name, slots=period),
    )


def _greeks(instrument: Instrument, posted: Posted) -> Greeks:
    found = greeks(
        instrument.option_type or OptionType.CALL,
        forward=posted.value_usd,
        strike=float(instrument.strike or 0),
        years=years_between(posted.step * STEP_MS, instrument.expiry_ms or 0),
        sigma=posted.sigma,
    )
    match found:
        case BadInput():
            raise AssertionError(f"the model left its own range: {instrument.name} {found}")
        case Greeks():
            return found
