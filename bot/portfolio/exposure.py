"""What a set of positions and pending orders can come to mean: delta, gamma and vega at worst case.

Pending orders fill wholly, partly or not at all; every sum is linear in what fills, so its extremes
lie where all of one sign fill and none of the other (DOMAIN §6) [C-108, C-114].
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.ids import InstrumentName
from bot.domain.instant import years_between
from bot.domain.instrument import Instrument, Kind
from bot.domain.report import Ticker
from bot.pricing.black76 import BadInput, greeks, years_for_limits

__all__ = ["Exposure", "Pending", "Span", "UnitRisk", "exposure_of", "unit_risk"]


@dataclass(frozen=True, slots=True)
class UnitRisk:
    """Risk of one amount unit held long: delta in coin (premium-adjusted), gamma in coin per 1 %,
    vega in USD per vol point.
    """

    delta: float
    gamma: float
    vega: float


@dataclass(frozen=True, slots=True)
class Pending:
    """An order that may still fill: its remainder, signed."""

    instrument: InstrumentName
    signed: Decimal


@dataclass(frozen=True, slots=True)
class Span:
    """A figure now, and the lowest and highest it can become by what is pending."""

    now: float
    low: float
    high: float

    @property
    def worst(self) -> float:
        """The largest magnitude in reach."""
        return max(abs(self.low), abs(self.high))


@dataclass(frozen=True, slots=True)
class Exposure:
    """One currency's risk. Never added over currencies."""

    delta: Span
    gamma: Span
    vega: Span


def unit_risk(instrument: Instrument, ticker: Ticker, *, now_ms: int) -> UnitRisk | None:
    """Return the risk of one unit, or None when the venue's figures do not allow to say.

    Source: DOMAIN §2.2; linear options are quoted per coin, so their premium adjustment is none.
    """
    if instrument.kind is not Kind.OPTION:
        if ticker.mark <= 0:
            return None
        return UnitRisk(
            delta=1 / float(ticker.mark) if instrument.is_inverse else 1.0, gamma=0.0, vega=0.0
        )
    sigma, forward = ticker.mark_iv, ticker.underlying
    if sigma is None or forward is None or instrument.strike is None:
        return None
    if instrument.option_type is None or instrument.expiry_ms is None:
        return None
    risk = greeks(
        instrument.option_type,
        forward=float(forward),
        strike=float(instrument.strike),
        years=years_for_limits(years_between(now_ms, instrument.expiry_ms)),
        sigma=sigma,
    )
    if isinstance(risk, BadInput):
        return None
    return UnitRisk(
        delta=risk.net_delta if instrument.is_inverse else risk.delta,
        gamma=risk.gamma * float(forward) * 0.01,
        vega=risk.vega,
    )


def exposure_of(
    positions: Mapping[InstrumentName, Decimal],
    pending: Iterable[Pending],
    *,
    units: Mapping[InstrumentName, UnitRisk],
) -> Exposure | InstrumentName:
    """Sum the risk of one currency; or name the first instrument whose unit risk is unknown."""
    deltas, gammas, vegas = _Sum(), _Sum(), _Sum()
    held = [(name, quantity) for name, quantity in sorted(positions.items()) if quantity != 0]
    for name, quantity in held:
        unit = units.get(name)
        if unit is None:
            return name
        deltas.hold(unit.delta * float(quantity))
        gammas.hold(unit.gamma * float(quantity))
        vegas.hold(unit.vega * float(quantity))
    for order in pending:
        unit = units.get(order.instrument)
        if unit is None:
            return order.instrument
        deltas.may_add(unit.delta * float(order.signed))
        gammas.may_add(unit.gamma * float(order.signed))
        vegas.may_add(unit.vega * float(order.signed))
    return Exposure(delta=deltas.span(), gamma=gammas.span(), vega=vegas.span())


class _Sum:
    """A running figure with its two ends."""

    def __init__(self) -> None:
        self._now, self._down, self._up = 0.0, 0.0, 0.0

    def hold(self, amount: float) -> None:
        self._now += amount

    def may_add(self, amount: float) -> None:
        self._down += min(0.0, amount)
        self._up += max(0.0, amount)

    def span(self) -> Span:
        return Span(now=self._now, low=self._now + self._down, high=self._now + self._up)
