"""An order intent in the state: what was meant, and all that is known of its fate."""

from decimal import Decimal

import msgspec

from bot.core.life import LIFE, LifeEvent, Phase
from bot.core.record import Expected
from bot.domain.ids import IntentId, Label, OrderId
from bot.domain.money import Amount, Price
from bot.domain.order import Role
from bot.intent.intent import EditIntent, OrderIntent

__all__ = ["Edit", "Order", "Terms", "edit_begun", "edit_ended", "terms_of"]


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the venue holds of an order that an edit can change, and what it makes the order.

    `amount` is the total, fills included. `since_ms` is the venue's time of the edit that brought
    them; 0 for those that the order was placed with.
    """

    amount: Amount
    price: Price
    role: Role
    since_ms: int = 0


class Edit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An edit whose outcome is not proven: the order may have these terms, or those before."""

    intent_id: IntentId
    amount: Amount
    price: Price
    role: Role  # at worst case; CANCEL for one that only takes away
    valid_until_ms: int


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One order intent and all that is known of its fate.

    `filled` counts booked trades; `reported` is the venue's own count. They differ while trades are
    missing, and until they agree the order is not done with [C-209].
    """

    intent_id: IntentId
    label: Label
    intent: OrderIntent
    expected: Expected | None
    phase: Phase
    recorded_seq: int
    terms: Terms
    before: Terms | None = None  # those that the last edit ended: late news may still show them
    edit: Edit | None = None
    order_id: OrderId | None = None
    filled: Amount = Amount(Decimal(0))
    reported: Amount = Amount(Decimal(0))
    updated_ms: int = 0
    doubted_ms: int | None = None  # venue time at which it became UNKNOWN
    closed_seq: int = 0

    @property
    def whole(self) -> Amount:
        """The total that may come to fill: the larger one while an edit is not proven [C-205]."""
        return self.terms.amount if self.edit is None else max(self.terms.amount, self.edit.amount)

    @property
    def prices(self) -> tuple[Price, ...]:
        """Every price at which it may rest."""
        if self.edit is None or self.edit.price == self.terms.price:
            return (self.terms.price,)
        return self.terms.price, self.edit.price

    @property
    def is_exit(self) -> bool:
        """True when no version of it can raise exposure."""
        return self.terms.role.is_exit and (self.edit is None or self.edit.role.is_exit)

    @property
    def remaining(self) -> Amount:
        """What may still be booked: counted as filled against us everywhere [C-108, C-114]."""
        whole = self.whole if self.phase.may_fill else self.reported
        return Amount(max(whole - self.filled, Decimal(0)))

    @property
    def is_settled(self) -> bool:
        """True when it is final and every trade the venue counted is booked."""
        return self.phase.is_final and self.remaining == 0


def terms_of(intent: OrderIntent) -> Terms:
    """Return the terms that an order is placed with."""
    return Terms(amount=intent.amount, price=intent.price, role=intent.role)


def edit_begun(order: Order, edit_id: IntentId, intent: EditIntent) -> Order:
    """Return the order with this edit under way; a second one is never sent and changes nothing."""
    if order.edit is not None:
        return order
    edit = Edit(
        intent_id=edit_id,
        amount=intent.amount,
        price=intent.price,
        role=intent.role,
        valid_until_ms=intent.valid_until_ms,
    )
    return msgspec.structs.replace(order, edit=edit)


def edit_ended(order: Order, edit: Edit, *, applied: bool, at_ms: int) -> Order:
    """Return the order with the terms that were proven; FILLED when no more of it is left."""
    terms, before = order.terms, order.before
    if applied:
        before = terms
        terms = Terms(
            amount=edit.amount,
            price=edit.price,
            role=terms.role if edit.role is Role.CANCEL else edit.role,
            since_ms=at_ms,
        )
    done = msgspec.structs.replace(order, terms=terms, before=before, edit=None)
    if done.filled < done.whole:
        return done
    return msgspec.structs.replace(done, phase=LIFE[done.phase, LifeEvent.FILLED])
