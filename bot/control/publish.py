"""The published view, made of the state: one plain structure for every watcher (DESIGN §10)."""

import hashlib
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from bot.control.lines import worded
from bot.control.rows import exposure_rows, foreign_rows, order_rows, position_rows
from bot.control.view import (
    CauseRow,
    Clock,
    Containment,
    EventRow,
    Evidence,
    FillRow,
    Health,
    Latch,
    LatchProof,
    LimitRow,
    Loss,
    ModeWord,
    OrderCount,
    Reconcile,
    Stage,
    Status,
    View,
    Watchdog,
)
from bot.core.durable import day_start
from bot.core.life import Phase
from bot.core.state import State
from bot.domain.instant import iso
from bot.domain.mode import Environment, Mode
from bot.domain.reason import REASONS, Effect, Reason
from bot.guard.resolve import forced_mode, ranked
from bot.monitors.order import PROOFS
from bot.monitors.watchdog import SILENT_MS_MAX

__all__ = ["CONTRACT_VERSION", "publish"]

CONTRACT_VERSION: Final = "2026-01-26"

_WORD: Final = {
    Mode.ACTIVE: ModeWord.ACTIVE,
    Mode.REDUCE_ONLY: ModeWord.REDUCE_ONLY,
    Mode.KILL: ModeWord.KILL,
}


def publish(state: State, *, fills: Iterable[FillRow], events: Iterable[EventRow]) -> View:
    """Make the view of this moment."""
    status = worded(_status(state))
    return View(
        status=status,
        positions=position_rows(state),
        orders=order_rows(state),
        fills=tuple(fills),
        events_tail=tuple(events),
        health=Health(
            at=status.at,
            run_id=state.settings.run_id,
            ok=state.durable.mode is Mode.ACTIVE and state.proofs.is_open,
            build_id=state.settings.build_id,
            contract_version=CONTRACT_VERSION,
            environment=state.settings.environment,
            mode=status.mode,
            reasons=tuple(cause.code for cause in status.causes),
        ),
    )


def _status(state: State) -> Status:
    settings, durable = state.settings, state.durable
    causes = _causes(state)
    since_ms = durable.mode_since_ms or state.now_ms
    clock = state.clock
    dispatched = max(state.counters.orders_dispatched, 1)
    covered = min(state.counters.snapshots, dispatched) if state.counters.snapshots else 0
    return Status(
        at=iso(state.now_ms),
        rev=_revision(state, causes),
        connected=True,
        mode=_WORD[durable.mode],
        since=iso(since_ms),
        age_ms=max(0, state.now_ms - since_ms),
        environment=settings.environment,
        stage=Stage.MICRO if settings.environment is Environment.LIVE else None,
        causes=causes,
        latch=_latch(state),
        containment=_containment(state),
        exposure=exposure_rows(state),
        loss=_loss(state),
        limits=_limits(state),
        orders=OrderCount(
            live=sum(1 for order in durable.orders.values() if order.phase is not Phase.UNKNOWN),
            unknown=sum(1 for order in durable.orders.values() if order.phase is Phase.UNKNOWN),
            foreign=len(state.foreign),
        ),
        foreign=foreign_rows(state),
        reconcile=Reconcile(
            number=state.recon.generation,
            at=iso(state.recon.proven_ms) if state.recon.proven_ms else None,
            passed=None
            if not state.recon.proven_ms
            else not state.recon.differences and not state.recon.failures,
            difference="; ".join(state.recon.differences) or "0",
        ),
        clock=Clock(
            offset_ms=None if clock.offset_ms is None else float(clock.offset_ms),
            bound_ms=None if clock.offset_ms is None else float(clock.bound_ms),
            limit_ms=float(settings.policy.execution.clock_offset_ms_max),
        ),
        watchdog=_watchdog(state),
        evidence=Evidence(
            coverage_pct=100.0 * covered / dispatched
            if state.counters.orders_dispatched
            else 100.0,
            queued=0,
        ),
        run_id=settings.run_id,
        build_id=settings.build_id,
        contract_version=CONTRACT_VERSION,
        policy_hash=settings.policy_hash,
    )


def _causes(state: State) -> tuple[CauseRow, ...]:
    """What forces a mode first, by gravity; then what shuts opens, in the order of the proofs."""
    forcing = [
        _cause(
            reason,
            detail=state.durable.causes[reason].detail,
            since_ms=state.durable.causes[reason].at_ms,
        )
        for reason in ranked(state.durable.causes)
    ]
    shutting = [
        _cause(
            cause.reason,
            detail=cause.detail,
            since_ms=state.now_ms - (state.mono_ms - cause.since_mono_ms),
        )
        for cause in state.proofs.causes
    ]
    return (*forcing, *shutting)


