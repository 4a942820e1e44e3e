"""What a strategy sees and says: a pure function of its view that only proposes [C-101, C-909].

The view is all the state there is: a strategy keeps nothing between two calls, so the same view
gives the same proposals, in the same order, for ever. The view is stored with every order.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from bot.domain.ids import Currency, InstrumentName, IntentId
from bot.domain.instrument import Instrument
from bot.domain.mode import Mode
from bot.domain.money import Amount, Price
from bot.domain.order import TimeInForce
from bot.domain.report import Level
from bot.domain.side import Side

__all__ = [
    "Amend",
    "GroupSeen",
    "Held",
    "LegWish",
    "Params",
    "Place",
    "PlaceGroup",
    "Proposal",
    "Quote",
    "Resting",
    "Strategy",
    "View",
    "Withdraw",
]

Params = Mapping[str, Decimal | int | float | bool | str]


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """One instrument as the decision sees it. A model value that cannot be computed is None."""

    bid: Level | None
    ask: Level | None
    mark: Price
    age_ms: int
    mark_iv: float | None = None  # a fraction
    underlying: Price | None = None
    days: float | None = None  # to expiry
    delta: float | None = None  # of the option itself, per coin
    net_delta: float | None = None  # premium-adjusted
    funding_8h: float | None = None


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A position."""

    quantity: Amount  # signed
    average: Price
    opened_ms: int
    entry_iv: float | None


class Resting(msgspec.Struct, frozen=True, kw_only=True):
    """An order of this strategy, live or just finished."""

    intent_id: IntentId
    instrument: InstrumentName
    side: Side
    price: Price
    remaining: Amount
    filled: Amount
    decided_ms: int
    attempt: int
    is_live: bool
    is_unknown: bool  # its fate is in doubt, or an edit of it has not ended


class GroupSeen(msgspec.Struct, frozen=True, kw_only=True):
    """The group under way, or the last one."""

    attempt: int
    is_live: bool
    stage: str
    begun_ms: int
    ended_ms: int
    naked_since_ms: int | None  # since when something short stands without its counterpart


class View(msgspec.Struct, frozen=True, kw_only=True):
    """All that a decision may stand on."""

    now_ms: int
    mode: Mode
    currency: Currency
    index: Price | None
    instruments: Mapping[InstrumentName, Instrument]
    quotes: Mapping[InstrumentName, Quote]
    held: Mapping[InstrumentName, Held]
    orders: tuple[Resting, ...]  # live ones, and those finished within the last two minutes
    delta_total: float | None  # coin, premium-adjusted; None when not computable
    hedge: InstrumentName
    hedged_ms: int | None  # when the last hedge was decided
    realised_vol: float | None  # ten days of hourly closes, a fraction
    group: GroupSeen | None = None
    move_day: float | None  # the index's largest move within a day, a fraction


class Place(msgspec.Struct, frozen=True, kw_only=True, tag="place"):
    """Trade this, at this price or better. Size and price are wishes: the machinery decides."""

    instrument: InstrumentName
    side: Side
    amount: Amount
    price: Price
    time_in_force: TimeInForce
    post_only: bool
    is_exit: bool  # gives way in price; a claim that classification checks
    attempt: int
    leg: int
    why: str


class LegWish(msgspec.Struct, frozen=True, kw_only=True):
    """One leg of a group, in the instrument's own amount unit a unit of the group."""

    instrument: InstrumentName
    side: Side
    ratio: Decimal
    price: Price  # asked for while nothing of the group is held
    limit: Price  # the worst that is ever asked for


class PlaceGroup(msgspec.Struct, frozen=True, kw_only=True, tag="group"):
    """Trade these legs together or not at all [C-401]. The machinery decides their order.

    The first leg rests for `rest_ms` at its price, at 0 it takes the touch; the others take it at
    once. What fills without its counterpart is tried again twice, and then closed.
    """

    legs: tuple[LegWish, ...]
    size: Amount
    rest_ms: int
    attempt: int
    why: str


class Withdraw(msgspec.Struct, frozen=True, kw_only=True, tag="withdraw"):
    """Stop this order from resting."""

    intent_id: IntentId
    why: str


class Amend(msgspec.Struct, frozen=True, kw_only=True, tag="amend"):
    """Give this resting order another total amount, fills included, and another price.

    Both are wishes. While an edit or a cancel of the order is under way nothing comes of it.
    """

    intent_id: IntentId
    amount: Amount
    price: Price
    why: str


Proposal = Amend | Place | PlaceGroup | Withdraw


@dataclass(frozen=True, slots=True)
class Strategy:
    """A named, versioned decision rule with its default parameters.

    `check` raises msgspec.ValidationError for parameters it cannot take; `universe` picks what it
    wants to watch from what exists; `decide` proposes.
    """

    name: str
    version: str
    defaults: Params
    check: Callable[[Params], object]
    universe: Callable[
        [Mapping[InstrumentName, Instrument], int, Params], frozenset[InstrumentName]
    ]
    decide: Callable[[View, Params], tuple[Proposal, ...]]
