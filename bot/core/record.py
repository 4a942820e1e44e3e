"""The records of the journal: everything that the engine must still know after a crash.

Each is written once and never changed [C-203]. `version` of a kind is part of its tag: a changed
meaning is a new tag beside the old one, and `durable.apply` keeps reading both.
"""

from decimal import Decimal
from typing import Final, get_args

import msgspec

from bot.core.life import LifeEvent, Phase
from bot.domain.ids import Currency, GroupId, InstrumentName, IntentId, Label, OrderId, RunId
from bot.domain.instrument import Instrument
from bot.domain.mode import Mode
from bot.domain.money import Amount, Coin, Price
from bot.domain.reason import Reason
from bot.domain.report import Fill
from bot.domain.side import Side
from bot.domain.verdict import Verdict
from bot.group.group import Group, Stage
from bot.intent.intent import Intent

__all__ = [
    "AccountSeen",
    "Anomaly",
    "CloseBegun",
    "CloseEnded",
    "Delivered",
    "Edited",
    "Expected",
    "FillBooked",
    "FlattenAsked",
    "GroupBegun",
    "GroupMoved",
    "GroupStep",
    "IntentRecorded",
    "LatchMoved",
    "ModeCauseRaised",
    "Moved",
    "OrderClassified",
    "PositionClassified",
    "ProofMade",
    "Rearmed",
    "Record",
    "Refused",
    "RunEnded",
    "RunStarted",
    "SetApart",
    "decode",
    "encode",
    "kind_of",
]


class RunStarted(msgspec.Struct, frozen=True, kw_only=True, tag="run_started/1"):
    """An engine begins on this ledger. Whatever was in flight before is UNKNOWN from here on."""

    run_id: RunId
    build_id: str
    config_hash: str
    policy_hash: str
    started_ms: int
    pid: int


class RunEnded(msgspec.Struct, frozen=True, kw_only=True, tag="run_ended/1"):
    """An engine ended in order. Its absence after a run means that it ended badly."""

    run_id: RunId
    ended_ms: int
    by: str
    why: str


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What the decision expected, for attribution. None where the market did not say."""

    mid: Price | None
    mark: Price | None
    mark_iv: float | None  # a fraction
    fee: Coin | None


class IntentRecorded(msgspec.Struct, frozen=True, kw_only=True, tag="intent/1"):
    """An intent with its capsule and snapshot (by content hash), before its first byte [C-201]."""

    intent_id: IntentId
    label: Label
    intent: Intent
    capsule: str
    snapshot: str
    expected: Expected | None  # None for a cancel


class Moved(msgspec.Struct, frozen=True, kw_only=True, tag="moved/1"):
    """Something happened to an intent. `filled` is the venue's own count where it gave one."""

    intent_id: IntentId
    event: LifeEvent
    phase: Phase  # after it
    why: str
    order_id: OrderId | None = None
    filled: Amount | None = None
    updated_ms: int | None = None


class Edited(msgspec.Struct, frozen=True, kw_only=True, tag="edited/1"):
    """It is proven what became of an edit: the order has its terms, or those from before.

    `at_ms` is the venue's time of the report that shows it, or of the moment when it was proven
    otherwise.
    """

    intent_id: IntentId  # of the order
    edit_id: IntentId
    applied: bool
    why: str
    at_ms: int


class FillBooked(msgspec.Struct, frozen=True, kw_only=True, tag="fill/1"):
    """A trade of ours enters the books, once per trade id [C-209].

    `intent_id` is None for a fill that no intent of this ledger explains. The definition travels
    along, so that the fold needs nothing else.
    """

    fill: Fill
    instrument: Instrument
    intent_id: IntentId | None


class Delivered(msgspec.Struct, frozen=True, kw_only=True, tag="delivered/1"):
    """A position ended by expiry, as planned [C-510]."""

    instrument: Instrument
    delivery_price: Price
    at_ms: int


class SetApart(msgspec.Struct, frozen=True, kw_only=True, tag="set_apart/1"):
    """Of a booked trade this signed part is a stranger's, and leaves what is ours [C-509].

    It leaves at the price of the trade, in the quote unit.
    """

    instrument: Instrument
    amount: Amount
    price: Price
    why: str
    at_ms: int


class OrderClassified(msgspec.Struct, frozen=True, kw_only=True, tag="order_classified/1"):
    """An operator has decided on a foreign order, as it was shown [C-509]."""

    order_id: OrderId
    instrument: InstrumentName
    verdict: Verdict
    seen: str
    by: str
    why: str
    request_id: str
    at_ms: int


class PositionClassified(msgspec.Struct, frozen=True, kw_only=True, tag="position_classified/1"):
    """An operator has decided on all that is foreign of an instrument [C-509].

    `amount` is signed. Adopted or to be closed it becomes ours at `price`, the venue's average in
    the quote unit; ignored it stays apart, and the price is only told.
    """

    instrument: Instrument
    amount: Amount
    price: Price | None
    verdict: Verdict
    seen: str
    by: str
    why: str
    request_id: str
    at_ms: int


