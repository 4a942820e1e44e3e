"""Read the ledger's own story from its file, as any other process would."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from bot.core.durable import Durable, trade_key
from bot.core.record import FillBooked, IntentRecorded
from drills.story import LedgerStory, Recorded, Traded
from ledger.errors import LedgerError
from ledger.read import Reader, open_reader
from ledger.verify import verify

__all__ = ["read_recorded", "read_story"]


def read_story(home: Path) -> LedgerStory:
    """Read and verify the whole ledger; what cannot be read is one of its faults."""
    try:
        verdict = verify(home)
        with open_reader(home) as reader:
            state = reader.state()
            return LedgerStory(
                recorded=tuple(_recorded(reader, after=0)),
                booked=tuple(_booked(reader)),
                unsettled=_unsettled(state),
                positions=_in_account(state),
                causes=tuple(
                    f"{reason.value}: {cause.detail}" for reason, cause in state.causes.items()
                ),
                faults=tuple(f"record {fault.seq}: {fault.what}" for fault in verdict.faults),
            )
    except LedgerError as fault:
        return LedgerStory(
            recorded=(), booked=(), unsettled={}, positions={}, causes=(), faults=(str(fault),)
        )


def read_recorded(home: Path, *, after: int) -> tuple[int, tuple[str, ...]]:
    """Return the head's number, and the labels recorded after `after`. Raises LedgerError."""
    with open_reader(home) as reader:
        head = reader.head().seq
        return head, tuple(row.label for row in _recorded(reader, after=after))


def _recorded(reader: Reader, *, after: int) -> Iterator[Recorded]:
    for written in reader.entries(after=after, kind="intent"):
        record = written.entry.record
        if isinstance(record, IntentRecorded):
            yield Recorded(record.label, record.intent.decision.sequence)


def _booked(reader: Reader) -> Iterator[Traded]:
    for written in reader.entries(kind="fill"):
        record = written.entry.record
        if isinstance(record, FillBooked):
            fill = record.fill
            amount = Decimal(fill.side.sign * fill.amount)
            yield Traded(trade_key(fill), fill.instrument, amount)


def _in_account(state: Durable) -> dict[str, Decimal]:
    """Return what the venue should hold: ours, and what of strangers is known."""
    sizes: dict[str, Decimal] = {
        name: Decimal(held.quantity) for name, held in state.positions.items()
    }
    for name, apart in state.foreign.apart.items():
        sizes[name] = sizes.get(name, Decimal(0)) + apart.amount
    return {name: size for name, size in sizes.items() if size != 0}


def _unsettled(state: Durable) -> dict[str, str]:
    return {
        order.label: f"{order.phase.value}, {order.remaining} still to be booked"
        for order in state.orders.values()
        if not order.is_settled
    }
