"""What we mean to do at the venue, complete and final before anything is written or sent.

An intent is the identity of one decision. Its canonical bytes give its hash, its hash gives its
label, and its label is what the venue echoes [C-102, C-103]. Nothing in it is ever recomputed.
"""

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

__all__ = ["CancelIntent", "Decision", "EditIntent", "Intent", "OrderIntent", "Owner"]


class Owner(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose ledger and account an intent belongs to [C-011]."""

    environment: Environment
    account: AccountId
    ledger: LedgerId


class Decision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which decision this is, so that two equal orders meant twice differ [C-102].

    `sequence` counts the decisions of a ledger and never repeats; `leg` and `attempt` tell the
    parts of one decision apart.
    """

    strategy: StrategyName
    strategy_version: str
    config_hash: str
    sequence: int
    leg: int = 0
    attempt: int = 0


class OrderIntent(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="order"
):
    """A limit order. There is no other kind here: market, trigger and linked orders have no form.

    `valid_until_ms` is the venue's clock: after it the venue must refuse the request [C-208].
    `decided_ms` is venue time at the decision, for explanation only.
    """

    owner: Owner
    decision: Decision
    instrument: InstrumentName
    side: Side
    amount: Amount
    price: Price
    role: Role
    time_in_force: TimeInForce
    post_only: bool
    reduce_only: bool
    valid_until_ms: int
    decided_ms: int


class CancelIntent(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="cancel"
):
    """The wish that one order of ours stops resting [C-213]. Repeating it is harmless.

    `order_id` is None when the venue has never named one: then it goes by the target's label, and
    takes off whatever rests under it.
    """

    owner: Owner
    decision: Decision
    instrument: InstrumentName
    order_id: OrderId | None
    target: IntentId
    target_label: Label
    decided_ms: int


class EditIntent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="edit"):
    """The wish that one resting order of ours has another total amount or price [C-213].

    `amount` is the new total, fills included (PROTOCOL §10). `role` is what the order is at worst
    case of both versions; CANCEL when the edit only takes away: less of it at the same price.
    Its own label is its identity and is never sent: the venue keeps the target's. Nor can the
    order's life or flags be changed: `post_only` and `reduce_only` are the target's own.
    """

    owner: Owner
    decision: Decision
    instrument: InstrumentName
    side: Side
    order_id: OrderId
    target: IntentId
    target_label: Label
    amount: Amount
    price: Price
    role: Role
    post_only: bool
    reduce_only: bool
    valid_until_ms: int
    decided_ms: int


Intent = OrderIntent | CancelIntent | EditIntent
