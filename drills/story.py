"""The two stories that a drill compares, as plain data: the venue's and the ledger's.

Neither is made from the other: the venue's comes from its own log of orders and trades, the
ledger's from its records. Amounts are signed where they move a position, in the venue's unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

__all__ = ["LedgerStory", "Placed", "Recorded", "Traded", "VenueStory"]


@dataclass(frozen=True, slots=True)
class Placed:
    """One order that came to life at the venue; the label is empty for one without."""

    label: str
    order_id: str


@dataclass(frozen=True, slots=True)
class Traded:
    """One trade of ours. `key` is unique: its currency and the venue's id."""

    key: str
    instrument: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueStory:
    """What the venue says of our account."""

    placed: tuple[Placed, ...]
    traded: tuple[Traded, ...]
    open_labels: frozenset[str]
    positions: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One intent in the journal. `sequence` numbers the decision that it came from."""

    label: str
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerStory:
    """What the ledger says. `unsettled` maps the label of each order that has not ended to why."""

    recorded: tuple[Recorded, ...]
    booked: tuple[Traded, ...]
    unsettled: Mapping[str, str]
    positions: Mapping[str, Decimal]
    causes: tuple[str, ...]
    faults: tuple[str, ...]
