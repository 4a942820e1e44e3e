"""What is handed in to be written: a record, who and when, and the big bodies that it names."""

import hashlib
from dataclasses import dataclass
from typing import Final, final

from bot.core.durable import trade_key
from bot.core.record import FillBooked, IntentRecorded, Record
from bot.domain.ids import IntentId, RunId
from bot.intent.intent import CancelIntent

__all__ = [
    "BODY_BYTES_MAX",
    "ENTRIES_MAX",
    "RECORD_BYTES_MAX",
    "Body",
    "Entry",
    "bodies_named",
    "check_entry",
]

RECORD_BYTES_MAX: Final = 64 * 1024  # hot rows stay small (DESIGN §6): big things are bodies
BODY_BYTES_MAX: Final = 8 * 1024 * 1024
ENTRIES_MAX: Final = 256  # of one commit


@final
@dataclass(frozen=True, slots=True)
class Body:
    """A capsule or snapshot, stored once by its content. `hash` is SHA-256 in lower-case hex."""

    hash: str
    content: bytes

    def __post_init__(self) -> None:
        """Refuse a hash that is not the content's, and content above BODY_BYTES_MAX."""
        if len(self.content) > BODY_BYTES_MAX:
            raise ValueError(f"a body was {len(self.content)} bytes, above {BODY_BYTES_MAX}")
        if self.hash != hashlib.sha256(self.content).hexdigest():
            raise ValueError(f"body {self.hash} has other content than its hash says")

    @staticmethod
    def of(content: bytes) -> "Body":
        """Make a body from its content."""
        return Body(hashlib.sha256(content).hexdigest(), content)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One record on its way into the journal.

    `ref` is what makes the record unique in its kind: an intent's label, a fill's `trade_key`.
    `at_venue_ms` is venue time, `at_mono_ns` the monotonic clock of this run. Raises ValueError
    when `intent_id` or `ref` contradict the record: the row and its body must tell one story.
    """

    record: Record
    run_id: RunId
    at_venue_ms: int
    at_mono_ns: int
    intent_id: IntentId | None = None
    ref: str | None = None
    bodies: tuple[Body, ...] = ()

    def __post_init__(self) -> None:
        """Check the row against the record."""
        check_entry(self.record, intent_id=self.intent_id, ref=self.ref)


def bodies_named(record: Record) -> tuple[str, ...]:
    """Return the hashes of the bodies that a record stands on [C-201].

    A cancel needs neither capsule nor snapshot; where it names one, it must be there too.
    """
    match record:
        case IntentRecorded():
            named = (record.capsule, record.snapshot)
            if isinstance(record.intent, CancelIntent):
                return tuple(name for name in named if name)
            return named
        case _:
            return ()


def check_entry(record: Record, *, intent_id: str | None, ref: str | None) -> None:
    """Raise ValueError when a row's columns contradict its record; used before and after."""
    match record:
        case IntentRecorded():
            _same("intent id", intent_id, record.intent_id)
            _same("ref", ref, record.label)
        case FillBooked():
            _same("intent id", intent_id, record.intent_id)
            _same("ref", ref, trade_key(record.fill))
        case _:  # other kinds have no identity of their own that a second copy could break
            pass


def _same(what: str, was: str | None, wanted: str | None) -> None:
    if was != wanted:
        raise ValueError(f"the {what} was {was}, the record says {wanted}")
