"""The one place where an order is made or changed [C-101]: from a wish to intent or refusal."""

from dataclasses import dataclass
from decimal import Decimal

from bot.domain.ids import IntentId, Label, OrderId
from bot.domain.instrument import Instrument, Kind
from bot.domain.money import Amount, Price, plain
from bot.domain.order import Role, TimeInForce
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.domain.side import Side
from bot.domain.tick import floor_to_step
from bot.intent.classify import Pending, classify
from bot.intent.hedge import HedgeProof
from bot.intent.intent import Decision, EditIntent, OrderIntent, Owner
from bot.intent.quantise import PriceBounds, quantise_price, quantise_size
from bot.policy.policy import Policy
from bot.strategy.interface import Amend, Place

__all__ = ["Ground", "Target", "build_edit_intent", "build_order_intent", "order_as_edited"]


@dataclass(frozen=True, slots=True)
class Ground:
    """What an order stands on: the position, what may still fill, and the clock.

    `clock_bound_ms` is how wrong venue time may be; it shortens the order's life, never lengthens
    it [C-208]. `bounds` is the venue's band, None when unknown.
    """

    instrument: Instrument
    quantity: Amount
    pending: tuple[Pending, ...]
    hedge: HedgeProof | None
    bounds: PriceBounds | None
    now_ms: int
    clock_bound_ms: int


@dataclass(frozen=True, slots=True)
class Target:
    """The resting order that an edit is about, with the terms now in force."""

    intent_id: IntentId
    label: Label
    order_id: OrderId
    side: Side
    amount: Amount  # in total
    price: Price
    filled: Amount  # as booked or as told, whichever is more
    is_exit: bool
    post_only: bool
    reduce_only: bool


def build_order_intent(
    place: Place, ground: Ground, *, owner: Owner, decision: Decision, policy: Policy
) -> OrderIntent | Refusal:
    """Classify at worst case, quantise, fence. Nothing is sent from here.

    An exit is cut to what is safe and gives way in price; an open is cut to the policy's largest
    order and asks for what it wished or better [C-105, C-108].
    """
    instrument = ground.instrument
    wished = Amount(_cut_to_policy(place, instrument, policy=policy))
    if wished <= 0:
        return _refuse_nothing(wished, instrument, ground)
    role = classify(
        place.side,
        amount=wished,
        instrument=instrument,
        quantity=ground.quantity,
        pending=ground.pending,
        may_open=not place.is_exit,
        hedge=ground.hedge,
    )
    if isinstance(role, Refusal):
        return role
    amount = quantise_size(
        role.amount, instrument=instrument, role=role.role, quantity=ground.quantity
    )
    if isinstance(amount, Refusal):
        return amount
    price = quantise_price(
        place.price,
        instrument=instrument,
        side=place.side,
        is_aggressive=place.is_exit,
        bounds=ground.bounds,
    )
    if isinstance(price, Refusal):
        return price
    return _order(place, ground, owner, decision, policy, role.role, amount, price)


def _cut_to_policy(place: Place, instrument: Instrument, *, policy: Policy) -> Decimal:
    if place.is_exit or instrument.kind is not Kind.OPTION:
        return place.amount
    return min(place.amount, policy.per_order.amount_max)


def _refuse_nothing(amount: Amount, instrument: Instrument, ground: Ground) -> Refusal:
    """Refuse a wish of nothing, in the words of the size rule."""
    refusal = quantise_size(amount, instrument=instrument, role=Role.OPEN, quantity=ground.quantity)
    if isinstance(refusal, Refusal):
        return refusal
    raise AssertionError(f"{instrument.name}: an amount of {amount} was accepted")


def _order(
    place: Place,
    ground: Ground,
    owner: Owner,
    decision: Decision,
    policy: Policy,
    role: Role,
    amount: Amount,
    price: Price,
) -> OrderIntent:
    return OrderIntent(
        owner=owner,
        decision=decision,
        instrument=ground.instrument.name,
        side=place.side,
        amount=amount,
        price=price,
        role=role,
        time_in_force=place.time_in_force,
        post_only=place.post_only,
        # A hedge may open the hedge instrument: it reduces the portfolio, not that position.
        reduce_only=role in (Role.CLOSE, Role.REDUCE),
        valid_until_ms=_valid_until_ms(ground, policy, is_exit=role.is_exit),
        decided_ms=ground.now_ms,
    )


