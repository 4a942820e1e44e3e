"""What an order or an edit stands on: position, what may still fill, the hedge proof, the clock."""

from decimal import Decimal

from bot.core.foreign import apart_of
from bot.core.risk import Risk, definition
from bot.core.state import State
from bot.core.whose import doubles, left_of
from bot.domain.ids import InstrumentName
from bot.domain.instrument import Instrument, Kind
from bot.domain.money import Amount
from bot.intent.build import Ground
from bot.intent.classify import Pending
from bot.intent.hedge import HedgeProof
from bot.intent.quantise import PriceBounds
from bot.portfolio.position import FLAT

__all__ = ["ground_of"]


def ground_of(state: State, instrument: Instrument, *, risk: Risk) -> Ground:
    """Draw it from the state; `risk` is that of the instrument's currency."""
    position = state.durable.positions.get(instrument.name, FLAT)
    orders = sorted(state.durable.orders.values(), key=lambda order: order.recorded_seq)
    ticker = state.market.tickers.get(instrument.name)
    return Ground(
        instrument=instrument,
        quantity=_exitable(state, instrument, position.quantity),
        pending=(
            *(
                Pending(side=order.intent.side, remaining=order.remaining)
                for order in orders
                if order.intent.instrument == instrument.name and order.remaining > 0
            ),
            *(
                Pending(side=report.side, remaining=left_of(report))
                for _, report in doubles(state)
                if report.instrument == instrument.name
            ),
        ),
        hedge=_hedge_proof(state, instrument, risk),
        bounds=None if ticker is None else PriceBounds(ticker.price_min, ticker.price_max),
        now_ms=state.now_ms,
        clock_bound_ms=state.clock.bound_ms,
    )


def _exitable(state: State, instrument: Instrument, quantity: Amount) -> Amount:
    """Return what an exit may count on: nothing where a stranger's position stands against ours.

    The venue nets the two, and would refuse a reduce-only order that enlarges the account's own.
    """
    apart = apart_of(state.durable.foreign, instrument.name)
    is_against = apart != 0 and quantity != 0 and (apart > 0) != (quantity > 0)
    return Amount(Decimal(0)) if is_against else quantity


def _hedge_proof(state: State, instrument: Instrument, risk: Risk) -> HedgeProof | None:
    """Gather what proves a hedge; None when any part of it cannot be computed [C-109]."""
    policy = state.settings.policy.hedge
    per_unit = risk.units.get(instrument.name)
    if instrument.name not in policy.instruments or per_unit is None:
        return None
    names = {*risk.held, *(order.instrument for order in risk.pending)}
    if any(name not in risk.units for name in names) or state.recon.differences:
        return None  # a hedge of a position that the venue disputes is a bet [C-504]
    delta = sum(risk.units[name].delta * float(size) for name, size in risk.held.items())
    pending = tuple(
        risk.units[order.instrument].delta * float(order.signed) for order in risk.pending
    )
    short = sum(
        (-size for name, size in risk.held.items() if size < 0 and _is_option(state, name)),
        Decimal(0),
    )
    one_step = float(instrument.amount_step) * abs(per_unit.delta)
    band = max(float(policy.band_ratio) * float(short), one_step)
    return HedgeProof(
        instrument=instrument.name,
        delta=delta,
        pending=pending,
        per_unit=per_unit.delta,
        band=band,
    )


def _is_option(state: State, name: InstrumentName) -> bool:
    known = definition(state, name)
    return known is not None and known.kind is Kind.OPTION
