"""The truth capsule and the decision snapshot: what was known and meant, before anything was sent.

Both are bodies kept by content hash; the intent's record names them [C-701, C-702]. Together they
are enough to run the decision again.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec

from bot.core.effect import Body
from bot.core.record import Expected
from bot.core.state import State
from bot.domain.ids import Currency, InstrumentName
from bot.domain.mode import Mode
from bot.domain.refusal import Refusal
from bot.domain.report import Account, Level
from bot.intent.intent import EditIntent, OrderIntent
from bot.strategy.interface import Amend, Place, View

__all__ = ["BookTop", "Capsule", "Snapshot", "capsule_body", "snapshot_body"]

_TOP: Final = 5
_ENCODER: Final = msgspec.json.Encoder(order="deterministic")


class BookTop(msgspec.Struct, frozen=True, kw_only=True):
    """The best levels of one book."""

    change_id: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, tag="snapshot/1"):
    """What the decision saw: the strategy's whole view, the traded book, the account."""

    view: View
    instrument: InstrumentName
    book: BookTop | None
    accounts: Mapping[Currency, Account]


class Capsule(msgspec.Struct, frozen=True, kw_only=True, tag="capsule/1"):
    """What was meant and why it was allowed. Every gate's answer is kept: None is a pass.

    For an edit, `intent` is the order as it would be, which is what the gates have judged.
    """

    intent: OrderIntent
    wish: Amend | Place
    edit: EditIntent | None = None
    snapshot: str
    strategy_version: str
    policy_hash: str
    config_hash: str
    build_id: str
    run_id: str
    mode: Mode
    latch_is_open: bool
    latch_generation: int
    gates: tuple[tuple[str, Refusal | None], ...]
    expected: Expected
    clock_offset_ms: int | None
    clock_bound_ms: int


def snapshot_body(state: State, view: View, *, instrument: InstrumentName) -> Body:
    """Make the snapshot of this decision."""
    book = state.market.books.get(instrument)
    top = None
    if book is not None:
        top = BookTop(change_id=book.change_id, bids=book.bids[:_TOP], asks=book.asks[:_TOP])
    accounts = {currency: account for currency, (account, _) in state.accounts.items()}
    snapshot = Snapshot(view=view, instrument=instrument, book=top, accounts=accounts)
    return _body(snapshot)


def capsule_body(
    state: State,
    intent: OrderIntent,
    *,
    wish: Amend | Place,
    snapshot: Body,
    gates: tuple[tuple[str, Refusal | None], ...],
    expected: Expected,
    edit: EditIntent | None = None,
) -> Body:
    """Make the capsule of this intent."""
    settings = state.settings
    capsule = Capsule(
        intent=intent,
        wish=wish,
        edit=edit,
        snapshot=snapshot.hash,
        strategy_version=intent.decision.strategy_version,
        policy_hash=settings.policy_hash,
        config_hash=settings.config_hash,
        build_id=settings.build_id,
        run_id=settings.run_id,
        mode=state.durable.mode,
        latch_is_open=state.proofs.is_open,
        latch_generation=state.recon.generation,
        gates=gates,
        expected=expected,
        clock_offset_ms=state.clock.offset_ms,
        clock_bound_ms=state.clock.bound_ms,
    )
    return _body(capsule)


def _body(value: Snapshot | Capsule) -> Body:
    content = _ENCODER.encode(value)
    return Body(hash=hashlib.sha256(content).hexdigest(), content=content)