def _cause(reason: Reason, *, detail: str, since_ms: int) -> CauseRow:
    meaning = REASONS[reason]
    is_operator = reason in (Reason.OPERATOR, Reason.OPERATOR_KILL)
    text = f'{meaning.text}, "{detail}"' if is_operator else meaning.text
    return CauseRow(
        code=reason.value,
        mode=_WORD[forced_mode(reason)],
        since=iso(since_ms),
        sticky=meaning.effect in (Effect.REDUCE_ONLY, Effect.KILL),
        text=text,
        next=meaning.next,
        runbook=f"docs/runbook.md#{reason.value.lower()}",
    )


def _latch(state: State) -> Latch:
    missing = {cause.proof: cause for cause in state.proofs.causes}
    is_judged = state.proofs.is_open or bool(missing)
    proofs = tuple(
        LatchProof(
            name=name,
            held=is_judged and name not in missing,
            at=iso(state.now_ms) if is_judged and name not in missing else None,
            generation=state.link.epoch,
        )
        for name, _ in PROOFS
    )
    return Latch(open=state.proofs.is_open, proofs=proofs)


def _watchdog(state: State) -> Watchdog:
    seen_ms = state.watchdog_mono_ms
    age_ms = None if seen_ms is None else max(0, state.mono_ms - seen_ms)
    return Watchdog(
        up=age_ms is not None and age_ms <= SILENT_MS_MAX,
        beat_age_ms=age_ms,
        cancel_on_disconnect=state.link.is_up and state.link.is_protected,
    )


def _containment(state: State) -> Containment | None:
    if state.durable.mode is Mode.ACTIVE:
        return None
    opens = [order for order in state.durable.orders.values() if not order.intent.role.is_exit]
    gone = [order for order in state.durable.closed.values() if order.intent_id in state.contained]
    return Containment(
        cancelled=len(gone),
        of=len(gone) + len(opens),
        policy=state.settings.policy.guard.on_kill.value,
    )


def _loss(state: State) -> Loss:
    currency = state.settings.currency
    known, base = state.accounts.get(currency), state.durable.equity.get(currency)
    zero = Decimal(0)
    if known is None or base is None:
        used = limit = zero
        from_ms = day_start(state.now_ms)
    else:
        used = max(base.day_equity - known[0].equity, zero)
        limit = base.day_equity * state.settings.policy.per_day.loss_max
        from_ms = base.day_ms
    return Loss(used=f"{used:.4f}", limit=f"{limit:.4f}", currency=currency, from_=iso(from_ms))


def _limits(state: State) -> tuple[LimitRow, ...]:
    policy = state.settings.policy
    rows: list[LimitRow] = []
    loss = _loss(state)
    rows.append(_limit("loss today", loss.used, loss.limit, loss.currency))
    for row in exposure_rows(state):
        worst = row.worst_case
        portfolio = policy.portfolio
        rows += [
            _limit("delta", abs(worst.delta), float(portfolio.delta_max), row.currency),
            _limit("gamma", abs(worst.gamma), float(portfolio.gamma_max), f"{row.currency}/1 %"),
            _limit("vega", abs(worst.vega), float(portfolio.vega_usd_max), "USD/pt"),
        ]
        if row.margin_use is not None:
            limit = float(portfolio.initial_margin_use_max)
            rows.append(_limit("margin use", row.margin_use, limit, "of balance"))
    is_today = state.durable.day.day_ms == day_start(state.now_ms)
    opens = state.durable.day.opens if is_today else 0
    rows.append(_limit("opens", float(opens), float(policy.per_day.opens_max), "per day"))
    return tuple(rows)


def _limit(name: str, used: str | float, limit: str | float, unit: str) -> LimitRow:
    return LimitRow(name=name, used=used, limit=limit, unit=unit, direction="higher")


def _revision(state: State, causes: tuple[CauseRow, ...]) -> int:
    """A number that changes exactly when what an operator decides upon changes (UX §2.3)."""
    text = "|".join(
        [
            state.settings.run_id,
            state.durable.mode.value,
            str(state.proofs.is_open),
            *(f"{cause.code} {cause.since}" for cause in causes if cause.sticky),
            *(cause.code for cause in causes if not cause.sticky),
        ]
    )
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")
