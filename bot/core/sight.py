"""What the core shows its monitors: observations drawn from the state, and nothing interpreted."""

from decimal import Decimal
from typing import Final

from bot.core.life import Phase
from bot.core.state import State
from bot.core.stranger import strangers_found
from bot.domain.ids import Currency, IndexName
from bot.domain.money import plain
from bot.domain.report import Level
from bot.market.tape import Tape, jump_of, range_of
from bot.monitors.sight import Hedge, Money, Sight

__all__ = ["sight_of"]

# The venue tells that an order has filled a moment before it tells the trade: until then the order
# counts as filled against us anyway.
_TRADES_FOLLOW_MS: Final = 2_000
_LEVELS: Final = 20  # of a book's side: what stands further out is no price to hedge at


def sight_of(state: State) -> Sight:
    """Draw the observations of this moment."""
    settings, market, clock = state.settings, state.market, state.clock
    orders = sorted(state.durable.orders.values(), key=lambda order: order.recorded_seq)
    index = _index_of(state)
    account = state.accounts.get(settings.currency)
    read_ms = market.instruments_at_ms
    found = strangers_found(state)
    return Sight(
        now_ms=state.now_ms,
        environment=settings.environment,
        is_up=state.link.is_up,
        epoch=state.link.epoch,
        proven_epoch=state.recon.proven_epoch,
        was_proven=state.recon.proven_ms > 0,
        recon_failures=(
            *(f"{channel} refused" for channel in state.link.refused),
            *state.recon.failures,
        ),
        differences=state.recon.differences,
        is_delivering=state.recon.is_planned,
        mismatches=state.recon.mismatches,
        unknown=(
            *(
                (order.label, state.now_ms - (order.doubted_ms or state.now_ms))
                for order in orders
                if order.phase is Phase.UNKNOWN
            ),
            *(
                (order.label, state.now_ms - order.edit.valid_until_ms)
                for order in orders
                if order.edit is not None and state.now_ms > order.edit.valid_until_ms
            ),
        ),
        unsettled_labels=tuple(
            order.label
            for order in orders
            if order.phase.is_final
            and order.remaining > 0
            and state.now_ms - order.updated_ms > _TRADES_FOLLOW_MS
        ),
        foreign_orders=tuple(
            stranger.seen for stranger in found if stranger.is_order and not stranger.is_settled
        ),
        foreign_positions=tuple(
            stranger.seen for stranger in found if not stranger.is_order and not stranger.is_settled
        ),
        closings=_closings(state, of_groups=False),
        broken_groups=_closings(state, of_groups=True),
        clock_offset_ms=clock.offset_ms,
        clock_bound_ms=clock.bound_ms,
        clock_age_ms=state.mono_ms - clock.sampled_mono_ms,
        index_age_ms=None if index is None else market.index_age_ms(index, now_ms=state.now_ms),
        instruments_age_ms=None if read_ms is None else state.now_ms - read_ms,
        account_age_ms=None if account is None else state.now_ms - account[1],
        index_jump=jump_of(state.tape, now_ms=state.now_ms),
        index_range=range_of(state.tape, now_ms=state.now_ms),
        mark_stands_ms=0 if state.tape.mark is None else state.now_ms - state.tape.mark_ms,
        mark_left_by=_left_by(state.tape),
        broken_books=tuple(
            (name, state.now_ms - since_ms) for name, since_ms in sorted(market.broken.items())
        ),
        hedge=_hedge_of(state),
        is_locked=market.is_locked,
        is_in_maintenance=market.is_in_maintenance,
        observed=state.observed,
        observed_age_ms=0 if state.observed is None else state.mono_ms - state.observed_mono_ms,
        policy_hash=settings.policy_hash,
        ledger_failure=state.ledger_failure,
        live_confirmed=settings.live_confirmed,
        is_protected=state.link.is_protected,
        is_watchdog_expected=settings.is_watchdog_expected,
        watchdog_age_ms=(
            None if state.watchdog_mono_ms is None else state.mono_ms - state.watchdog_mono_ms
        ),
        money=_money(state),
    )


def _closings(state: State, *, of_groups: bool) -> tuple[str, ...]:
    return tuple(
        f"{closing.side.value} {plain(closing.left)} {name}"
        for name, closing in sorted(state.durable.closings.items())
        if (closing.group is not None) is of_groups
    )


def _index_of(state: State) -> IndexName | None:
    hedge = state.market.instruments.get(state.settings.hedge)
    return None if hedge is None else hedge.index


def _left_by(tape: Tape) -> float:
    """Say by how much the index has left its place since the mark stands."""
    if tape.index is None or not tape.mark_index:
        return 0.0
    return abs(tape.index / tape.mark_index - 1)


def _hedge_of(state: State) -> Hedge | None:
    market, name = state.market, state.settings.hedge
    instrument, book = market.instruments.get(name), market.books.get(name)
    if instrument is None or book is None or book.is_broken:
        return None
    ticker, heard = market.tickers.get(name), market.indices.get(instrument.index)
    basis = None
    if ticker is not None and heard is not None and heard.price > 0:
        basis = abs(ticker.mark / heard.price - 1)
    spread_bp = depth_usd = None
    if book.bid is not None and book.ask is not None:
        middle = (book.bid.price + book.ask.price) / 2
        spread_bp = (book.ask.price - book.bid.price) / middle * 10_000
        depth_usd = min(
            _usd(side, is_inverse=instrument.is_inverse) for side in (book.bids, book.asks)
        )
    return Hedge(
        name=name, state=instrument.state, spread_bp=spread_bp, depth_usd=depth_usd, basis=basis
    )


def _usd(levels: tuple[Level, ...], *, is_inverse: bool) -> Decimal:
    """Add up what stands there: an inverse contract's amount is in USD already."""
    return sum(
        (level.amount if is_inverse else level.amount * level.price for level in levels[:_LEVELS]),
        start=Decimal(0),
    )


def _money(state: State) -> dict[Currency, Money]:
    money = {}
    for currency, (account, _) in sorted(state.accounts.items()):
        base = state.durable.equity.get(currency)
        if base is not None:
            money[currency] = Money(
                equity=account.equity,
                day_equity=base.day_equity,
                peak_equity=base.peak_equity,
                margin_balance=account.margin_balance,
                initial_margin=account.initial_margin,
                maintenance_margin=account.maintenance_margin,
            )
    return money
