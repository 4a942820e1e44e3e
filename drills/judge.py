"""Compare the two stories: each promise that is broken is named, with its order or trade.

Source: RELIABILITY §2 P1 to P4, contract C-201, C-207, C-209, C-504.
"""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from drills.story import LedgerStory, VenueStory

__all__ = ["Verdict", "judge", "sent_before_durable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Findings by promise, as text that names what is wrong; all empty when all hold."""

    duplicates: tuple[str, ...] = ()
    lost_fills: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()
    position_mismatch: tuple[str, ...] = ()
    sent_before_durable: tuple[str, ...] = ()
    ledgers_broken: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """True when nothing was found."""
        return not any(self.findings().values())

    def findings(self) -> dict[str, tuple[str, ...]]:
        """Return the findings by the name of their figure."""
        return {
            "duplicates": self.duplicates,
            "lost_fills": self.lost_fills,
            "unresolved": self.unresolved,
            "position_mismatch": self.position_mismatch,
            "sent_before_durable": self.sent_before_durable,
            "ledgers_broken": self.ledgers_broken,
        }


def judge(venue: VenueStory, ledger: LedgerStory) -> Verdict:
    """Compare what both say at one moment at which nothing is under way."""
    return Verdict(
        duplicates=_duplicates(venue, ledger),
        lost_fills=_lost_fills(venue, ledger),
        unresolved=tuple(
            f"{label}: {why}"
            for label, why in sorted(ledger.unsettled.items())
            if label not in venue.open_labels
        ),
        position_mismatch=_mismatches(venue, ledger),
        sent_before_durable=sent_before_durable(venue, {row.label for row in ledger.recorded}),
        ledgers_broken=ledger.faults,
    )


def sent_before_durable(venue: VenueStory, durable: set[str]) -> tuple[str, ...]:
    """Name each order at the venue whose label the ledger does not hold [C-201]."""
    return tuple(
        f"order {row.order_id} came with label {row.label!r}, which is not in the ledger"
        for row in venue.placed
        if row.label not in durable
    )


def _duplicates(venue: VenueStory, ledger: LedgerStory) -> tuple[str, ...]:
    orders = Counter(row.label for row in venue.placed)
    labels = Counter(row.sequence for row in ledger.recorded)
    records = Counter(row.label for row in ledger.recorded)
    return (
        *(f"{label} has {n} orders at the venue" for label, n in orders.items() if n > 1),
        *(f"decision {number} has {n} labels" for number, n in labels.items() if n > 1),
        *(f"{label} is recorded {n} times" for label, n in records.items() if n > 1),
    )


def _lost_fills(venue: VenueStory, ledger: LedgerStory) -> tuple[str, ...]:
    booked = Counter(fill.key for fill in ledger.booked)
    told = {trade.key: trade for trade in venue.traded}
    wrong = [
        f"trade {key} is booked {booked[key]} times" for key in sorted(told) if booked[key] != 1
    ]
    for fill in ledger.booked:
        trade = told.get(fill.key)
        if trade is None:
            wrong.append(f"trade {fill.key} is booked, and the venue knows none")
        elif (trade.instrument, trade.amount) != (fill.instrument, fill.amount):
            wrong.append(
                f"trade {fill.key} is booked as {fill.amount} {fill.instrument},"
                f" the venue says {trade.amount} {trade.instrument}"
            )
    return tuple(wrong)


def _mismatches(venue: VenueStory, ledger: LedgerStory) -> tuple[str, ...]:
    found = []
    for name in sorted({*venue.positions, *ledger.positions}):
        ours = ledger.positions.get(name, Decimal(0))
        theirs = venue.positions.get(name, Decimal(0))
        if ours != theirs:
            found.append(f"{name} ours {ours} venue {theirs}")
    return tuple(found)
