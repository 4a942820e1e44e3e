"""Truth against the venue: what one reconciliation read is folded in, compared, and proven.

Order matters: first what the venue shows (orders, trades), then absences, then the position to the
last digit. Only answers prove; a question that failed leaves everything as it was [C-206, C-504].
Longer than most files, because the order of these things is the point and is read in one place.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from bot.core.accounts import accounts_with
from bot.core.cause import raise_cause
from bot.core.durable import Order, day_start
from bot.core.effect import Gather
from bot.core.event import Gathered
from bot.core.hear_fill import hear_fill
from bot.core.hear_order import hear_order, move
from bot.core.life import LifeEvent, Phase
from bot.core.prove_delivery import (
    awaits_delivery,
    expired_indices,
    has_expired,
    prove_deliveries,
)
from bot.core.prove_edit import is_edit_provable, prove_edit
from bot.core.record import AccountSeen, ProofMade
from bot.core.state import Listed, Recon, State
from bot.core.turn import Turn
from bot.core.whose import left_of, order_behind
from bot.domain.ids import InstrumentName, Label
from bot.domain.instant import DAY_MS, HOUR_MS, MINUTE_MS
from bot.domain.money import Amount, plain
from bot.domain.reason import Reason
from bot.intent.label import is_ours

__all__ = ["ask", "gathered"]

TIMEOUT_MS: Final = 30_000
PERIOD_MS: Final = 15_000
DEAF_PERIOD_MS: Final = 5_000  # while fills and orders are learnt from reads alone
RETRY_MS: Final = 1_000
LABELS_MAX: Final = 100
MISMATCHES_MAX: Final = 3  # a trade between two reads looks like one; three in a row do not

# A look-up may lag by seconds. An order called gone too early would rest on unseen, for a cancelled
# one is never believed to be open again; one called gone late costs nothing but its reservation.
_GHOST_MARGIN_MS: Final = 10_000
# The venue keeps finished orders for 30 minutes in the view that is current (PROTOCOL §11): later a
# negative look-up says nothing. The last minute is left out, for it is nobody's to rely on.
_LOOKUP_WINDOW_MS: Final = 29 * MINUTE_MS
_TRADES_WINDOW_MS: Final = DAY_MS - HOUR_MS
_OVERLAP_MS: Final = 10 * MINUTE_MS
_TIME_SLACK_MS: Final = 1_000


def ask(turn: Turn) -> None:
    """Start a reconciliation when one is due and none is under way."""
    state, recon = turn.state, turn.state.recon
    if not (state.link.is_up and state.link.is_listening):
        return
    if state.market.instruments_at_ms is None:
        return  # a trade in an instrument that is not known yet could not be booked
    if recon.asked_mono_ms is not None:
        if state.mono_ms - recon.asked_mono_ms < TIMEOUT_MS:
            return
        turn.set(recon=_ended(state, failures=("no answer in time",)))
        return
    # A question that failed is not put again at once: a venue in trouble is not to be flooded, and
    # the credits are the exits' too.
    is_proven = recon.proven_epoch == state.link.epoch
    is_calm = is_proven and not (recon.is_wanted or recon.failures or recon.mismatches)
    is_calm = is_calm and not _has_provable_doubt(state)
    usual_ms = DEAF_PERIOD_MS if state.link.refused else PERIOD_MS
    pause_ms = usual_ms if is_calm else RETRY_MS
    if recon.ended_mono_ms is not None and state.mono_ms - recon.ended_mono_ms < pause_ms:
        return
    generation = max(recon.generation, state.durable.generation) + 1
    turn.set(
        recon=replace(
            recon,
            generation=generation,
            asked_mono_ms=state.mono_ms,
            asked_at=_movement(state),
            is_wanted=False,
        )
    )
    turn.emit(
        Gather(
            generation=generation,
            epoch=state.link.epoch,
            labels=_labels(state),
            currencies=(state.settings.currency,),
            trades_from_ms=max(0, state.durable.trades_to_ms - _OVERLAP_MS),
            history_from_ms=_history_from_ms(state, at_ms=state.now_ms),
            expired=expired_indices(state),
        )
    )


def _movement(state: State) -> tuple[int, int]:
    return state.counters.fills, state.counters.moves


def _history_from_ms(state: State, *, at_ms: int) -> int | None:
    """Say from when on trades are wanted that the recent view may not hold any more.

    None when it holds them all: it keeps a day, and there is nothing to prove before the first
    intent of the ledger.
    """
    durable = state.durable
    decided = (order.intent.decided_ms for order in durable.orders.values())
    since_ms = durable.trades_to_ms or min(decided, default=0)
    from_ms = max(0, since_ms - _OVERLAP_MS)
    return from_ms if since_ms and at_ms - from_ms > _TRADES_WINDOW_MS else None


def _labels(state: State) -> tuple[Label, ...]:
    """Name the orders to look up, those in doubt first: the others wait for the next time."""
    orders = sorted(
        state.durable.orders.values(),
        key=lambda order: (not _is_doubted(order), order.updated_ms, order.label),
    )
    doubted = [order.label for order in orders if _is_doubted(order)]
    labels = [*doubted, *sorted(state.checks), *(order.label for order in orders)]
    return tuple(dict.fromkeys(labels))[:LABELS_MAX]


def _is_doubted(order: Order) -> bool:
    return order.phase is Phase.UNKNOWN or order.edit is not None


def _ended(state: State, *, failures: tuple[str, ...]) -> Recon:
    return replace(state.recon, asked_mono_ms=None, ended_mono_ms=state.mono_ms, failures=failures)


def _has_provable_doubt(state: State) -> bool:
    """Say whether an order in doubt has come so far past its fence that a look can settle it."""
    margin_ms = state.settings.policy.execution.absence_margin_ms_min
    return any(
        (order.phase is Phase.UNKNOWN and state.now_ms > order.intent.valid_until_ms + margin_ms)
        or is_edit_provable(state, order, at_ms=state.now_ms)
        for order in state.durable.orders.values()
    )


def gathered(turn: Turn, news: Gathered) -> None:
    """Fold in what a reconciliation read."""
    state = turn.state
    if news.generation != state.recon.generation or news.epoch != state.link.epoch:
        return  # another connection, or one that was given up: it proves nothing now
    if not news.failures and (why := _time_is_off(state, news)) is not None:
        # Absences, and how far trades are complete, are proven by this time: a wrong one would
        # hide a trade for good [C-206, C-209].
        turn.set(recon=_ended(state, failures=(why,)))
        turn.say("recon_failed", generation=news.generation, failures=[why])
        return
    has_moved = _movement(state) != state.recon.asked_at
    for fill in sorted(news.trades, key=lambda trade: (trade.at_ms, trade.trade_id)):
        hear_fill(turn, fill)
    reports = (*news.open_orders, *news.history, *(r for rs in news.by_label.values() for r in rs))
    for report in sorted(reports, key=lambda order: (order.updated_ms, order.order_id)):
        hear_order(turn, report)
    _forget_foreign(turn, news)
    _find_undead(turn, news)
    for account in news.accounts:
        _see_account(turn, news, account.currency, account.equity)
        turn.set(accounts=accounts_with(turn.state, account))
    if not news.failures:
        turn.set(listed=_listed(state, news))
    failures = news.failures or _holes(state, news)
    if failures:
        turn.set(recon=_ended(turn.state, failures=failures))
        turn.say("recon_failed", generation=news.generation, failures=list(failures))
        return
    for order in list(turn.state.durable.orders.values()):
        prove_edit(turn, news, order)
        _prove_order(turn, news, order)
    turn.set(checks=turn.state.checks - set(news.by_label))
    prove_deliveries(turn, news)
    _prove_position(turn, news, has_moved=has_moved)


def _listed(state: State, news: Gathered) -> Listed:
    owner = state.durable.owner
    labels = (report.label for report in news.open_orders if report.label is not None)
    return Listed(
        epoch=news.epoch,
        asked_mono_ms=state.recon.asked_mono_ms or 0,
        ours=tuple(sorted({label for label in labels if is_ours(label, ledger=owner.ledger)})),
    )


def _time_is_off(state: State, news: Gathered) -> str | None:
    """Say how far the venue's time of the first question is from when it can have been asked."""
    asked_mono_ms = state.recon.asked_mono_ms
    took_ms = 0 if asked_mono_ms is None else state.mono_ms - asked_mono_ms
    slack_ms = state.clock.bound_ms + _TIME_SLACK_MS
    ahead_ms = news.began_ms - state.now_ms
    if -took_ms - slack_ms <= ahead_ms <= slack_ms:
        return None
    return f"time: the venue says {abs(ahead_ms)} ms {'ahead' if ahead_ms > 0 else 'ago'}"


