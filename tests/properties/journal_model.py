"""What a journal must hold, as plain lists: no file, no hash, no transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from bot.core.durable import Durable, empty
from bot.core.fold import apply
from bot.core.record import Anomaly, FillBooked, IntentRecorded, Record
from bot.domain.side import Side
from ledger.entry import Entry
from ledger.fold_in import FOLDED_CODE
from tests.ledger.making import OWNER

__all__ = ["Model"]

Ref = tuple[str, str]


@dataclass
class Model:
    """`acked` was acknowledged. `unsure` is the one commit whose end nobody was told: all of it may
    be there, or nothing. `reserve` was acknowledged by the reserve file.
    """

    acked: list[Record] = field(default_factory=list)
    unsure: list[Record] = field(default_factory=list)
    reserve: list[Record] = field(default_factory=list)

    def knows(self, entry: Entry) -> bool:
        """Say whether a second booking of this must be refused."""
        key = _ref(entry.record)
        return key is not None and key in {_ref(r) for r in (*self.acked, *self.reserve)}

    def settle(self, found: Sequence[Record]) -> None:
        """Compare what an opening found with what must be there; what was found is acknowledged.

        Raises AssertionError when an acknowledged record is missing, twice, or out of its place.
        """
        assert tuple(found) in [tuple(story) for story in self._possible(found)]
        self.acked, self.unsure, self.reserve = list(found), [], []

    def _possible(self, found: Sequence[Record]) -> list[list[Record]]:
        ends = [self.acked, [*self.acked, *self.unsure]]
        return [[*end, *self._folded_in(end, found)] for end in ends]

    def _folded_in(self, journal: Sequence[Record], found: Sequence[Record]) -> list[Record]:
        if not self.reserve:
            return []
        there = {_ref(record) for record in journal}
        news = [r for r in self.reserve if _ref(r) is None or _ref(r) not in there]
        mark = found[-1] if found else None
        assert isinstance(mark, Anomaly)
        assert mark.code == FOLDED_CODE
        return [*news, mark]

    def state(self) -> Durable:
        """Fold the list from its first record."""
        durable = empty(OWNER)
        for seq, record in enumerate(self.acked, 1):
            durable = apply(durable, record, seq=seq)
        return durable

    def held(self) -> Decimal:
        """Sum the trades by hand, in USD: each id once."""
        fills = {r.fill.trade_id: r.fill for r in self.acked if isinstance(r, FillBooked)}
        return sum(
            (f.amount if f.side is Side.BUY else -f.amount for f in fills.values()), Decimal(0)
        )


def _ref(record: Record) -> Ref | None:
    match record:
        case IntentRecorded():
            return "intent", record.label
        case FillBooked():
            return "fill", record.fill.trade_id
        case _:
            return None
