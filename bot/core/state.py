"""All that the core knows: what is durable, what the venue shows, and what is under way."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.core.durable import Durable
from bot.core.event import Gathered
from bot.domain.ids import Currency, InstrumentName, IntentId, Label, OrderId, RunId
from bot.domain.mode import Environment
from bot.domain.money import Amount, Price
from bot.domain.reason import Reason
from bot.domain.report import Account, OrderReport
from bot.domain.side import Side
from bot.intent.intent import CancelIntent, EditIntent, OrderIntent
from bot.market.history import History
from bot.market.market import Market
from bot.market.tape import Tape
from bot.monitors.observed import Observation
from bot.policy.policy import Policy
from bot.strategy.interface import Params, Strategy

__all__ = [
    "After",
    "AnswerAfter",
    "CancelUnderWay",
    "Clock",
    "Counters",
    "LatchCause",
    "Link",
    "Listed",
    "Proofs",
    "Recon",
    "SendAfter",
    "Settings",
    "State",
    "StopAfter",
    "Stopping",
]


@dataclass(frozen=True, slots=True)
class Settings:
    """What was set once at the start and never changes while running [C-001]."""

    environment: Environment
    run_id: RunId
    build_id: str
    config_hash: str
    policy: Policy
    policy_hash: str
    strategy: Strategy
    params: Params
    currency: Currency  # the engine trades one settlement currency
    hedge: InstrumentName
    live_confirmed: bool  # the operator's own proof of the latch, given at start; LIVE asks for it
    is_watchdog_expected: bool  # without one that looks at us, nothing is opened [C-505]


@dataclass(frozen=True, slots=True)
class Link:
    """The session with the venue. `epoch` counts connections; 0 before the first."""

    epoch: int = 0
    is_up: bool = False
    is_listening: bool = (
        False  # the account's own channels are carried: reading the truth may begin
    )
    refused: tuple[str, ...] = ()  # those of them that the venue does not give us
    retried_mono_ms: int = 0  # when these were last asked for again
    went_down_mono_ms: int = 0
    came_up_ms: int = 0  # venue time of this connection's beginning
    is_protected: bool = False  # the venue says that it cancels for us when this one breaks


@dataclass(frozen=True, slots=True)
class Clock:
    """Venue minus local clock, and its bound; None before the first sample."""

    offset_ms: int | None = None
    bound_ms: int = 0
    sampled_mono_ms: int = 0


@dataclass(frozen=True, slots=True)
class Recon:
    """Where reconciliation stands. `proven_epoch` is the connection whose proof holds."""

    generation: int = 0  # of the last one asked for
    asked_mono_ms: int | None = None  # None when none is under way
    ended_mono_ms: int | None = None  # of the last one; None: the next need not wait
    is_wanted: bool = True
    asked_at: tuple[int, int] = (0, 0)  # fills and moves of this run when it was asked for
    proven_epoch: int = 0
    proven_ms: int = 0
    proven_mono_ms: int = 0
    failures: tuple[str, ...] = ()
    mismatches: int = 0  # in a row
    differences: tuple[str, ...] = ()
    is_planned: bool = False  # all of them: what has expired is being delivered [C-510]
    # What no trade explains, signed, once it has shown so often that it forces a mode; and the
    # venue's average prices of what it shows as held.
    unexplained: tuple[tuple[InstrumentName, Amount], ...] = ()
    averages: Mapping[InstrumentName, Price] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listed:
    """What the venue's last whole list of open orders showed of ours, and when it was asked for."""

    epoch: int
    asked_mono_ms: int
    ours: tuple[str, ...]  # labels


@dataclass(frozen=True, slots=True)
class LatchCause:
    """A reason for which opens are shut now, since when (monotonic), in a detail for people."""

    reason: Reason
    proof: str  # the name of the proof that is missing
    detail: str
    since_mono_ms: int
    good_mono_ms: int | None = None  # since when the proof is good again, and only has to stay


@dataclass(frozen=True, slots=True)
class Proofs:
    """The latch: open when nothing stands against it [C-303]."""

    causes: tuple[LatchCause, ...] = ()
    is_open: bool = False
    shut_mono_ms: int | None = None  # since when it is shut; None while open
    held: frozenset[str] = frozenset()  # which have been good in this run: these can be lost
    losses: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # by proof, monotonic


