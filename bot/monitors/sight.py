"""What the monitors look at: one frozen set of observations, the same for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.ids import Currency, InstrumentName
from bot.domain.instrument import BookState
from bot.domain.mode import Environment
from bot.domain.reason import Reason
from bot.monitors.observed import Observation

__all__ = ["Cause", "Hedge", "Money", "Sight"]


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
class Hedge:
    """The market of the hedge, as its book shows it.

    `spread_bp` of the middle price and `depth_usd` of the thinner side are None while one side is
    empty; `basis` is how far its mark is from the index, a fraction, None while either is unknown.
    """

    name: InstrumentName
    state: BookState
    spread_bp: Decimal | None
    depth_usd: Decimal | None
    basis: Decimal | None


@dataclass(frozen=True, slots=True)
class Sight:
    """Observations at one moment. Ages are in ms; None means never seen.

    `index_jump` and `index_range` are moves of the index as fractions, over a second and over five
    minutes; the hedge's mark has stood for `mark_stands_ms`, and the index has since moved by the
    fraction `mark_left_by`.
    """

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
    index_jump: float
    index_range: float
    mark_stands_ms: int
    mark_left_by: float
    broken_books: tuple[tuple[InstrumentName, int], ...]  # and for how long in ms
    hedge: Hedge | None  # None without a book
    is_locked: bool
    is_in_maintenance: bool
    observed: Observation | None
    observed_age_ms: int
    policy_hash: str
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
