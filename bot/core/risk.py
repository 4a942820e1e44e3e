"""The engine's own risk, now and at worst case: what is booked, and what may still fill."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.core.state import State
from bot.core.stranger import strangers_found
from bot.core.whose import left_of, strangers
from bot.domain.ids import Currency, InstrumentName
from bot.domain.instrument import Instrument, Kind
from bot.domain.money import Amount
from bot.domain.side import Side
from bot.portfolio.exposure import Exposure, Pending, UnitRisk, exposure_of, unit_risk

__all__ = ["Risk", "definition", "option_totals", "risk_of", "signed_pending"]


@dataclass(frozen=True, slots=True)
class Risk:
    """One currency's unit risks, what is held, what is pending, and what of others stands apart."""

    units: Mapping[InstrumentName, UnitRisk]
    held: Mapping[InstrumentName, Decimal]
    pending: tuple[Pending, ...]
    apart: tuple[Pending, ...] = ()

    def exposure(self, *more: Pending) -> Exposure | InstrumentName:
        """Sum it up, further pending orders included; or name what cannot be computed."""
        return exposure_of(self.held, (*self.pending, *self.apart, *more), units=self.units)


def definition(state: State, name: InstrumentName) -> Instrument | None:
    """Return the definition that holds: the venue's latest, else the one a position came with."""
    return state.market.instruments.get(name) or state.durable.instruments.get(name)


def risk_of(state: State, currency: Currency, *, also: Iterable[InstrumentName] = ()) -> Risk:
    """Draw the risk of one currency; `also` names instruments about to be traded.

    A stale mark gives no unit risk: what cannot be computed now is unknown (DOMAIN §6).
    """
    durable = state.durable
    held = {
        name: position.quantity
        for name, position in sorted(durable.positions.items())
        if position.quantity != 0 and _settles_in(state, name, currency)
    }
    pending = tuple(
        Pending(name, signed_pending(side, amount))
        for name, side, amount in _may_fill(state)
        if _settles_in(state, name, currency)
    )
    # A stranger's position may go as it came: at worst case it is there where it harms, and it
    # relieves nothing [C-509].
    apart = tuple(
        Pending(name, amount)
        for name, amount in _positions_apart(state)
        if _settles_in(state, name, currency)
    )
    beside = {order.instrument for order in (*pending, *apart)}
    names = {*held, *beside, *also}
    units = {}
    for name in sorted(names):
        instrument, ticker = definition(state, name), state.market.tickers.get(name)
        age_ms = state.market.mark_age_ms(name, now_ms=state.now_ms)
        limit_ms = state.settings.policy.execution.mark_ms_max
        if instrument is None or ticker is None or age_ms is None or age_ms > limit_ms:
            continue
        unit = unit_risk(instrument, ticker, now_ms=state.now_ms)
        if unit is not None:
            units[name] = unit
    return Risk(units=units, held=held, pending=pending, apart=apart)


def signed_pending(side: Side, amount: Decimal) -> Decimal:
    """Give an amount its side's sign."""
    return amount if side is Side.BUY else amount.copy_negate()


def option_totals(state: State, *, of: Instrument) -> tuple[Amount, Amount]:
    """Return gross options of a currency, and short ones of an expiry, at worst case.

    Every pending order counts as filled on its own side; a pending buy relieves no short.
    """
    gross, short = Decimal(0), Decimal(0)
    low: dict[InstrumentName, Decimal] = {}
    high: dict[InstrumentName, Decimal] = {}
    for name, position in state.durable.positions.items():
        low[name] = high[name] = position.quantity
    for name, side, amount in (*_may_fill(state), *_as_if_filled(state)):
        if side is Side.BUY:
            high[name] = high.get(name, Decimal(0)) + amount
            low.setdefault(name, Decimal(0))
        else:
            low[name] = low.get(name, Decimal(0)) - amount
            high.setdefault(name, Decimal(0))
    for name in sorted(low):
        instrument = definition(state, name)
        if instrument is None or instrument.kind is not Kind.OPTION:
            continue
        if instrument.currency != of.currency:
            continue
        gross += max(low[name].copy_abs(), high[name].copy_abs())
        if instrument.expiry_ms == of.expiry_ms:
            short += max(low[name].copy_negate(), Decimal(0))
    return Amount(gross), Amount(short)


def _may_fill(state: State) -> Iterator[tuple[InstrumentName, Side, Amount]]:
    """Name all that may still fill: every intent's remainder, and what rests beside them. Whoever
    placed it, a fill of it is ours to bear.
    """
    for order in sorted(state.durable.orders.values(), key=lambda known: known.recorded_seq):
        if order.remaining > 0:
            yield order.intent.instrument, order.intent.side, order.remaining
    for report in strangers(state):
        yield report.instrument, report.side, left_of(report)


def _positions_apart(state: State) -> Iterator[tuple[InstrumentName, Amount]]:
    for stranger in strangers_found(state):
        if not stranger.is_order:
            yield stranger.instrument, stranger.amount


def _as_if_filled(state: State) -> Iterator[tuple[InstrumentName, Side, Amount]]:
    for name, amount in _positions_apart(state):
        yield name, Side.BUY if amount > 0 else Side.SELL, Amount(amount.copy_abs())


def _settles_in(state: State, name: InstrumentName, currency: Currency) -> bool:
    instrument = definition(state, name)
    return instrument is None or instrument.currency == currency
