"""The one place where an order is made [C-101]: from a wish to a complete intent, or a refusal."""

from dataclasses import dataclass
from decimal import Decimal

from bot.domain.instrument import Instrument, Kind
from bot.domain.money import Amount, Price
from bot.domain.order import Role
from bot.domain.refusal import Refusal
from bot.intent.classify import Pending, classify
from bot.intent.hedge import HedgeProof
from bot.intent.intent import Decision, OrderIntent, Owner
from bot.intent.quantise import PriceBounds, quantise_price, quantise_size
from bot.policy.policy import Policy
from bot.strategy.interface import Place

__all__ = ["Ground", "build_order_intent"]


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
    horizon_ms = policy.execution.valid_until_ms_max - ground.clock_bound_ms
    if role.is_exit:
        # A bad clock shortens the life of opens to nothing; it must not hold an exit [C-309].
        horizon_ms = max(horizon_ms, policy.execution.valid_until_ms_max // 2)
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
        valid_until_ms=ground.now_ms + max(horizon_ms, 0),
        decided_ms=ground.now_ms,
    )
