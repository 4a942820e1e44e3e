"""The published view: what every watcher sees, whole and plain.

The engine publishes a new `View` and forgets it; socket, HTTP, commands and cockpit only read.
Money, prices and sizes are text with their exact digits; model values (greeks) are numbers;
times are `2026-11-25T11:31:07.204Z`; durations are integers ending in `_ms` (UX §2.2).
Blocks that do not exist in this build are left out (UNSET); those the schema lets be null are null.
Over 300 lines, because one document is read as one page.
"""

from enum import Enum
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from bot.domain.mode import Environment

__all__ = [
    "Alerts",
    "CauseRow",
    "Certificate",
    "Clock",
    "ClosingRow",
    "Containment",
    "EventRow",
    "Evidence",
    "ExposureRow",
    "FillRow",
    "ForeignRow",
    "Greeks",
    "Health",
    "Latch",
    "LatchProof",
    "LimitRow",
    "Loss",
    "ModeWord",
    "OrderCount",
    "OrderRow",
    "PositionRow",
    "Reconcile",
    "Rollout",
    "Stage",
    "Status",
    "View",
    "Watchdog",
]


class ModeWord(Enum):
    """The mode as a watcher sees it; UNKNOWN when no engine answers."""

    ACTIVE = "ACTIVE"
    REDUCE_ONLY = "REDUCE_ONLY"
    KILL = "KILL"
    UNKNOWN = "UNKNOWN"


class Stage(Enum):
    """How far a release has been let (C-904)."""

    SHADOW = "shadow"
    MICRO = "micro"
    FULL = "full"


class CauseRow(msgspec.Struct, frozen=True, kw_only=True):
    """One cause that stands. `mode` is what it forces; ACTIVE means that it only shuts opens."""

    code: str
    mode: ModeWord
    since: str
    sticky: bool
    text: str  # in the owner's words, with figures; stands after "because"
    next: str  # one thing to do
    runbook: str  # file#anchor


class LatchProof(msgspec.Struct, frozen=True, kw_only=True):
    """One proof of the latch [C-303]. `at` is None when it was never made in this run."""

    name: str
    held: bool
    at: str | None
    generation: int


class Latch(msgspec.Struct, frozen=True, kw_only=True):
    """Whether opens may pass, and on which proofs."""

    open: bool
    proofs: tuple[LatchProof, ...]


class Containment(msgspec.Struct, frozen=True, kw_only=True):
    """Progress of the cancel loop under KILL [C-304]."""

    cancelled: int
    of: int
    policy: Literal["hold", "hedge", "flatten"]


class Greeks(msgspec.Struct, frozen=True, kw_only=True):
    """Model values: delta in coin, gamma in coin per USD, vega in USD per volatility point."""

    delta: float
    gamma: float
    vega: float


class ExposureRow(msgspec.Struct, frozen=True, kw_only=True):
    """Exposure of one currency now, and at worst case with all that rests filled against us."""

    currency: str
    delta: float
    gamma: float
    vega: float
    margin_use: float | None  # a fraction of the account's margin balance
    worst_case: Greeks


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """The day's loss against its limit, and the instant it is measured from [C-005]."""

    used: str
    limit: str
    currency: str
    from_: str = msgspec.field(name="from")


class LimitRow(msgspec.Struct, frozen=True, kw_only=True):
    """One limit of the policy. Money as text, model values as numbers."""

    name: str
    used: str | float
    limit: str | float
    unit: str
    direction: Literal["higher", "lower"]  # which way is riskier


class OrderCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many orders of each sort there are."""

    live: int
    unknown: int
    foreign: int


class Reconcile(msgspec.Struct, frozen=True, kw_only=True):
    """The last comparison with the venue. `difference` is None while it is not known."""

    number: int
    at: str | None
    passed: bool | None
    difference: str | None


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """Our clock against the venue's."""

    offset_ms: float | None
    bound_ms: float | None
    limit_ms: float


class Watchdog(msgspec.Struct, frozen=True, kw_only=True):
    """The second process, as the engine sees it."""

    up: bool
    beat_age_ms: int | None
    cancel_on_disconnect: bool


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """How much of what was dispatched has its snapshot."""

    coverage_pct: float
    queued: int