def _prove_order(turn: Turn, news: Gathered, order: Order) -> None:
    if order.label not in news.by_label or news.by_label[order.label]:
        return
    if any(report.label == order.label for report in (*news.open_orders, *news.history)):
        return
    margin_ms = turn.state.settings.policy.execution.absence_margin_ms_min
    if order.phase is Phase.UNKNOWN:
        if news.began_ms <= order.intent.valid_until_ms + margin_ms:
            return  # it may still arrive: a look-up begun now proves nothing [C-206]
        age_ms = news.began_ms - order.intent.decided_ms
        if age_ms <= _LOOKUP_WINDOW_MS:
            # The look-ups may lag behind what has happened: then the position tells.
            if _is_position_proven(turn, news, order):
                move(turn, order, LifeEvent.ABSENCE, why="no trace after its valid_until")
        elif _is_proven_by_trades(turn, news, order):
            move(turn, order, LifeEvent.ABSENCE, why="it neither rests nor has traded")
    elif order.phase in (Phase.ACKED, Phase.OPEN, Phase.PARTIAL):
        is_older = order.updated_ms < news.began_ms - max(margin_ms, _GHOST_MARGIN_MS)
        if is_older and _is_proven_by_trades(turn, news, order):
            why = "gone from the venue, trades complete"
            if has_expired(turn.state, order.intent.instrument, at_ms=news.began_ms):
                why = "its instrument has expired, trades complete"  # by plan [C-510]
            else:
                what = f"{order.label} was thought live; the venue no longer shows it"
                turn.anomaly("GHOST", what)
            move(turn, order, LifeEvent.CANCELLED, why=why)


