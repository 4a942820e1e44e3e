"""What the core asks of the shell. The shell carries it out and decides nothing."""

from dataclasses import dataclass
from typing import Any

from bot.core.record import Record
from bot.domain.ids import Currency, IndexName, IntentId, Label
from bot.intent.intent import CancelIntent, EditIntent, OrderIntent

__all__ = [
    "Answer",
    "Body",
    "Commit",
    "Effect",
    "Entry",
    "Gather",
    "ReadInstruments",
    "Renew",
    "Say",
    "SendCancel",
    "SendEdit",
    "SendOrder",
    "Stop",
    "Watch",
]


@dataclass(frozen=True, slots=True)
class Body:
    """A large value, kept once by the hash of its content."""

    hash: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One record to be written, with the big bodies it names by hash."""

    record: Record
    bodies: tuple[Body, ...] = ()


@dataclass(frozen=True, slots=True)
class Commit:
    """Write these in one transaction and report `Committed(batch)` after the barrier.

    `last_seq` is the sequence number that the core has counted for the last of them: a ledger that
    counts otherwise holds another story than the core, which is a failure [C-203].
    """

    batch: int
    last_seq: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class SendOrder:
    """Write this order to the venue, once. It is emitted only after its `Committed`."""

    intent_id: IntentId
    label: Label
    intent: OrderIntent


@dataclass(frozen=True, slots=True)
class SendCancel:
    """Ask the venue to cancel. Emitted only after its `Committed`. `currency` is the target's."""

    intent_id: IntentId
    label: Label
    intent: CancelIntent
    currency: Currency


@dataclass(frozen=True, slots=True)
class SendEdit:
    """Ask the venue for other terms of an order, once. Emitted only after its `Committed`."""

    intent_id: IntentId
    label: Label
    intent: EditIntent


@dataclass(frozen=True, slots=True)
class Gather:
    """Read everything that one reconciliation needs and report `Gathered`.

    `history_from_ms` is given when trades are wanted from before the venue's recent view begins:
    then the historical view is to be read from there as well, and joined.
    """

    generation: int
    epoch: int
    labels: tuple[Label, ...]
    currencies: tuple[Currency, ...]
    trades_from_ms: int
    history_from_ms: int | None = None
    expired: tuple[IndexName, ...] = ()  # whose delivery prices are wanted: something is held


@dataclass(frozen=True, slots=True)
class ReadInstruments:
    """Read the definitions of one currency and report `InstrumentsRead`."""

    currency: Currency


@dataclass(frozen=True, slots=True)
class Watch:
    """Be subscribed to exactly these channels."""

    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Renew:
    """Ask for fresh snapshots of these channels: a change of theirs was missed."""

    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Tell an operator's request how it ended; `refusal` lists why not."""

    request_id: str
    done: bool
    seq: int
    refusals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Say:
    """A line for the log."""

    event: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stop:
    """Everything that was to be finished is finished: end the run."""

    why: str


Effect = (
    Answer
    | Commit
    | Gather
    | ReadInstruments
    | Renew
    | Say
    | SendCancel
    | SendEdit
    | SendOrder
    | Stop
    | Watch
)