def build_edit_intent(
    amend: Amend,
    target: Target,
    ground: Ground,
    *,
    owner: Owner,
    decision: Decision,
    policy: Policy,
) -> EditIntent | Refusal:
    """Judge the order as it would be, and fence the request. Nothing is sent from here.

    `ground` stands without the target: its own remainder is judged here, the larger of before and
    after, since the venue may hold either version until the outcome is proven [C-205]. An edit is
    never cut to something else than was meant; only the grid applies [C-105]. Refused as
    ILLEGAL_ORDER when nothing would change, and when nothing would be left to fill, which the
    venue does not define (PROTOCOL §10).
    """
    instrument = ground.instrument
    amount = floor_to_step(amend.amount, instrument.amount_step)
    if amount < instrument.amount_min:
        return Refusal(
            reason=Reason.SIZE_BELOW_MIN, was=plain(amount), limit=plain(instrument.amount_min)
        )
    if amount <= target.filled:
        return Refusal(
            reason=Reason.ILLEGAL_ORDER,
            was=f"an edit to {plain(amount)}",
            limit=f"more than the {plain(target.filled)} that has filled",
        )
    price = _edited_price(amend, target, ground)
    if isinstance(price, Refusal):
        return price
    if amount == target.amount and price == target.price:
        return Refusal(reason=Reason.ILLEGAL_ORDER, was="an edit that changes nothing")
    role = _edited_role(target, ground, amount=amount, price=price)
    if isinstance(role, Refusal):
        return role
    return EditIntent(
        owner=owner,
        decision=decision,
        instrument=instrument.name,
        side=target.side,
        order_id=target.order_id,
        target=target.intent_id,
        target_label=target.label,
        amount=amount,
        price=price,
        role=role,
        post_only=target.post_only,
        reduce_only=target.reduce_only,
        valid_until_ms=_valid_until_ms(ground, policy, is_exit=role.is_exit),
        decided_ms=ground.now_ms,
    )


def order_as_edited(edit: EditIntent) -> OrderIntent:
    """Return the order that would rest after the edit, for the gates to judge. It is never sent."""
    return OrderIntent(
        owner=edit.owner,
        decision=edit.decision,
        instrument=edit.instrument,
        side=edit.side,
        amount=edit.amount,
        price=edit.price,
        role=edit.role,
        time_in_force=TimeInForce.GTC,  # no other rests
        post_only=edit.post_only,
        reduce_only=edit.reduce_only,
        valid_until_ms=edit.valid_until_ms,
        decided_ms=edit.decided_ms,
    )


def _edited_price(amend: Amend, target: Target, ground: Ground) -> Price | Refusal:
    if amend.price == target.price:
        return target.price  # it stands: a band that has moved since is no reason to move it
    return quantise_price(
        amend.price,
        instrument=ground.instrument,
        side=target.side,
        is_aggressive=target.is_exit and not target.post_only,
        bounds=ground.bounds,
    )


def _edited_role(target: Target, ground: Ground, *, amount: Amount, price: Price) -> Role | Refusal:
    if price == target.price and amount < target.amount:
        return Role.CANCEL
    judged = classify(
        target.side,
        amount=Amount(max(amount, target.amount) - target.filled),
        instrument=ground.instrument,
        quantity=ground.quantity,
        pending=ground.pending,
        may_open=True,
        hedge=ground.hedge,
    )
    if isinstance(judged, Refusal):
        return judged
    if judged.role in (Role.CLOSE, Role.REDUCE) and not target.reduce_only:
        return Role.OPEN  # nothing at the venue holds it to being an exit, nor can an edit add it
    return judged.role


def _valid_until_ms(ground: Ground, policy: Policy, *, is_exit: bool) -> int:
    horizon_ms = policy.execution.valid_until_ms_max - ground.clock_bound_ms
    if is_exit:
        # A bad clock shortens the life of opens to nothing; it must not hold an exit [C-309].
        horizon_ms = max(horizon_ms, policy.execution.valid_until_ms_max // 2)
    return ground.now_ms + max(horizon_ms, 0)
