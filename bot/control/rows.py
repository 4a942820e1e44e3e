"""Positions, orders and exposure of the core's state as the rows that watchers see."""

from typing import Final

import msgspec

from bot.control.view import ClosingRow, ExposureRow, ForeignRow, Greeks, OrderRow, PositionRow
from bot.core.durable import Durable, Order
from bot.core.life import Phase
from bot.core.memory import Closing
from bot.core.risk import definition, risk_of
from bot.core.state import State
from bot.core.stranger import strangers_found
from bot.domain.ids import InstrumentName
from bot.domain.instant import iso, years_between
from bot.domain.instrument import Instrument, Kind
from bot.domain.money import plain
from bot.domain.ratio import shown
from bot.domain.report import Account, Ticker
from bot.portfolio.exposure import Exposure, unit_risk
from bot.portfolio.position import Position, average, unrealised
from bot.pricing.black76 import BadInput, greeks

__all__ = [
    "exposure_rows",
    "foreign_rows",
    "order_rows",
    "order_rows_of",
    "position_rows",
    "position_rows_of",
]

_FOREIGN_MAX: Final = 200
_DOUBTED = frozenset({Phase.RECORDED, Phase.SENT, Phase.UNKNOWN})


def position_rows(state: State) -> tuple[PositionRow, ...]:
    """Return what is held, with marks and greeks where they are known."""
    rows = []
    for name, position in sorted(state.durable.positions.items()):
        instrument = definition(state, name)
        if position.quantity != 0 and instrument is not None:
            ticker = state.market.tickers.get(name)
            row = _position(name, position, instrument, ticker, now_ms=state.now_ms)
            rows.append(_with_closing(row, state.durable.closings.get(name)))
    return tuple(rows)


def position_rows_of(durable: Durable) -> tuple[PositionRow, ...]:
    """Return what is held as the ledger alone tells it: without marks."""
    return tuple(
        _with_closing(
            _position(name, position, durable.instruments[name], None, now_ms=0),
            durable.closings.get(name),
        )
        for name, position in sorted(durable.positions.items())
        if position.quantity != 0 and name in durable.instruments
    )


def order_rows(state: State) -> tuple[OrderRow, ...]:
    """Return what could still fill, ours first, then what is foreign."""
    foreign = tuple(
        OrderRow(
            label=report.label or "",
            order_id=report.order_id,
            state=report.state.value.upper(),
            side=report.side.value,
            filled=plain(report.filled),
            size=plain(report.amount),
            price="" if report.price is None else plain(report.price),
            instrument=report.instrument,
            role="FOREIGN",
            since=iso(report.created_ms),
            foreign=True,
        )
        for _, report in sorted(state.foreign.items())
    )
    return (*order_rows_of(state.durable), *foreign)


def order_rows_of(durable: Durable) -> tuple[OrderRow, ...]:
    """Return our own orders as the ledger tells them."""
    orders = sorted(durable.orders.values(), key=lambda order: order.recorded_seq)
    return tuple(_order(order) for order in orders)


def foreign_rows(state: State) -> tuple[ForeignRow, ...]:
    """Return what is not ours with what was decided on each, the undecided first [C-509].

    At most _FOREIGN_MAX of them: those behind are shown once these are decided on.
    """
    rows = sorted(strangers_found(state), key=lambda stranger: stranger.is_settled)
    return tuple(
        ForeignRow(
            subject=stranger.subject,
            kind="order" if stranger.is_order else "position",
            instrument=stranger.instrument,
            amount=plain(stranger.amount),
            price=None if stranger.price is None else plain(stranger.price),
            text=stranger.seen,
            verdict=None if stranger.verdict is None else stranger.verdict.value,
        )
        for stranger in rows[:_FOREIGN_MAX]
    )


def exposure_rows(state: State) -> tuple[ExposureRow, ...]:
    """Return the risk of the traded currency now and at worst case; none while it is unknown."""
    currency = state.settings.currency
    exposure = risk_of(state, currency).exposure()
    if not isinstance(exposure, Exposure):
        return ()
    known = state.accounts.get(currency)
    return (
        ExposureRow(
            currency=currency,
            delta=exposure.delta.now,
            gamma=exposure.gamma.now,
            vega=exposure.vega.now,
            margin_use=_margin_use(known[0]) if known else None,
            worst_case=Greeks(
                delta=_worst(exposure.delta.low, exposure.delta.high),
                gamma=_worst(exposure.gamma.low, exposure.gamma.high),
                vega=_worst(exposure.vega.low, exposure.vega.high),
            ),
        ),
    )


def _worst(low: float, high: float) -> float:
    return low if abs(low) > abs(high) else high


def _margin_use(account: Account) -> float | None:
    if account.margin_balance <= 0:
        return None
    return float(account.initial_margin / account.margin_balance)


def _position(
    name: InstrumentName,
    position: Position,
    instrument: Instrument,
    ticker: Ticker | None,
    *,
    now_ms: int,
) -> PositionRow:
    size = float(position.quantity)
    mean = average(position, instrument)
    unit = None if ticker is None else unit_risk(instrument, ticker, now_ms=now_ms)
    theta = None if ticker is None else _theta(instrument, ticker, now_ms=now_ms)
    pnl = None
    if ticker is not None and (ticker.mark > 0 or instrument.kind is Kind.OPTION):
        pnl = plain(shown(unrealised(position, mark=ticker.mark, instrument=instrument)))
    return PositionRow(
        instrument=name,
        size=plain(position.quantity),
        mark=None if ticker is None else plain(ticker.mark),
        entry=None if mean is None else plain(shown(mean)),
        pnl=pnl,
        currency=instrument.currency,
        delta=None if unit is None else unit.delta * size,
        gamma=None if unit is None else unit.gamma * size,
        vega=None if unit is None else unit.vega * size,
        theta=None if theta is None else theta * size,
    )


def _with_closing(row: PositionRow, closing: Closing | None) -> PositionRow:
    if closing is None:
        return row
    now = ClosingRow(
        side=closing.side.value,
        left=plain(closing.left),
        step=closing.tries,
        by=closing.by,
        why=closing.why,
        since=iso(closing.begun_ms),
        group=closing.group,
    )
    return msgspec.structs.replace(row, closing=now)


def _theta(instrument: Instrument, ticker: Ticker, *, now_ms: int) -> float | None:
    """USD a day of one unit; None for futures and where the model has no answer."""
    if (
        instrument.option_type is None
        or instrument.strike is None
        or instrument.expiry_ms is None
        or ticker.mark_iv is None
        or ticker.underlying is None
    ):
        return None
    risk = greeks(
        instrument.option_type,
        forward=float(ticker.underlying),
        strike=float(instrument.strike),
        years=years_between(now_ms, instrument.expiry_ms),
        sigma=ticker.mark_iv,
    )
    return None if isinstance(risk, BadInput) else risk.theta


def _order(order: Order) -> OrderRow:
    intent = order.intent
    return OrderRow(
        label=order.label,
        order_id=order.order_id,
        state=order.phase.value,
        side=intent.side.value,
        filled=None if order.phase in _DOUBTED else plain(order.filled),
        size=plain(order.terms.amount),
        price=plain(order.terms.price),
        instrument=intent.instrument,
        role=order.terms.role.value,
        since=iso(intent.decided_ms),
        valid_until=iso(intent.valid_until_ms),
    )
