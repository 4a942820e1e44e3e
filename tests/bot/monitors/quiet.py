"""A sight at which no monitor raises anything, to be changed one observation at a time."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from bot.domain.ids import Currency
from bot.domain.instant import DAY_MS, HOUR_MS
from bot.domain.mode import Environment
from bot.domain.reason import Reason
from bot.monitors.observed import KernelClock, Line, Machine, Observation, Queue
from bot.monitors.order import Monitor
from bot.monitors.sight import Money, Sight
from bot.policy.load import load
from bot.policy.policy import Policy

__all__ = [
    "EIGHT_MS",
    "LINE",
    "MACHINE",
    "POLICY",
    "line",
    "machine",
    "money",
    "queues",
    "reason_of",
    "sight",
]

EIGHT_MS: Final = 20_600 * DAY_MS + 8 * HOUR_MS  # 08:00:00.000 UTC of some day

_FILE: Final = Path(__file__).resolve().parents[3] / "config/trading_policy.yaml"
POLICY: Final[Policy] = load(_FILE.read_text(), source=_FILE.name)


def money(**changes: str) -> Money:
    """Return an account of 10 coins that has neither won nor lost."""
    usual = {
        "equity": "10",
        "day_equity": "10",
        "peak_equity": "10",
        "margin_balance": "10",
        "initial_margin": "0",
        "maintenance_margin": "0",
    }
    return Money(**{name: Decimal(figure) for name, figure in {**usual, **changes}.items()})


LINE: Final = Line(
    silence_ms=0,
    trips_ms=(10,) * 60,
    limited_ms=(),
    refusals=0,
    refusal="",
    is_in_maintenance=False,
)
MACHINE: Final = Machine(
    age_ms=0,
    bytes_free=10**11,
    entries_free=10**6,
    reserve_fault=None,
    kernel_clock=KernelClock(is_synced=True, error_ms=1),
    policy_hash="p" * 64,
)
_QUIET: Final = Sight(
    now_ms=EIGHT_MS + 4 * HOUR_MS,
    environment=Environment.DEV,
    is_up=True,
    epoch=3,
    proven_epoch=3,
    was_proven=True,
    recon_failures=(),
    differences=(),
    is_delivering=False,
    mismatches=0,
    unknown=(),
    unsettled_labels=(),
    foreign_orders=(),
    closings=(),
    broken_groups=(),
    foreign_positions=(),
    clock_offset_ms=0,
    clock_bound_ms=0,
    clock_age_ms=0,
    index_age_ms=0,
    instruments_age_ms=0,
    account_age_ms=0,
    index_jump=0.0,
    index_range=0.0,
    mark_stands_ms=0,
    mark_left_by=0.0,
    broken_books=(),
    hedge=None,
    is_locked=False,
    is_in_maintenance=False,
    observed=Observation(line=LINE, machine=MACHINE, queues=()),
    observed_age_ms=0,
    policy_hash="p" * 64,
    ledger_failure=None,
    live_confirmed=False,
    is_protected=True,
    is_watchdog_expected=False,
    watchdog_age_ms=None,
    money={Currency("BTC"): money()},
)


def sight(**changes: Any) -> Sight:
    """Return the quiet sight, some of it changed."""
    return replace(_QUIET, **changes)


def line(**changes: Any) -> Sight:
    """Return the quiet sight, but for the line."""
    seen = Observation(line=replace(LINE, **changes), machine=MACHINE, queues=())
    return sight(observed=seen)


def machine(**changes: Any) -> Sight:
    """Return the quiet sight, but for the machine."""
    seen = Observation(line=LINE, machine=replace(MACHINE, **changes), queues=())
    return sight(observed=seen)


def queues(*some: Queue) -> Sight:
    """Return the quiet sight, but for the queues."""
    return sight(observed=Observation(line=LINE, machine=MACHINE, queues=some))


def reason_of(monitor: Monitor, seen: Sight) -> Reason | None:
    """Ask one monitor and return the reason that it raises, or None."""
    cause = monitor(seen, POLICY)
    return None if cause is None else cause.reason
