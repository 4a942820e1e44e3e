"""The verbs of the socket as data: what each may do, and which arguments it takes (UX §2.3).

Arguments are strict: an unknown key is refused, for a typo in a dangerous verb must not be dropped.
"""

from datetime import datetime
from enum import Enum
from typing import Annotated, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta

__all__ = [
    "HZ_MAX",
    "HZ_MIN",
    "PLAIN",
    "PROTOCOLS",
    "ROWS_MAX",
    "VERBS",
    "DownArgs",
    "FillsArgs",
    "FlattenArgs",
    "ForeignArgs",
    "ForeignCloseArgs",
    "HelloArgs",
    "ModeArgs",
    "NoArgs",
    "OrdersArgs",
    "RearmArgs",
    "ReconArgs",
    "SubscribeArgs",
    "TailArgs",
    "UnsubscribeArgs",
    "Verb",
    "VerbKind",
]

PROTOCOLS: Final = (1,)
ROWS_MAX: Final = 1_000
HZ_MIN: Final = 0.1
HZ_MAX: Final = 10.0

# Text that is kept for ever and shown on terminals: no control characters, nothing that turns the
# direction of writing (RELIABILITY §10). Anchored, for a pattern is searched and not matched.
PLAIN: Final = r"\A[^\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]*\Z"

By = Annotated[str, Meta(min_length=1, max_length=64, pattern=PLAIN)]
Reason = Annotated[str, Meta(min_length=1, max_length=280, pattern=PLAIN)]
Whole = Annotated[int, Meta(ge=0, le=2**53)]  # what every reader of JSON keeps exact
RequestId = Annotated[
    str, Meta(pattern="^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", max_length=36)
]
Rows = Annotated[int, Meta(ge=1, le=ROWS_MAX)]


class VerbKind(Enum):
    """What a verb does to risk."""

    READ = "read"
    TIGHTEN = "tighten"
    LOOSEN = "loosen"
    NEUTRAL = "neutral, recorded"
    STOP = "acts on the market or the engine"

    @property
    def changes(self) -> bool:
        """True for everything that is recorded."""
        return self is not VerbKind.READ


class NoArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For verbs without arguments."""


class HelloArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Greet: which protocol, who, and whether it will only read."""

    protocol: Whole
    client: By
    pid: Whole = 0
    read_only: bool = False


class OrdersArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which orders."""

    state: Literal["all", "live", "unknown", "foreign"] = "all"


class FillsArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many of the newest fills."""

    n: Rows = 100


class TailArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The newest `n` events, or `n` from a ledger seq on; `kinds` keeps only those."""

    n: Rows = 20
    from_seq: Whole | None = None
    kinds: Annotated[tuple[str, ...], Meta(max_length=32)] = ()


class SubscribeArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Topics to be told about, how often, and for logs from which ledger seq."""

    topics: Annotated[tuple[str, ...], Meta(min_length=1, max_length=16)]
    hz: Annotated[float, Meta(ge=HZ_MIN, le=HZ_MAX)] = 4.0
    from_seq: Whole | None = None


class UnsubscribeArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The subscription to end."""

    sub: Whole


class ModeArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tighten the mode. `by` defaults to the login name of the peer, here and below."""

    mode: Literal["REDUCE_ONLY", "KILL"]
    reason: Reason
    request_id: RequestId
    by: By | None = None


class RearmArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Consent to loosen, decided on the status of revision `expect`, whose `at` was `seen_at`."""

    reason: Reason
    request_id: RequestId
    expect: Whole
    seen_at: datetime
    by: By | None = None


class ReconArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Reconcile now."""

    reason: Reason
    request_id: RequestId
    by: By | None = None


class ForeignArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Adopt or ignore a foreign order, by its id, or position, by its instrument.

    `expect` is the text that the list shows of it.
    """

    subject: Annotated[str, Meta(min_length=1, max_length=64)]
    expect: Annotated[str, Meta(min_length=1, max_length=280)]
    reason: Reason
    request_id: RequestId
    by: By | None = None


class ForeignCloseArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """End it: an order is cancelled, a position exited. `confirm` is the word of the act."""

    subject: Annotated[str, Meta(min_length=1, max_length=64)]
    expect: Annotated[str, Meta(min_length=1, max_length=280)]
    reason: Reason
    request_id: RequestId
    confirm: Literal["close"]
    by: By | None = None


class DownArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Stop the engine in order. `confirm` is the word of the act, so that no slip stops it."""

    reason: Reason
    request_id: RequestId
    confirm: Literal["down"]
    cancel_opens: bool = True
    by: By | None = None


class FlattenArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Close everything, as the plan of this hash shows it. `confirm` is the word of the act."""

    plan: Annotated[str, Meta(pattern="^[0-9a-f]{12}$")]
    reason: Reason
    request_id: RequestId
    confirm: Literal["FLATTEN"]
    by: By | None = None


class Verb(NamedTuple):
    """One row of the table."""

    kind: VerbKind
    args: type[msgspec.Struct]


VERBS: Final = {
    "hello": Verb(VerbKind.READ, HelloArgs),
    "status": Verb(VerbKind.READ, NoArgs),
    "health": Verb(VerbKind.READ, NoArgs),
    "positions": Verb(VerbKind.READ, NoArgs),
    "orders": Verb(VerbKind.READ, OrdersArgs),
    "fills": Verb(VerbKind.READ, FillsArgs),
    "causes": Verb(VerbKind.READ, NoArgs),
    "tail": Verb(VerbKind.READ, TailArgs),
    "subscribe": Verb(VerbKind.READ, SubscribeArgs),
    "unsubscribe": Verb(VerbKind.READ, UnsubscribeArgs),
    "metrics": Verb(VerbKind.READ, NoArgs),
    "foreign list": Verb(VerbKind.READ, NoArgs),
    "flatten plan": Verb(VerbKind.READ, NoArgs),
    "mode": Verb(VerbKind.TIGHTEN, ModeArgs),
    "mode rearm": Verb(VerbKind.LOOSEN, RearmArgs),
    "recon run": Verb(VerbKind.NEUTRAL, ReconArgs),
    "foreign adopt": Verb(VerbKind.LOOSEN, ForeignArgs),
    "foreign ignore": Verb(VerbKind.LOOSEN, ForeignArgs),
    "foreign close": Verb(VerbKind.STOP, ForeignCloseArgs),
    "flatten go": Verb(VerbKind.STOP, FlattenArgs),
    "down": Verb(VerbKind.STOP, DownArgs),
}
