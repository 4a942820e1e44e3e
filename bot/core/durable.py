"""What outlives a crash: one state, folded from the journal's records and from nothing else.

The live engine and recovery use the same `apply`, so that a restart knows exactly what was known.
It stays small: finished intents leave it (the journal keeps them), booked trades are remembered for
a week, which is longer than the venue's recent view shows them.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from bot.core.foreign import (
    Foreign,
)
from bot.core.memory import Closing, Day, EquityBase, Flattening, Holding, RaisedCause
from bot.core.order import Order
from bot.core.record import (
    RunEnded,
    RunStarted,
)
from bot.domain.ids import Currency, InstrumentName, IntentId, Label
from bot.domain.instant import DAY_MS, HOUR_MS
from bot.domain.instrument import Instrument
from bot.domain.mode import Mode
from bot.domain.reason import Reason
from bot.domain.recent import Recent
from bot.domain.report import Fill
from bot.group.group import Group
from bot.intent.intent import Owner
from bot.portfolio.position import Position

__all__ = [
    "TRADES_KEPT_MS",
    "Day",
    "Durable",
    "EquityBase",
    "Holding",
    "Order",
    "RaisedCause",
    "day_start",
    "decode_state",
    "empty",
    "encode_state",
    "forgotten_to_ms",
    "severity_of",
    "trade_key",
]

_OVERLAP_MS: Final = HOUR_MS  # reconciliation asks for trades from well within this
TRADES_KEPT_MS: Final = 7 * DAY_MS


class Durable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The state that the journal folds to."""

    owner: Owner
    sequence: int = 0  # the last decision's
    orders: Mapping[IntentId, Order] = {}
    closed: Mapping[IntentId, Order] = {}
    positions: Mapping[InstrumentName, Position] = {}
    instruments: Mapping[InstrumentName, Instrument] = {}  # of what is held
    holdings: Mapping[InstrumentName, Holding] = {}
    trades: Mapping[str, int] = {}  # booked trade → its time
    foreign: Foreign = Foreign()
    causes: Mapping[Reason, RaisedCause] = {}
    closings: Mapping[InstrumentName, Closing] = {}
    flattening: Flattening | None = None
    group: Group | None = None  # the one under way, or the last one
    guard_hedge: InstrumentName | None = None  # what the guard hedged with, while it is held
    mode_since_ms: int = 0
    day: Day = Day()
    recent: tuple[Recent, ...] = ()  # orders decided within the last minute
    executions: tuple[Recent, ...] = ()  # trades booked within the last minute
    equity: Mapping[Currency, EquityBase] = {}
    generation: int = 0  # of the last reconciliation
    trades_to_ms: int = 0  # own trades are proven complete up to here
    run: RunStarted | None = None
    ended: RunEnded | None = None

    @property
    def mode(self) -> Mode:
        """The mode that the recorded causes force."""
        return max(
            (cause.mode for cause in self.causes.values()), key=severity_of, default=Mode.ACTIVE
        )

    def order_of(self, label: Label) -> Order | None:
        """Find an order by its label among the live and the recently finished."""
        for orders in (self.orders, self.closed):
            for order in orders.values():
                if order.label == label:
                    return order
        return None


def empty(owner: Owner) -> Durable:
    """Return the state of a ledger without records."""
    return Durable(owner=owner)


def day_start(at_ms: int) -> int:
    """Return the 08:00 UTC that begins this instant's trading day."""
    return (at_ms - 8 * HOUR_MS) // DAY_MS * DAY_MS + 8 * HOUR_MS


def forgotten_to_ms(durable: Durable, *, newest_ms: int) -> int:
    """Return up to when it is forgotten which trades were booked.

    Never beyond what reconciliation has proven complete: after a long absence older trades are
    still to come, however new the one that was heard first [C-209].
    """
    proven_ms = durable.trades_to_ms - _OVERLAP_MS
    return min(newest_ms - TRADES_KEPT_MS, proven_ms)


def trade_key(fill: Fill) -> str:
    """Name a trade uniquely: trade ids are unique per currency only (PROTOCOL §11)."""
    return f"{fill.fee_currency}:{fill.trade_id}"


def severity_of(mode: Mode) -> int:
    """Return how grave a mode is, to take a maximum by."""
    return mode.severity


_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_DECODER: Final = msgspec.json.Decoder(Durable)


def encode_state(durable: Durable) -> bytes:
    """Return the state's bytes: same state, same bytes."""
    # Sorting needs text keys, and reasons are not text.
    return _ENCODER.encode(msgspec.to_builtins(durable, str_keys=True))


def decode_state(body: bytes) -> Durable:
    """Read a state back. Raises msgspec.ValidationError when it is not one of this version."""
    durable: Durable = _DECODER.decode(body)
    return durable
