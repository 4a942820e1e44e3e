"""What the strategy is shown: drawn from the state, complete, and stored with what it decides."""

from bot.core.durable import Order
from bot.core.life import Phase
from bot.core.risk import Risk, definition
from bot.core.state import State
from bot.core.stranger import strangers_found
from bot.domain.ids import InstrumentName
from bot.domain.instant import DAY_MS, MINUTE_MS, years_between
from bot.domain.instrument import Instrument
from bot.domain.money import Amount, Price
from bot.domain.ratio import shown
from bot.domain.report import Ticker
from bot.market.history import biggest_move, realised_vol
from bot.portfolio.exposure import Exposure
from bot.portfolio.position import average
from bot.pricing.black76 import BadInput, Greeks, greeks
from bot.strategy.interface import GroupSeen, Held, Quote, Resting, View

__all__ = ["needed_names", "view_of", "watched_names"]

_FINISHED_KEPT_MS = 2 * MINUTE_MS
_IN_DOUBT = frozenset({Phase.RECORDED, Phase.SENT, Phase.UNKNOWN})


def watched_names(state: State) -> tuple[InstrumentName, ...]:
    """Name what the strategy wants to see, and what must be seen. Raises what a strategy raises."""
    settings = state.settings
    wanted = settings.strategy.universe(state.market.instruments, state.now_ms, settings.params)
    return tuple(sorted({*wanted, *needed_names(state)}))


def needed_names(state: State) -> tuple[InstrumentName, ...]:
    """Name what must be seen whatever a strategy wants: what is held or rests, and the hedge.

    What strangers have is among it, for a fill of theirs would be ours to bear.
    """
    beside = {stranger.instrument for stranger in strangers_found(state)} & set(
        state.market.instruments
    )
    held = {name for name, pos in state.durable.positions.items() if pos.quantity != 0}
    resting = {order.intent.instrument for order in state.durable.orders.values()}
    return tuple(sorted({*held, *resting, *beside, state.settings.hedge}))


def view_of(state: State, *, risk: Risk, names: tuple[InstrumentName, ...]) -> View:
    """Draw the view of these instruments at this moment."""
    settings, market = state.settings, state.market
    instruments = {n: known for n in names if (known := definition(state, n)) is not None}
    hedge = instruments.get(settings.hedge)
    heard = market.indices.get(hedge.index) if hedge else None
    exposure = risk.exposure()
    return View(
        now_ms=state.now_ms,
        mode=state.durable.mode,
        currency=settings.currency,
        index=heard.price if heard else None,
        instruments=instruments,
        quotes={
            name: _quote(state, instrument, ticker)
            for name, instrument in instruments.items()
            if (ticker := market.tickers.get(name)) is not None and name in market.heard
        },
        held=_held(state, instruments),
        orders=_orders(state),
        delta_total=exposure.delta.now if isinstance(exposure, Exposure) else None,
        hedge=settings.hedge,
        hedged_ms=state.hedged_ms,
        realised_vol=realised_vol(state.history),
        move_day=biggest_move(state.history, now_ms=state.now_ms),
        group=_group(state),
    )


def _group(state: State) -> GroupSeen | None:
    group = state.durable.group
    if group is None:
        return None
    return GroupSeen(
        attempt=group.attempt,
        is_live=not group.stage.is_over,
        stage=group.stage.value,
        begun_ms=group.begun_ms,
        ended_ms=group.ended_ms,
        naked_since_ms=group.naked_since_ms,
    )


def _quote(state: State, instrument: Instrument, ticker: Ticker) -> Quote:
    book = state.market.books.get(instrument.name)
    is_book_good = book is not None and not book.is_broken and not _is_behind(state, instrument)
    years = None
    if instrument.expiry_ms is not None:
        years = years_between(state.now_ms, instrument.expiry_ms)
    risk = _greeks(instrument, ticker, years)
    return Quote(
        bid=book.bid if book is not None and is_book_good else ticker.bid,
        ask=book.ask if book is not None and is_book_good else ticker.ask,
        mark=ticker.mark,
        age_ms=state.market.mark_age_ms(instrument.name, now_ms=state.now_ms) or 0,
        mark_iv=ticker.mark_iv,
        underlying=ticker.underlying,
        days=None if instrument.expiry_ms is None else _days(state, instrument.expiry_ms),
        delta=risk.delta if risk else None,
        net_delta=risk.net_delta if risk else None,
        funding_8h=ticker.funding_8h,
    )


def _is_behind(state: State, instrument: Instrument) -> bool:
    """Say whether the ticker has shown another top since the book was last known to stand."""
    market, name = state.market, instrument.name
    return market.confirmed.get(name, 0) < market.heard.get(name, 0)


def _greeks(instrument: Instrument, ticker: Ticker, years: float | None) -> Greeks | None:
    if years is None or instrument.option_type is None or instrument.strike is None:
        return None
    if ticker.mark_iv is None or ticker.underlying is None:
        return None
    risk = greeks(
        instrument.option_type,
        forward=float(ticker.underlying),
        strike=float(instrument.strike),
        years=years,
        sigma=ticker.mark_iv,
    )
    return None if isinstance(risk, BadInput) else risk


def _days(state: State, expiry_ms: int) -> float:
    return (expiry_ms - state.now_ms) / DAY_MS


def _held(
    state: State, instruments: dict[InstrumentName, Instrument]
) -> dict[InstrumentName, Held]:
    held = {}
    for name, position in sorted(state.durable.positions.items()):
        instrument = instruments.get(name)
        if position.quantity == 0 or instrument is None:
            continue
        mean = average(position, instrument)
        holding = state.durable.holdings.get(name)
        if mean is not None:
            held[name] = Held(
                quantity=Amount(position.quantity),
                average=Price(shown(mean)),
                opened_ms=holding.opened_ms if holding else state.now_ms,
                entry_iv=holding.entry_iv if holding else None,
            )
    return held


def _orders(state: State) -> tuple[Resting, ...]:
    durable = state.durable
    recent = [
        order
        for order in durable.closed.values()
        if state.now_ms - order.intent.decided_ms <= _FINISHED_KEPT_MS
    ]
    orders = sorted([*durable.orders.values(), *recent], key=lambda order: order.recorded_seq)
    return tuple(_resting(order) for order in orders)


def _resting(order: Order) -> Resting:
    return Resting(
        intent_id=order.intent_id,
        instrument=order.intent.instrument,
        side=order.intent.side,
        price=order.terms.price,
        remaining=order.remaining,
        filled=order.filled,
        decided_ms=order.intent.decided_ms,
        attempt=order.intent.decision.attempt,
        is_live=not order.is_settled,
        is_unknown=order.phase in _IN_DOUBT or order.edit is not None,
    )
