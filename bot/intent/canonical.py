"""The one canonical form of an intent, and the hash over it [C-102].

Version 1: a JSON array of texts in the fixed order below, UTF-8, no spaces. Numbers are written
by `money.plain`, so that 0.10 and 0.1 are the same order. The first element names the version;
changing anything here means a new version beside this one, never a change of this one.
"""

import hashlib
from typing import assert_never

import msgspec

from bot.domain.ids import IntentId
from bot.domain.money import plain
from bot.intent.intent import CancelIntent, EditIntent, Intent, OrderIntent

__all__ = ["canonical_bytes", "intent_id"]


def canonical_bytes(intent: Intent) -> bytes:
    """Return the bytes that stand for this intent for ever."""
    return msgspec.json.encode(_fields(intent))


def intent_id(intent: Intent) -> IntentId:
    """Return the SHA-256 of the canonical bytes, lower-case hex."""
    return IntentId(hashlib.sha256(canonical_bytes(intent)).hexdigest())


def _fields(intent: Intent) -> list[str]:
    owner, decision = intent.owner, intent.decision
    identity = [
        owner.environment.value,
        owner.account,
        owner.ledger,
        decision.strategy,
        decision.strategy_version,
        decision.config_hash,
        str(decision.sequence),
        str(decision.leg),
        str(decision.attempt),
        intent.instrument,
    ]
    match intent:
        case OrderIntent():
            return [
                "bot.order/1",
                *identity,
                intent.side.value,
                plain(intent.amount),
                plain(intent.price),
                intent.role.value,
                intent.time_in_force.value,
                "post_only" if intent.post_only else "may_take",
                "reduce_only" if intent.reduce_only else "may_open",
                str(intent.valid_until_ms),
                str(intent.decided_ms),
            ]
        case CancelIntent():
            return [
                "bot.cancel/1",
                *identity,
                intent.order_id or "",
                intent.target,
                intent.target_label,
                str(intent.decided_ms),
            ]
        case EditIntent():
            return [
                "bot.edit/1",
                *identity,
                intent.side.value,
                intent.order_id,
                intent.target,
                intent.target_label,
                plain(intent.amount),
                plain(intent.price),
                intent.role.value,
                "post_only" if intent.post_only else "may_take",
                "reduce_only" if intent.reduce_only else "may_open",
                str(intent.valid_until_ms),
                str(intent.decided_ms),
            ]
        case _:
            assert_never(intent)
