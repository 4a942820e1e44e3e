"""The small parts of the durable state: holdings, causes, closings, counts, equity's base."""

from collections.abc import Mapping

import msgspec

from bot.domain.ids import Currency, GroupId
from bot.domain.mode import Mode
from bot.domain.money import Amount, Coin
from bot.domain.side import Side

__all__ = ["Closing", "Day", "EquityBase", "Flattening", "Holding", "RaisedCause"]


class Holding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a position exists: whose it is, since when, at which volatility it was opened."""

    strategy: str
    opened_ms: int
    entry_iv: float | None


class Closing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the guard is to close of one position [C-403]; `group` says whose excess it is.

    `tries` counts the guard's orders for it, so that a restart goes on at the same step.
    """

    side: Side  # of the exits
    left: Amount
    begun_ms: int
    tries: int = 0
    tried_ms: int = 0
    by: str
    why: str
    group: GroupId | None = None


class Flattening(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The owner's wish to hold nothing: it stands until a rearm, whatever still comes to fill."""

    by: str
    why: str


class RaisedCause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A cause that forces a mode until an operator rearms."""

    mode: Mode
    detail: str
    by: str
    at_ms: int


class Day(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Counts since 08:00 UTC, so that a restart forgets nothing [C-115]."""

    day_ms: int = 0
    opens: int = 0
    orders: int = 0
    cancels: int = 0
    fills: int = 0
    fees: Mapping[Currency, Coin] = {}


class EquityBase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What losses are measured from, in one currency."""

    day_ms: int
    day_equity: Coin
    peak_equity: Coin