class AccountSeen(msgspec.Struct, frozen=True, kw_only=True, tag="account/1"):
    """The equity that losses are measured from; written at a day's start and at new peaks."""

    currency: Currency
    equity: Coin
    day_ms: int
    at_ms: int


class CloseBegun(msgspec.Struct, frozen=True, kw_only=True, tag="close_begun/1"):
    """The guard is to close this much of a position, whatever it costs within bounds [C-403].

    A second one for the same instrument raises what is left to the larger amount.
    """

    instrument: InstrumentName
    side: Side  # of the exits
    amount: Amount
    by: str
    why: str
    group: GroupId | None
    at_ms: int


class CloseEnded(msgspec.Struct, frozen=True, kw_only=True, tag="close_ended/1"):
    """The guard gives up closing: what is left cannot be traded. Done ones end by their fills."""

    instrument: InstrumentName
    why: str
    at_ms: int


class FlattenAsked(msgspec.Struct, frozen=True, kw_only=True, tag="flatten/1"):
    """The owner wants nothing to be held. It stands until a rearm [C-403]."""

    by: str
    why: str
    at_ms: int


class GroupBegun(msgspec.Struct, frozen=True, kw_only=True, tag="group_begun/1"):
    """A group of legs begins [C-401]. There is one at a time, and its number is a decision's."""

    group: Group
    sequence: int


class GroupStep(msgspec.Struct, frozen=True, kw_only=True, tag="group_step/1"):
    """A leg of the group was tried: by this intent, or by none when the rules refused it.

    A rescue is counted here, so that a restart forgets none [C-402].
    """

    group_id: GroupId
    leg: int
    intent_id: IntentId | None
    is_rescue: bool
    why: str
    at_ms: int


class GroupMoved(msgspec.Struct, frozen=True, kw_only=True, tag="group_moved/1"):
    """The group closes its excess, or is over."""

    group_id: GroupId
    stage: Stage
    why: str
    at_ms: int


class ModeCauseRaised(msgspec.Struct, frozen=True, kw_only=True, tag="cause/1"):
    """A cause that forces a mode. It stays until an operator rearms [C-302]."""

    reason: Reason
    mode: Mode
    detail: str
    by: str
    at_ms: int


class Rearmed(msgspec.Struct, frozen=True, kw_only=True, tag="rearmed/1"):
    """An operator's consent to go back to what the causes allow [C-307]."""

    by: str
    why: str
    cleared: tuple[Reason, ...]
    at_ms: int


class LatchMoved(msgspec.Struct, frozen=True, kw_only=True, tag="latch/1"):
    """The OpenPermissionLatch opened or shut [C-303]. Kept for the story; never restored."""

    is_open: bool
    missing: tuple[str, ...]
    at_ms: int


class ProofMade(msgspec.Struct, frozen=True, kw_only=True, tag="proof/1"):
    """One reconciliation ended."""

    generation: int
    is_good: bool
    detail: str
    differences: tuple[tuple[InstrumentName, Decimal, Decimal], ...]  # ours, the venue's
    trades_to_ms: int
    at_ms: int


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag="refused/1"):
    """A proposal that did not become an order, with every gate's word on it."""

    strategy: str
    instrument: InstrumentName
    wanted: str
    refusals: tuple[tuple[str, str, str], ...]  # code, was, limit; the first decides
    at_ms: int


class Anomaly(msgspec.Struct, frozen=True, kw_only=True, tag="anomaly/1"):
    """Something that should not happen and was dealt with."""

    code: str
    detail: str
    at_ms: int


Record = (
    AccountSeen
    | Anomaly
    | CloseBegun
    | CloseEnded
    | Delivered
    | Edited
    | FillBooked
    | FlattenAsked
    | GroupBegun
    | GroupMoved
    | GroupStep
    | IntentRecorded
    | LatchMoved
    | ModeCauseRaised
    | Moved
    | OrderClassified
    | PositionClassified
    | ProofMade
    | Rearmed
    | Refused
    | RunEnded
    | RunStarted
    | SetApart
)

_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_DECODER: Final = msgspec.json.Decoder(Record)
_KINDS: Final[dict[type, str]] = {
    kind: str(kind.__struct_config__.tag) for kind in get_args(Record)
}


def kind_of(record: Record) -> str:
    """Return the record's kind: its tag without the version."""
    return _KINDS[type(record)].partition("/")[0]


def encode(record: Record) -> bytes:
    """Return the record's bytes: same record, same bytes."""
    return _ENCODER.encode(record)


def decode(body: bytes) -> Record:
    """Read a record back. Raises msgspec.ValidationError for one this version does not know."""
    record: Record = _DECODER.decode(body)
    return record