@dataclass(frozen=True, slots=True)
class CancelUnderWay:
    """A cancel that was asked for and not answered yet."""

    intent_id: IntentId
    asked_mono_ms: int
    attempt: int


@dataclass(frozen=True, slots=True)
class SendAfter:
    """Send this once its record is durable."""

    intent_id: IntentId
    label: Label
    intent: OrderIntent | CancelIntent | EditIntent


@dataclass(frozen=True, slots=True)
class AnswerAfter:
    """Answer an operator once the act is durable; with refusals, that it is done but for these."""

    request_id: str
    refusals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StopAfter:
    """End the run once its last record is durable."""

    why: str


After = AnswerAfter | SendAfter | StopAfter


@dataclass(frozen=True, slots=True)
class Stopping:
    """The run is to end: what for, and until when it may finish what is open.

    `quiet_mono_ms` is since when nothing of ours is under way or resting: the venue's list proves
    it when it was asked for after that. `unproven` says at the end what could not be proven.
    """

    by: str
    why: str
    cancel_opens: bool
    deadline_mono_ms: int
    request_id: str | None
    quiet_mono_ms: int | None = None
    unproven: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counters:
    """What this run has done, for its figures and metrics."""

    orders_dispatched: int = 0
    cancels_dispatched: int = 0
    edits_dispatched: int = 0
    fills: int = 0
    moves: int = 0
    refusals: int = 0
    duplicate_dispatches: int = 0
    illegal_attempts: int = 0
    snapshots: int = 0
    ambiguous: int = 0
    reconnects: int = 0
    garbled: int = 0
    anomalies: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """The core's whole state. A step makes a new one."""

    settings: Settings
    durable: Durable
    seq: int  # of the last record emitted
    now_ms: int = 0
    mono_ms: int = 0
    started_mono_ms: int = 0
    market: Market = field(default_factory=Market)
    history: History = field(default_factory=History)
    tape: Tape = field(default_factory=Tape)
    observed: Observation | None = None
    observed_mono_ms: int = 0
    accounts: Mapping[Currency, tuple[Account, int]] = field(default_factory=dict)  # with its time
    foreign: Mapping[OrderId, OrderReport] = field(default_factory=dict)
    link: Link = field(default_factory=Link)
    clock: Clock = field(default_factory=Clock)
    recon: Recon = field(default_factory=Recon)
    listed: Listed | None = None
    proofs: Proofs = field(default_factory=Proofs)
    latest: Gathered | None = None
    batch: int = 0
    waiting: Mapping[int, tuple[After, ...]] = field(default_factory=dict)
    sent: frozenset[Label] = frozenset()  # labels given to dispatch in this run
    cancels: Mapping[IntentId, CancelUnderWay] = field(default_factory=dict)  # by target
    doubled: Mapping[OrderId, CancelUnderWay] = field(default_factory=dict)  # by second order
    tripped: frozenset[tuple[Reason, OrderId]] = frozenset()  # by orders, in this run
    contained: frozenset[IntentId] = frozenset()  # resting opens that containment took off
    cancelled: tuple[int, ...] = ()  # when cancels were asked for lately, monotonic
    checks: frozenset[Label] = frozenset()  # labels whose answer wants a look-up
    refused: Mapping[tuple[InstrumentName, Side], tuple[Reason, int]] = field(default_factory=dict)
    cooling: Mapping[InstrumentName, int] = field(
        default_factory=dict
    )  # refused by the venue until
    watched: tuple[str, ...] = ()  # channels
    renewed: Mapping[str, int] = field(default_factory=dict)  # channel → last asked, monotonic
    garbled: Mapping[str, int] = field(default_factory=dict)  # channel → last recorded, monotonic
    instruments_asked_mono_ms: int | None = None
    ledger_failure: str | None = None  # since then records go to the reserve file [C-212]
    reserve_failure: str | None = None  # since then nothing can be made durable
    hedged_ms: int | None = None
    watchdog_mono_ms: int | None = None  # when the watchdog last looked; None: not in this run
    stopping: Stopping | None = None
    counters: Counters = field(default_factory=Counters)
