"""One order intent, one cancel and one edit, with every field told."""

from decimal import Decimal

import msgspec

from bot.domain.ids import (
    AccountId,
    InstrumentName,
    IntentId,
    Label,
    LedgerId,
    OrderId,
    StrategyName,
)
from bot.domain.mode import Environment
from bot.domain.money import Amount, Price
from bot.domain.order import Role, TimeInForce
from bot.domain.side import Side
from bot.intent.intent import CancelIntent, Decision, EditIntent, OrderIntent, Owner

__all__ = ["CANCEL", "DECISION", "EDIT", "ORDER", "OWNER", "changed"]

OWNER = Owner(
    environment=Environment.DEV,
    account=AccountId("subaccount-7"),
    ledger=LedgerId("4f1c09aa" + "0" * 24),
)
DECISION = Decision(
    strategy=StrategyName("strangle"),
    strategy_version="1",
    config_hash="c0ffee",
    sequence=17,
    leg=1,
    attempt=2,
)
ORDER = OrderIntent(
    owner=OWNER,
    decision=DECISION,
    instrument=InstrumentName("BTC-26JUN26-70000-C"),
    side=Side.SELL,
    amount=Amount(Decimal("0.10")),
    price=Price(Decimal("0.0120")),
    role=Role.OPEN,
    time_in_force=TimeInForce.GTC,
    post_only=True,
    reduce_only=False,
    valid_until_ms=1_780_315_205_000,
    decided_ms=1_780_315_200_000,
)
CANCEL = CancelIntent(
    owner=OWNER,
    decision=DECISION,
    instrument=InstrumentName("BTC-26JUN26-70000-C"),
    order_id=OrderId("BTC-1"),
    target=IntentId("ab" * 32),
    target_label=Label("bd-4f1c09aa-" + "ab" * 24),
    decided_ms=1_780_315_200_000,
)


EDIT = EditIntent(
    owner=OWNER,
    decision=DECISION,
    instrument=InstrumentName("BTC-26JUN26-70000-C"),
    side=Side.SELL,
    order_id=OrderId("BTC-1"),
    target=IntentId("ab" * 32),
    target_label=Label("bd-4f1c09aa-" + "ab" * 24),
    amount=Amount(Decimal("0.20")),
    price=Price(Decimal("0.0125")),
    role=Role.OPEN,
    post_only=True,
    reduce_only=False,
    valid_until_ms=1_780_315_205_000,
    decided_ms=1_780_315_200_000,
)


def changed(intent: OrderIntent, path: str, value: object) -> OrderIntent:
    """Return the intent with one field changed, which may lie in its owner or decision."""
    block, _, field = path.rpartition(".")
    if not block:
        return msgspec.structs.replace(intent, **{field: value})
    inner = msgspec.structs.replace(getattr(intent, block), **{field: value})
    return msgspec.structs.replace(intent, **{block: inner})
