"""The seam between control and the engine: what control may read, and the acts it may ask for.

The socket, HTTP and commands know the engine only as this Protocol; tests stand a fake behind it.
"""

from typing import Protocol

import msgspec

from bot.control.flatten import FlattenPlan
from bot.control.view import EventRow, Health, View
from bot.domain.mode import Mode
from bot.domain.verdict import Verdict

__all__ = [
    "Act",
    "Acted",
    "Classify",
    "Down",
    "Engine",
    "Flatten",
    "OwnUp",
    "Rearm",
    "ReconRun",
    "SetMode",
]


class SetMode(msgspec.Struct, frozen=True, kw_only=True, tag="set_mode"):
    """Tighten to REDUCE_ONLY or KILL. A mode that is tighter already stays [C-302]."""

    mode: Mode  # never ACTIVE: that way back is Rearm
    by: str
    reason: str
    request_id: str


class Rearm(msgspec.Struct, frozen=True, kw_only=True, tag="rearm"):
    """The operator's consent to go back to what the causes allow [C-307].

    `expect` is the status revision on which the operator decided, `looked_ms` the venue time of
    that status: consent to a world that has moved on, or that is long ago, is none.
    """

    by: str
    reason: str
    request_id: str
    expect: int
    looked_ms: int


class Down(msgspec.Struct, frozen=True, kw_only=True, tag="down"):
    """Stop in order; with `cancel_opens` what rests and could open is cancelled first."""

    by: str
    reason: str
    cancel_opens: bool
    request_id: str


class Flatten(msgspec.Struct, frozen=True, kw_only=True, tag="flatten"):
    """Close everything, if it is still what the plan of this hash shows [C-403].

    It works in every mode; one that is looser becomes REDUCE_ONLY.
    """

    plan: str
    by: str
    reason: str
    request_id: str


class ReconRun(msgspec.Struct, frozen=True, kw_only=True, tag="recon_run"):
    """Compare everything with the venue now [C-502]."""

    by: str
    reason: str
    request_id: str


class Classify(msgspec.Struct, frozen=True, kw_only=True, tag="classify"):
    """Decide on something foreign, an order's id or a position's instrument [C-509].

    `expect` is what the operator was shown of it; the core compares it to the letter.
    """

    subject: str
    verdict: Verdict
    expect: str
    by: str
    reason: str
    request_id: str


class OwnUp(msgspec.Struct, frozen=True, kw_only=True, tag="own_up"):
    """The watchdog has taken orders off the venue in the engine's stead: KILL (DOMAIN §8.2, 24)."""

    by: str
    reason: str
    request_id: str


Act = Classify | Down | Flatten | OwnUp | Rearm | ReconRun | SetMode


class Acted(msgspec.Struct, frozen=True, kw_only=True):
    """The act is durable. `state` is `done` or, when it goes on in the background, `accepted`."""

    op: str
    state: str
    request_id: str
    record_seq: int
    lines: tuple[str, ...]  # the three lines after it


class Engine(Protocol):
    """What the engine offers to its watchers and its operator."""

    def view(self) -> View:
        """Return the last published view, at once and without the core."""
        ...

    def flatten_plan(self) -> FlattenPlan:
        """Return what a flatten would send, of the last published view or later."""
        ...

    def health(self) -> Health:
        """Return the health of this moment: its beat is the core's own, not the last view's."""
        ...

    def heed(self, *, at_mono_ms: int) -> None:
        """Take note that the watchdog looked, at this monotonic time of the machine. No wait."""
        ...

    async def act(self, act: Act, /) -> Acted:
        """Carry out an act; return once it is durable.

        Raises UserError: REFUSED (details.causes), CHANGED, STARTING, STOPPING, LEDGER, VENUE,
        NEEDS_APPROVAL; the text says what did not happen.
        """
        ...

    async def events(self, *, from_seq: int, limit: int) -> tuple[EventRow, ...]:
        """Return up to `limit` rows with seq >= from_seq, oldest first, from the ledger.

        A negative from_seq counts from the end: -20 gives the newest 20.
        """
        ...

    def fault(self, *, where: str, error: Exception) -> None:
        """Take note of a bug of control's: it becomes a cause [C-606]. Never raises."""
        ...

    def note(self, event: str, /, **facts: str | int) -> None:
        """Write a log line. Never raises, never waits."""
        ...
