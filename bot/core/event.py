"""Everything that can reach the core: one ordered inbox of these (DESIGN §1).

Each event carries the venue time at which it entered the inbox and the machine's monotonic time.
Venue time drives everything about orders and data; monotonic time drives deadlines for people.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from bot.core.outcome import Outcome
from bot.domain.ids import Currency, IndexName, InstrumentName, IntentId, Label
from bot.domain.instrument import Instrument
from bot.domain.mode import Mode
from bot.domain.money import Price
from bot.domain.reason import Reason
from bot.domain.report import Account, Fill, OrderReport, Report
from bot.domain.verdict import Verdict
from bot.monitors.observed import Observation

__all__ = [
    "Answered",
    "ClockSampled",
    "CommitFailed",
    "Committed",
    "Connected",
    "Crashed",
    "Disconnected",
    "Event",
    "Garbled",
    "Gathered",
    "Happening",
    "InstrumentsRead",
    "LockLost",
    "Observed",
    "OperatorClassify",
    "OperatorDown",
    "OperatorFlatten",
    "OperatorMode",
    "OperatorRearm",
    "OperatorRecon",
    "Protected",
    "Reported",
    "ReserveFailed",
    "Subscribed",
    "Tick",
    "WatchdogActed",
    "WatchdogBeat",
]


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True)
class Connected:
    """A session with the venue is up: authenticated, armed, subscribed. `epoch` counts them."""

    epoch: int


@dataclass(frozen=True, slots=True)
class Protected:
    """The venue has said itself that it cancels our orders when this connection breaks."""

    epoch: int


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The session is gone. Every request in flight has an answer event of its own."""

    epoch: int
    why: str


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The connection now carries what was wanted; `missing` names what it does not."""

    epoch: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reported:
    """The venue said something by itself."""

    report: Report


@dataclass(frozen=True, slots=True)
class Garbled:
    """A notification could not be read: whatever it said is missing."""

    channel: str
    why: str


@dataclass(frozen=True, slots=True)
class InstrumentsRead:
    """The full list of definitions of one currency, freshly read."""

    currency: Currency
    instruments: tuple[Instrument, ...]


@dataclass(frozen=True, slots=True)
class ClockSampled:
    """Venue minus local clock, and how wrong that may be, both in ms [C-507]."""

    offset_ms: int
    bound_ms: int


@dataclass(frozen=True, slots=True)
class Observed:
    """The shell has looked at its line, its machine and its queues."""

    what: Observation


@dataclass(frozen=True, slots=True)
class Committed:
    """A batch of records has passed the barrier [C-201]."""

    batch: int


@dataclass(frozen=True, slots=True)
class CommitFailed:
    """The ledger could not be written: what it holds is unknown, nothing of it is sent [C-212]."""

    why: str


@dataclass(frozen=True, slots=True)
class ReserveFailed:
    """The reserve file could not be written either: nothing can be made durable any more."""

    why: str


@dataclass(frozen=True, slots=True)
class LockLost:
    """The ledger's lock is not ours any more: another engine may be at work here [C-202]."""

    why: str


@dataclass(frozen=True, slots=True)
class Answered:
    """Dispatch has an outcome for an intent."""

    intent_id: IntentId
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that one reconciliation read, under one generation [C-501].

    `began_ms` is venue time, read from the venue, before the first look-up. `by_label` has an entry
    for each label asked, also an empty one: a negative answer. `failures` names every question that
    was not answered; with any, nothing here proves an absence [C-206]. `has_history`: `trades` are
    those of the historical view too.
    """

    generation: int
    epoch: int
    began_ms: int
    open_orders: tuple[OrderReport, ...]
    by_label: dict[Label, tuple[OrderReport, ...]]
    history: tuple[OrderReport, ...]
    trades: tuple[Fill, ...]
    trades_from_ms: int
    positions: dict[InstrumentName, Decimal]
    accounts: tuple[Account, ...]
    failures: tuple[str, ...]
    has_history: bool = False
    delivery_prices: Mapping[IndexName, Mapping[str, Price]] = field(default_factory=dict)  # by day
    delivered: Mapping[InstrumentName, Decimal] = field(default_factory=dict)  # signed positions
    averages: Mapping[InstrumentName, Price] = field(default_factory=dict)  # of what is held


@dataclass(frozen=True, slots=True)
class OperatorMode:
    """An operator tightens the mode. Always obeyed."""

    request_id: str
    mode: Mode
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class OperatorRearm:
    """An operator agrees to go back to what the causes allow [C-307].

    `seen` is what the operator looked at: each cause with the time of its raising in ms. Consent
    covers these and no other, and only for a while: `looked_ms` is the venue time of that look.
    """

    request_id: str
    by: str
    why: str
    looked_ms: int
    seen: tuple[tuple[Reason, int], ...] = ()


@dataclass(frozen=True, slots=True)
class OperatorRecon:
    """An operator asks for a reconciliation now."""

    request_id: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class OperatorFlatten:
    """An operator asks to close everything, as the plan of this hash shows it [C-403]."""

    request_id: str
    plan: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class OperatorClassify:
    """An operator decides on something foreign, an order by its id or a position by its instrument.

    `seen` is what the operator was shown of it, to the letter [C-509].
    """

    request_id: str
    verdict: Verdict
    subject: str
    seen: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class OperatorDown:
    """An operator, or the end of a run, asks to stop in order."""

    request_id: str | None
    by: str
    why: str
    cancel_opens: bool


@dataclass(frozen=True, slots=True)
class WatchdogBeat:
    """The watchdog looked at us at this monotonic time of the machine, and could act [C-505]."""

    at_mono_ms: int


@dataclass(frozen=True, slots=True)
class WatchdogActed:
    """The watchdog took our orders off the venue, because we were silent [C-505]."""

    request_id: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Crashed:
    """A part of the shell, or a check, failed by a bug: the gravest cause [C-606]."""

    where: str
    why: str


Happening = (
    Answered
    | ClockSampled
    | CommitFailed
    | Committed
    | Connected
    | Crashed
    | Disconnected
    | Garbled
    | Gathered
    | InstrumentsRead
    | LockLost
    | OperatorClassify
    | Observed
    | OperatorDown
    | OperatorFlatten
    | OperatorMode
    | OperatorRearm
    | OperatorRecon
    | Protected
    | Reported
    | ReserveFailed
    | Subscribed
    | Tick
    | WatchdogActed
    | WatchdogBeat
)


@dataclass(frozen=True, slots=True)
class Event:
    """One happening, with its two times."""

    now_ms: int  # venue time, by our estimate
    mono_ms: int
    what: Happening