class Alerts(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts that wait to be delivered, and those given up."""

    waiting: int
    failed: int


class Rollout(msgspec.Struct, frozen=True, kw_only=True):
    """The release that is being let in."""

    release: str
    stage: Stage
    day: int
    days: int


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """What was certified, and until when."""

    id: str
    valid_until: str


class ForeignRow(msgspec.Struct, frozen=True, kw_only=True):
    """Something in the account that is not ours: an order by its id, a position by its instrument.

    `amount` is signed, in the amount unit; `text` is what an act on it must name to the letter.
    `verdict` is None until an operator has decided.
    """

    subject: str
    kind: Literal["order", "position"]
    instrument: str
    amount: str
    price: str | None
    text: str
    verdict: Literal["adopt", "ignore", "close"] | None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """`bot.status/1` (UX §3.2): the same document on the socket, over HTTP and from `bot status`.

    `rev` counts what an operator decides upon (mode, causes, latch), not every figure: an act that
    loosens names the `rev` it was decided on, and is refused when that has moved (UX §2.3).
    `headline`, `reason`, `next`, `lines` are filled by `lines.worded`. `causes`: gravest first.
    """

    schema: Literal["bot.status/1"] = "bot.status/1"
    at: str
    rev: int
    connected: bool
    last_seen: str | None = None
    mode: ModeWord
    since: str
    age_ms: int
    environment: Environment
    stage: Stage | None = None
    headline: str = ""
    reason: str = ""
    next: str = ""
    lines: tuple[str, ...] = ()
    causes: tuple[CauseRow, ...] = ()
    latch: Latch
    containment: Containment | None = None
    exposure: tuple[ExposureRow, ...] = ()
    loss: Loss | UnsetType = UNSET
    limits: tuple[LimitRow, ...] = ()
    orders: OrderCount | UnsetType = UNSET
    foreign: tuple[ForeignRow, ...] = ()
    reconcile: Reconcile | UnsetType = UNSET
    clock: Clock | UnsetType = UNSET
    watchdog: Watchdog | UnsetType = UNSET
    evidence: Evidence | UnsetType = UNSET
    alerts: Alerts | UnsetType = UNSET
    rollout: Rollout | None = None
    run_id: str | UnsetType = UNSET
    build_id: str | UnsetType = UNSET
    contract_version: str | UnsetType = UNSET
    policy_hash: str | UnsetType = UNSET
    certificate: Certificate | None = None


class ClosingRow(msgspec.Struct, frozen=True, kw_only=True):
    """How far the guard is in closing a position. `step` counts its orders so far [C-403]."""

    side: Literal["buy", "sell"]  # of the exits
    left: str
    step: int
    by: str
    why: str
    since: str
    group: str | None = None


class PositionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One position. `size` is signed, in the instrument's amount unit; `pnl` in `currency`."""

    instrument: str
    size: str
    mark: str | None
    entry: str | None
    pnl: str | None
    currency: str
    delta: float | None
    gamma: float | None
    vega: float | None
    theta: float | None
    group: str | None = None
    closing: ClosingRow | None = None


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """One order that could still fill, or whose fate is not known. `state` as in C-204."""

    label: str
    order_id: str | None
    state: str
    side: Literal["buy", "sell"]
    filled: str | None  # None: not known (UNKNOWN)
    size: str
    price: str
    instrument: str
    role: str
    since: str
    valid_until: str | None = None
    foreign: bool = False


class FillRow(msgspec.Struct, frozen=True, kw_only=True):
    """One trade of ours. `seq` is its place in the ledger; `fee` positive = paid."""

    seq: int
    at: str
    trade_id: str
    label: str | None
    instrument: str
    side: Literal["buy", "sell"]
    price: str
    size: str
    fee: str
    fee_currency: str
    liquidity: str


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of what happened. `seq` is its place in the ledger; `about` a short id."""

    seq: int
    at: str
    kind: str  # one word of at most 8 letters: intent, sent, fill, refused, mode, ...
    text: str
    about: str | None = None
    code: str | None = None


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """`bot.health/1`: ok means ACTIVE with opens permitted [C-008].

    `beat` counts the core's own looks around in this run: one that stands still is a core that
    hangs, whoever may answer in its place [C-505].
    """

    schema: Literal["bot.health/1"] = "bot.health/1"
    at: str
    run_id: str
    ok: bool
    build_id: str
    contract_version: str
    environment: Environment
    mode: ModeWord
    reasons: tuple[str, ...]
    beat: int = 0


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is published, of one moment.

    `fills` and `events_tail` hold the newest at most 1 000 rows, oldest first.
    """

    status: Status
    positions: tuple[PositionRow, ...]
    orders: tuple[OrderRow, ...]
    fills: tuple[FillRow, ...]
    events_tail: tuple[EventRow, ...]
    health: Health
