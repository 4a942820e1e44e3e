"""What an invariant may look at. None of it is the engine's own word unless it says so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import final

from bot.core.durable import Durable
from bot.core.order import Edit, Order
from bot.core.record import Refused
from bot.core.state import State
from bot.domain.ids import IntentId
from bot.domain.reason import Reason
from bot.simulator.exchange.record import LogEntry
from bot.simulator.exchange.trade import UserTrade
from bot.simulator.exchange.venue import Venue
from drills.story import LedgerStory, VenueStory

__all__ = ["Change", "Editing", "End", "Opened", "Sending", "Stopped", "Truth", "VenueTurn"]


@final
@dataclass(slots=True)
class Truth:
    """What the world itself knows, over all lives."""

    venue: Venue
    venue_ms: int = 0
    durable_labels: set[str] = field(default_factory=set)  # seen in bytes below a barrier
    sent: dict[str, int] = field(default_factory=dict)  # label → how often its order left
    placed: dict[str, set[str]] = field(default_factory=dict)  # label → order ids at the venue
    late: set[str] = field(default_factory=set)  # taken after their valid_until, and filled
    absent: dict[str, int] = field(default_factory=dict)  # label → when the engine proved absence
    head: tuple[int, str] = (0, "")  # the last record that was acknowledged
    causes: frozenset[Reason] = frozenset()  # durable ones, over lives
    causes_ms: int = 0  # when they were last noted
    rearmed_ms: int = -1  # when the owner last asked for it
    asked: set[str] = field(default_factory=set)  # methods that went out on the last connection
    faults: frozenset[str] = frozenset()  # which this seed can have at all
    struck: dict[str, int] = field(default_factory=dict)  # fault → when it last did something
    calm_since_ms: int = 0  # nothing has gone wrong at venue, line or disk since
    edits_sent: dict[str, int] = field(default_factory=dict)  # label of an edit → times
    reserved: set[IntentId] = field(default_factory=set)  # acknowledged by the reserve file
    tight_since_ms: int | None = None  # since when the durable mode forbids what may rest
    doubled: set[str] = field(default_factory=set)  # labels that the venue itself took twice
    is_damaged: bool = False  # what only a person can mend has happened to the ledger
    overdrawn: list[str] = field(default_factory=list)  # orders refused for want of credits
    illegal: list[str] = field(default_factory=list)

    def recently(self, *faults: str, within_ms: int = 60_000) -> bool:
        """Say whether one of these has done something lately."""
        return any(
            self.venue_ms - self.struck[name] <= within_ms for name in faults if name in self.struck
        )


@final
@dataclass(frozen=True, slots=True)
class Editing:
    """An edit's frame is about to leave; `label` is the edit's own, which no frame shows."""

    truth: Truth
    label: str
    order: Order
    edit: Edit
    valid_until: object
    state: State


@final
@dataclass(frozen=True, slots=True)
class Change:
    """The engine's state before and after a turn."""

    truth: Truth
    before: State
    after: State
    waiting: int  # events in the inbox


@final
@dataclass(frozen=True, slots=True)
class Sending:
    """An order's frame is about to leave; the state is the engine's at this moment."""

    truth: Truth
    method: str
    label: str
    params: Mapping[str, object]
    state: State


@final
@dataclass(frozen=True, slots=True)
class VenueTurn:
    """The exchange has changed orders or trades. `state` is the engine's, if one lives."""

    truth: Truth
    state: State | None
    entries: tuple[LogEntry, ...]  # of its order log, new ones
    trades: tuple[UserTrade, ...]
    late: frozenset[str]  # order ids that the venue took after their valid_until


@final
@dataclass(frozen=True, slots=True)
class Stopped:
    """A life has ended by itself; the state is its last."""

    truth: Truth
    state: State


@final
@dataclass(frozen=True, slots=True)
class Opened:
    """A ledger was opened again; `at_head` is the hash it has where the last was acknowledged."""

    truth: Truth
    durable: Durable
    head_seq: int
    at_head: str
    lost: tuple[str, ...]  # acknowledged by the reserve, and not in the journal
    holders: int  # living processes that hold this ledger


@final
@dataclass(frozen=True, slots=True)
class End:
    """Everything has healed and come to rest."""

    truth: Truth
    venue: VenueStory
    ledger: LedgerStory
    durable: Durable
    money: Mapping[str, tuple[Decimal, Decimal, Decimal]]  # trade → price, amount, fee: the venue's
    labels: Mapping[str, str]  # trade → label of its order: the venue's
    booked_labels: Mapping[str, str]  # and that of the intent under which it is booked, "" for none
    booked_money: Mapping[str, tuple[Decimal, Decimal, Decimal]]  # and ours
    refusals: tuple[Refused, ...]  # what did not become an order
    uncovered: tuple[str, ...]  # labels without capsule or snapshot
    is_rebuilt_equal: bool
    raised: frozenset[Reason]  # every cause that the journal ever recorded