def _is_proven_by_trades(turn: Turn, news: Gathered, order: Order) -> bool:
    """Say whether trades over its whole life and the position agree that it is gone."""
    unproven_since_ms = max(turn.state.durable.trades_to_ms, order.intent.decided_ms)
    is_recent = news.began_ms - unproven_since_ms <= _TRADES_WINDOW_MS
    is_covered = is_recent or news.has_history
    return is_covered and _is_position_proven(turn, news, order)


def _is_position_proven(turn: Turn, news: Gathered, order: Order) -> bool:
    """Compare the order's own instrument: a stranger in another one says nothing of this order."""
    name = order.intent.instrument
    return all(differs != name for differs, _, _ in _differences(turn, news))


def _differences(turn: Turn, news: Gathered) -> tuple[tuple[InstrumentName, Decimal, Decimal], ...]:
    durable = turn.state.durable
    ours = {name: held.quantity for name, held in durable.positions.items()}
    for name, apart in durable.foreign.apart.items():  # the venue's count knows no strangers
        ours[name] = Amount(ours.get(name, Decimal(0)) + apart.amount)
    names = sorted(set(ours) | set(news.positions))
    pairs = (
        (name, ours.get(name, Decimal(0)), news.positions.get(name, Decimal(0))) for name in names
    )
    return tuple((name, mine, theirs) for name, mine, theirs in pairs if mine != theirs)


