"""The facts that the gates judge one intent by, drawn from the state."""

from decimal import Decimal
from typing import Final

from bot.core.durable import day_start
from bot.core.foreign import apart_of
from bot.core.life import Phase
from bot.core.risk import Risk, definition, option_totals, signed_pending
from bot.core.state import State
from bot.core.whose import strangers
from bot.domain.ids import InstrumentName
from bot.domain.instrument import Instrument, Kind
from bot.domain.money import Amount, Price
from bot.domain.side import Side
from bot.gates.facts import Facts, OwnOrder
from bot.intent.intent import OrderIntent
from bot.portfolio.exposure import Pending
from bot.portfolio.margin import order_margin
from bot.portfolio.position import FLAT

__all__ = ["facts_of"]


_RESTING: Final = frozenset({Phase.ACKED, Phase.OPEN, Phase.PARTIAL})


def facts_of(
    state: State,
    intent: OrderIntent,
    instrument: Instrument,
    *,
    risk: Risk,
    adds: Amount | None = None,
) -> Facts:
    """Draw the facts at this moment, this intent counted as pending.

    `adds` is what it may fill beyond what the state counts already: its whole amount, unless the
    state has it among its orders, as it has one that is to be edited.
    """
    adds = intent.amount if adds is None else adds
    market, durable, now_ms = state.market, state.durable, state.now_ms
    currency = instrument.currency
    known = state.accounts.get(currency)
    base = durable.equity.get(currency)
    heard = market.indices.get(instrument.index)
    gross, short = option_totals(state, of=instrument)
    if instrument.kind is Kind.OPTION:
        gross = Amount(gross + adds)
        short = Amount(short + adds) if intent.side is Side.SELL else short
    is_today = durable.day.day_ms == day_start(now_ms)
    read_ms = market.instruments_at_ms
    tied = _margin_of(state, intent, instrument, adds=adds)
    account = known[0] if known else None
    return Facts(
        now_ms=now_ms,
        mode=durable.mode,
        latch_missing=tuple(cause.proof for cause in state.proofs.causes)
        or (() if state.proofs.is_open else ("not judged yet",)),
        instrument=instrument,
        instrument_age_ms=None if read_ms is None else now_ms - read_ms,
        fees_age_ms=None if read_ms is None else now_ms - read_ms,
        is_clock_good=state.clock.offset_ms is not None
        and all(cause.proof != "clock" for cause in state.proofs.causes),
        book=market.books.get(instrument.name),
        ticker=market.tickers.get(instrument.name),
        book_age_ms=market.book_age_ms(instrument.name, now_ms=now_ms),
        mark_age_ms=market.mark_age_ms(instrument.name, now_ms=now_ms),
        index=heard.price if heard else None,
        index_age_ms=market.index_age_ms(instrument.index, now_ms=now_ms),
        index_jump_ratio=heard.jump_ratio if heard else 0.0,
        own=_own_orders(state, instrument),
        cooling_until_ms=state.cooling.get(instrument.name, 0),
        exposure=risk.exposure(Pending(intent.instrument, signed_pending(intent.side, adds))),
        gross_options=gross,
        short_of_expiry=short,
        account=account,
        account_age_ms=None if known is None else now_ms - known[1],
        margin_after=None if account is None or tied is None else account.initial_margin + tied,
        maintenance_after=None
        if account is None or tied is None
        else account.maintenance_margin + tied,
        day_equity=base.day_equity if base else None,
        day_opens=durable.day.opens if is_today else 0,
        day_orders=durable.day.orders if is_today else 0,
        day_fees=durable.day.fees.get(currency, Decimal(0)) if is_today else Decimal(0),
        day_cancels=durable.day.cancels if is_today else 0,
        day_fills=durable.day.fills if is_today else 0,
        recent=durable.recent,
        executions=durable.executions,
        ledger_failure=state.ledger_failure,
    )


def _own_orders(state: State, instrument: Instrument) -> tuple[OwnOrder, ...]:
    orders = sorted(state.durable.orders.values(), key=lambda order: order.recorded_seq)
    ours = tuple(
        OwnOrder(
            side=order.intent.side,
            price=price,
            # While an edit is not proven it may have left either price.
            is_known_to_rest=order.phase in _RESTING and order.edit is None,
        )
        for order in orders
        for price in order.prices
        if order.intent.instrument == instrument.name and order.remaining > 0
    )
    # A stranger's order is not the engine's to wait for: it stops no exit.
    beside = tuple(
        OwnOrder(side=report.side, price=report.price, is_known_to_rest=False)
        for report in strangers(state)
        if report.instrument == instrument.name and report.price is not None
    )
    return (*ours, *beside)


def _margin_of(
    state: State, intent: OrderIntent, instrument: Instrument, *, adds: Amount
) -> Decimal | None:
    """What this order and every pending one would tie up: the venue reserves for resting ones
    already, so that counting them again errs on the careful side.
    """
    tied = Decimal(0)
    wanted: list[tuple[InstrumentName, Side, Amount, tuple[Price, ...]]] = []
    if adds > 0:
        wanted.append((intent.instrument, intent.side, adds, (intent.price,)))
    wanted += [
        (order.intent.instrument, order.intent.side, order.remaining, order.prices)
        for order in state.durable.orders.values()
        if order.remaining > 0 and not order.is_exit
    ]
    beside: dict[InstrumentName, Amount] = {}
    for name, side, amount, prices in wanted:
        of = instrument if name == instrument.name else definition(state, name)
        if of is None:
            return None  # what cannot be computed is not left out: it is unknown [C-116]
        held = beside.get(name, _held(state, name))
        margins = [
            _order_margin(state, of, side=side, amount=amount, price=price, beside=held)
            for price in prices
        ]
        beside[name] = Amount(held + amount)
        if any(margin is None for margin in margins):
            return None
        tied += max(margin for margin in margins if margin is not None)
    return tied


def _order_margin(
    state: State, of: Instrument, *, side: Side, amount: Amount, price: Price, beside: Amount
) -> Decimal | None:
    """Take the dearer of index and forward: the venue measures by an option's own underlying."""
    ticker, heard = state.market.tickers.get(of.name), state.market.indices.get(of.index)
    if ticker is None or heard is None or heard.price <= 0 or ticker.mark < 0:
        return None
    if ticker.mark == 0 and of.kind is not Kind.OPTION:
        return None
    forwards = {heard.price, ticker.underlying or heard.price}
    return max(
        order_margin(
            of,
            side=side,
            amount=amount,
            price=price,
            mark=ticker.mark,
            index=forward,
            beside=beside,
        )
        for forward in forwards
        if forward > 0
    )


def _held(state: State, name: InstrumentName) -> Amount:
    """Return what of an instrument is in the account, ours and strangers', or may still be by an
    exit, all of it unsigned: a hedge may open its future.
    """
    ours = state.durable.positions.get(name, FLAT).quantity
    exits = (
        order.remaining
        for order in state.durable.orders.values()
        if order.is_exit and order.intent.instrument == name
    )
    held = ours.copy_abs() + apart_of(state.durable.foreign, name).copy_abs()
    return Amount(sum(exits, held))
