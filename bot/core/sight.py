"""What the core shows its monitors: observations drawn from the state, and nothing interpreted."""

from typing import Final

from bot.core.life import Phase
from bot.core.state import State
from bot.core.stranger import strangers_found
from bot.domain.ids import Currency, IndexName
from bot.domain.money import plain
from bot.monitors.sight import Money, Sight

__all__ = ["sight_of"]

# The venue tells that an order has filled a moment before it tells the trade: until then the order
# counts as filled against us anyway.
_TRADES_FOLLOW_MS: Final = 2_000


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
        is_locked=market.is_locked,
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