def _prove_position(turn: Turn, news: Gathered, *, has_moved: bool) -> None:
    """Compare to the last digit. `has_moved`: something was booked between question and answer, so
    that a difference may be no more than the order in which the two were told: it is asked anew and
    not counted. Opens are shut while it shows, so that what moves comes to rest.
    """
    state = turn.state
    differences = _differences(turn, news)
    unsettled = [order.label for order in state.durable.orders.values() if _lacks_trades(order)]
    is_good = not differences and not unsettled
    texts = tuple(
        f"{name} ours {plain(mine)} venue {plain(theirs)}" for name, mine, theirs in differences
    )
    # What has just expired ends by plan; that it is not told yet is no mismatch.
    is_planned = all(awaits_delivery(state, name) for name, _, _ in differences)
    is_news = not has_moved and not is_planned
    mismatches = state.recon.mismatches + int(is_news) if differences else 0
    was_proven = state.recon.proven_epoch == state.link.epoch and not state.recon.differences
    proven_to_ms = state.durable.trades_to_ms
    has_traded = max(state.durable.trades.values(), default=0) > proven_to_ms
    is_due = news.began_ms - proven_to_ms > _OVERLAP_MS or has_traded
    if is_due or not (is_good and was_proven):  # else nothing has changed, which is no news
        turn.record(
            ProofMade(
                generation=news.generation,
                is_good=is_good,
                detail="; ".join(texts) or ", ".join(unsettled) or "positions equal the venue's",
                differences=differences,
                trades_to_ms=news.began_ms if is_good else 0,
                at_ms=state.now_ms,
            )
        )
    recon = turn.state.recon
    turn.set(
        recon=Recon(
            generation=recon.generation,
            is_wanted=recon.is_wanted or not is_good,
            proven_epoch=news.epoch if is_good else recon.proven_epoch if not differences else 0,
            proven_ms=state.now_ms if is_good else recon.proven_ms,
            proven_mono_ms=state.mono_ms if is_good else recon.proven_mono_ms,
            ended_mono_ms=state.mono_ms,
            mismatches=mismatches,
            differences=texts,
            is_planned=bool(differences) and is_planned,
            unexplained=_unexplained(state, differences) if mismatches >= MISMATCHES_MAX else (),
            averages=news.averages,
        )
    )
    turn.say("recon", generation=news.generation, good=is_good, differences=list(texts))
    if mismatches >= MISMATCHES_MAX:
        raise_cause(turn, Reason.POSITION_MISMATCH, "; ".join(texts))


def _unexplained(
    state: State, differences: tuple[tuple[InstrumentName, Decimal, Decimal], ...]
) -> tuple[tuple[InstrumentName, Amount], ...]:
    return tuple(
        (name, Amount(theirs - mine))
        for name, mine, theirs in differences
        if not awaits_delivery(state, name)
    )


def _holes(state: State, news: Gathered) -> tuple[str, ...]:
    """Name the trades that nobody has read: they could have come and gone, and position with them
    [C-209].
    """
    from_ms = _history_from_ms(state, at_ms=news.began_ms)
    if from_ms is None or news.has_history:
        return ()
    hours = (news.began_ms - from_ms) // HOUR_MS
    return (f"trades of the last {hours} h: the recent view holds a day of them",)


def _lacks_trades(order: Order) -> bool:
    return order.phase.is_final and order.remaining > 0


def _forget_foreign(turn: Turn, news: Gathered) -> None:
    if news.failures:
        return
    open_ids = {report.order_id for report in news.open_orders}
    turn.set(foreign={k: v for k, v in turn.state.foreign.items() if k in open_ids})


def _find_undead(turn: Turn, news: Gathered) -> None:
    """Trip on an order that was taken for finished and rests all the same.

    The life cycle believes in no return from an end, for a late "open" is old news; this one is
    read, well after the end. It counts like a stranger's, and containment takes it off.
    """
    for report in news.open_orders:
        order = order_behind(turn.state.durable, report)
        if order is None or not order.phase.is_final:
            continue
        if order.updated_ms < news.began_ms - _GHOST_MARGIN_MS and left_of(report) > 0:
            turn.set(foreign={**turn.state.foreign, report.order_id: report})
            what = f"{order.label} was {order.phase.value} and rests as {report.order_id}"
            raise_cause(turn, Reason.LATE_FILL, what)


def _see_account(turn: Turn, news: Gathered, currency: str, equity: Decimal) -> None:
    """Write the equity that losses are measured from: at a new day and at a new peak."""
    state = turn.state
    base = next((b for key, b in state.durable.equity.items() if key == currency), None)
    is_same_day = base is not None and base.day_ms >= day_start(news.began_ms)
    # A peak is news once it is a thousandth above the last: below that it is noise.
    if base is not None and is_same_day and equity <= base.peak_equity * Decimal("1.001"):
        return
    seen = next(account for account in news.accounts if account.currency == currency)
    turn.record(
        AccountSeen(
            currency=seen.currency,
            equity=seen.equity,
            day_ms=day_start(news.began_ms),
            at_ms=state.now_ms,
        )
    )
