"""What the monitors look at: one frozen set of observations, the same for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.ids import Currency
from bot.domain.mode import Environment
from bot.domain.reason import Reason

__all__ = ["Cause", "Money", "Sight"]


@dataclass(frozen=True, slots=True)
class Money:
    """One currency's account beside what its losses are measured from."""

    equity: Decimal
    day_equity: Decimal
    peak_equity: Decimal
    margin_balance: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal


@dataclass(frozen=True, slots=True)
class Sight:
    """Observations at one moment. Ages are in ms; None means never seen."""

    now_ms: int
    environment: Environment
    is_up: bool
    epoch: int
    proven_epoch: int
    was_proven: bool  # in this run, on any connection
    recon_failures: tuple[str, ...]
    differences: tuple[str, ...]
    is_delivering: bool  # all that differs has expired, and is being delivered
    mismatches: int
    unknown: tuple[tuple[str, int], ...]  # label, and for how long in ms
    unsettled_labels: tuple[str, ...]
    foreign_orders: tuple[str, ...]
    closings: tuple[str, ...]  # what the guard is closing, in words
    broken_groups: tuple[str, ...]  # those of them that are a group's excess
    foreign_positions: tuple[str, ...]
    clock_offset_ms: int | None
    clock_bound_ms: int
    clock_age_ms: int
    index_age_ms: int | None
    instruments_age_ms: int | None
    account_age_ms: int | None
    is_locked: bool
    ledger_failure: str | None
    live_confirmed: bool
    is_protected: bool  # on this connection the venue has said so itself
    is_watchdog_expected: bool
    watchdog_age_ms: int | None
    money: Mapping[Currency, Money]


@dataclass(frozen=True, slots=True)
class Cause:
    """What a monitor raises: a reason and its figures."""

    reason: Reason
    detail: str
