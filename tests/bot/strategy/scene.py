"""The market of DOMAIN §9's lines: F 60000, 30 days, flat vol 0.6, strikes every 2000.

Deltas come from the formula of DOMAIN §2.2 written out here, apart from the project's own code.
"""

from collections.abc import Mapping
from decimal import Decimal
from math import erfc, log, sqrt
from typing import Any, Final

import msgspec

from bot.domain.ids import InstrumentName
from bot.domain.instant import DAY_MS
from bot.domain.instrument import Instrument, OptionType
from bot.domain.mode import Mode
from bot.domain.money import Amount, Price
from bot.domain.report import Level
from bot.domain.side import Side
from bot.strategy.interface import (
    GroupSeen,
    Held,
    LegWish,
    Place,
    PlaceGroup,
    Proposal,
    Quote,
    Resting,
    View,
    Withdraw,
)

__all__ = [
    "CALL",
    "EXPIRY_MS",
    "NOW_MS",
    "PERPETUAL",
    "PUT",
    "group",
    "groups",
    "held",
    "leg",
    "listed",
    "places",
    "quote",
    "resting",
    "view",
    "withdrawals",
]

EXPIRY_MS: Final = 1782460800000  # 2026-06-26T08:00:00Z
NOW_MS: Final = EXPIRY_MS - 30 * DAY_MS

CALL: Final = InstrumentName("BTC-26JUN26-72000-C")
PUT: Final = InstrumentName("BTC-26JUN26-50000-P")
PERPETUAL: Final = InstrumentName("BTC-PERPETUAL")

_FORWARD, _SIGMA, _YEARS = 60000.0, 0.6, 30 / 365


def listed(
    strike: int, option_type: OptionType, *, days: float = 30, **changes: object
) -> Instrument:
    """Return one BTC option."""
    letter = "C" if option_type is OptionType.CALL else "P"
    day = "26JUN26" if days == 30 else f"{days}D"
    usual: dict[str, object] = {
        "name": f"BTC-{day}-{strike}-{letter}",
        "kind": "option",
        "is_inverse": True,
        "base": "BTC",
        "currency": "BTC",
        "index": "btc_usd",
        "contract_size": "1",
        "amount_min": "0.1",
        "amount_step": "0.1",
        "ticks": {"tick": "0.0001", "steps": [{"above_price": "0.005", "tick": "0.0005"}]},
        "maker_rate": "0.0003",
        "taker_rate": "0.0003",
        "state": "open",
        "expiry_ms": NOW_MS + int(days * DAY_MS),
        "strike": str(strike),
        "option_type": option_type.value,
    }
    return msgspec.convert({**usual, **changes}, Instrument)


_PERPETUAL: Final = msgspec.convert(
    {
        "name": PERPETUAL,
        "kind": "perpetual",
        "is_inverse": True,
        "base": "BTC",
        "currency": "BTC",
        "index": "btc_usd",
        "contract_size": "10",
        "amount_min": "10",
        "amount_step": "10",
        "ticks": {"tick": "0.5"},
        "maker_rate": "0",
        "taker_rate": "0.0005",
        "state": "open",
    },
    Instrument,
)

_CHAIN: Final = {
    instrument.name: instrument
    for option_type in OptionType
    for strike in range(40000, 90001, 2000)
    for instrument in (listed(strike, option_type),)
}


def _delta(instrument: Instrument) -> float:
    assert instrument.strike is not None
    assert instrument.option_type is not None
    deviation = _SIGMA * sqrt(_YEARS)
    d1 = log(_FORWARD / float(instrument.strike)) / deviation + deviation / 2
    w = instrument.option_type.sign
    return w * erfc(-w * d1 / sqrt(2)) / 2


def quote(*, bid: str | None = "0.0135", ask: str | None = "0.0145", **changes: Any) -> Quote:
    """Return the quote of an option."""
    usual: dict[str, Any] = {
        "mark": Price(Decimal("0.0140")),
        "age_ms": 0,
        "mark_iv": _SIGMA,
        "underlying": Price(Decimal(60000)),
        "days": 30.0,
        "delta": 0.15,
    }
    return Quote(bid=_level(bid), ask=_level(ask), **{**usual, **changes})


def _level(price: str | None) -> Level | None:
    return None if price is None else Level(Price(Decimal(price)), Amount(Decimal(100)))


_QUOTES: Final = {
    **{name: quote(delta=_delta(instrument)) for name, instrument in _CHAIN.items()},
    PERPETUAL: quote(
        bid="60000",
        ask="60000.5",
        mark=Price(Decimal(60000)),
        mark_iv=None,
        underlying=None,
        days=None,
        delta=None,
        funding_8h=0.0,
    ),
}


def view(*, quotes: Mapping[InstrumentName, Quote | None] | None = None, **changes: Any) -> View:
    """Return the view in which a strangle may be entered; a quote given as None is taken away."""
    seen = {**_QUOTES, **(quotes or {})}
    usual: dict[str, Any] = {
        "now_ms": NOW_MS,
        "mode": Mode.ACTIVE,
        "currency": "BTC",
        "index": Price(Decimal(60000)),
        "instruments": {**_CHAIN, PERPETUAL: _PERPETUAL},
        "quotes": {name: known for name, known in seen.items() if known is not None},
        "held": {},
        "orders": (),
        "delta_total": 0.0,
        "hedge": PERPETUAL,
        "hedged_ms": None,
        "realised_vol": 0.5,
        "move_day": 0.01,
    }
    return View(**{**usual, **changes})


def held(quantity: str, average: str = "0.0128", **changes: Any) -> Held:
    """Return a position, opened a minute ago."""
    usual: dict[str, Any] = {"opened_ms": NOW_MS - 60_000, "entry_iv": 0.6}
    return Held(
        quantity=Amount(Decimal(quantity)), average=Price(Decimal(average)), **{**usual, **changes}
    )


def resting(instrument: InstrumentName, side: str, **changes: Any) -> Resting:
    """Return a live order of three tenths, just decided."""
    usual: dict[str, object] = {
        "intent_id": f"{instrument}-{side}",
        "instrument": instrument,
        "side": side,
        "price": "0.0140",
        "remaining": "0.3",
        "filled": "0",
        "decided_ms": NOW_MS,
        "attempt": 0,
        "is_live": True,
        "is_unknown": False,
    }
    return msgspec.convert({**usual, **changes}, Resting)


def group(stage: str = "WORKING", **changes: Any) -> GroupSeen:
    """Return a group, begun ten seconds ago, and ended now if its stage is an end."""
    is_live = stage in ("WORKING", "RESCUE", "CLOSING")
    usual: dict[str, Any] = {
        "attempt": 0,
        "begun_ms": NOW_MS - 10_000,
        "ended_ms": 0 if is_live else NOW_MS,
        "naked_since_ms": None,
    }
    return GroupSeen(stage=stage, is_live=is_live, **{**usual, **changes})


def leg(name: InstrumentName, side: Side, price: str, limit: str) -> LegWish:
    """Return one leg, of one unit."""
    return LegWish(
        instrument=name,
        side=side,
        ratio=Decimal(1),
        price=Price(Decimal(price)),
        limit=Price(Decimal(limit)),
    )


def groups(proposals: tuple[Proposal, ...]) -> list[PlaceGroup]:
    """Return the groups that would be begun."""
    return [proposal for proposal in proposals if isinstance(proposal, PlaceGroup)]


def places(proposals: tuple[Proposal, ...]) -> list[Place]:
    """Return what would be traded."""
    return [proposal for proposal in proposals if isinstance(proposal, Place)]


def withdrawals(proposals: tuple[Proposal, ...]) -> list[str]:
    """Return the intents that would be withdrawn."""
    return [proposal.intent_id for proposal in proposals if isinstance(proposal, Withdraw)]
