"""What the strategies of the drills want: something is held and an open is wanted when it strikes.

An open that is wanted all the time is what makes a shut door visible: without a wish nothing is
refused, and nothing could slip through.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

import msgspec

from bot.domain.ids import InstrumentName
from bot.domain.instant import DAY_MS
from bot.domain.instrument import Instrument, OptionType
from bot.domain.money import Amount, Price
from bot.domain.order import TimeInForce
from bot.domain.side import Side
from bot.strategy.interface import Params, Place, Proposal, Strategy, View, Withdraw
from drills.world.clock import START_MS
from drills.world.points.script import Cue, again, cross, leave

__all__ = [
    "EXPIRES",
    "HOLDS",
    "HOLDS_CALL",
    "OPENS",
    "RAISES",
    "calls_after",
    "holds_until",
    "rush",
    "take_back",
]

_BUG_MS: Final = 4_000
_CALL: Final = 9  # the attempt by which the view tells it from the others
_SETTLED_MS: Final = 60_000


def _enter(view: View) -> Iterator[Proposal]:
    """Come to hold something, in the first seconds alone: what was left is not entered again."""
    if view.now_ms < START_MS + _SETTLED_MS:
        yield from cross(view)


HOLDS: Final = (Cue(1_500, _enter),)
OPENS: Final = (*HOLDS, Cue(2_000, again))
_RUSH: Final = 12  # orders at every look around


def holds_until(at_ms: int) -> tuple[Cue, ...]:
    """Hold, want to open all the time, and want to leave from `at_ms` on."""
    return (*OPENS, Cue(at_ms, leave))


def rush(view: View) -> Iterator[Proposal]:
    """Want a dozen opens at every look around: a strategy that has lost its mind."""
    for _ in range(_RUSH):
        yield from _one_more(view)


def take_back(at_ms: int) -> Cue:
    """Take back, from then on, whatever was decided before."""

    def say(view: View) -> Iterator[Proposal]:
        for order in view.orders:
            is_due = order.is_live and not order.is_unknown
            if is_due and order.decided_ms < START_MS + at_ms:
                yield Withdraw(intent_id=order.intent_id, why="the script takes it back")

    return Cue(at_ms, say)


def _one_more(view: View) -> Iterator[Proposal]:
    known = tuple(order for order in view.orders if not order.is_live)
    return again(msgspec.structs.replace(view, orders=known))


def _soonest(
    instruments: Mapping[InstrumentName, Instrument], now_ms: int, _params: Params
) -> frozenset[InstrumentName]:
    """Watch the calls that expire next."""
    return calls_after(instruments, now_ms)


def _later(
    instruments: Mapping[InstrumentName, Instrument], now_ms: int, _params: Params
) -> frozenset[InstrumentName]:
    """Watch the calls that expire next of those that do not expire today or tomorrow."""
    return calls_after(instruments, now_ms + 2 * DAY_MS)


def calls_after(
    instruments: Mapping[InstrumentName, Instrument], after_ms: int
) -> frozenset[InstrumentName]:
    """Name the calls of the first expiry after this time."""
    calls = [
        (known.expiry_ms, name)
        for name, known in instruments.items()
        if (known.expiry_ms or 0) > after_ms and known.option_type is OptionType.CALL
    ]
    first_ms = min((expiry_ms or 0 for expiry_ms, _ in calls), default=0)
    return frozenset(name for expiry_ms, name in calls if expiry_ms == first_ms)


def _holds_call(view: View, _params: Params) -> tuple[Proposal, ...]:
    """Come to hold a call, and want to open all the time."""
    due = view.now_ms >= START_MS + OPENS[-1].at_ms
    return tuple(proposal for say in (_call, *((again,) if due else ())) for proposal in say(view))


def _expires(view: View, _params: Params) -> tuple[Proposal, ...]:
    """Come to hold a call that expires at 08:00 beside the hedge, and want to open all the time."""
    due = [cue for cue in OPENS if view.now_ms >= START_MS + cue.at_ms]
    return tuple(proposal for cue in (*due, Cue(0, _call)) for proposal in cue.say(view))


def _call(view: View) -> Iterator[Proposal]:
    has_tried = any(order.attempt == _CALL for order in view.orders)
    if has_tried or view.now_ms >= START_MS + _SETTLED_MS:
        return
    for name, quote in sorted(view.quotes.items()):
        if name != view.hedge and quote.ask is not None and quote.bid is not None:
            yield Place(
                instrument=name,
                side=Side.BUY,
                amount=Amount(Decimal("0.1")),
                price=Price(quote.ask.price),
                time_in_force=TimeInForce.GTC,
                post_only=False,
                is_exit=False,
                attempt=_CALL,
                leg=_CALL,
                why="the script buys a call",
            )
            return


def _decide(view: View, _params: Params) -> tuple[Proposal, ...]:
    if START_MS + _BUG_MS <= view.now_ms < START_MS + 2 * _BUG_MS:
        raise ZeroDivisionError("a bug of the strategy")
    due = [cue for cue in OPENS if view.now_ms >= START_MS + cue.at_ms]
    return tuple(proposal for cue in due for proposal in cue.say(view))


def _universe(
    _instruments: Mapping[InstrumentName, Instrument], _now_ms: int, _params: Params
) -> frozenset[InstrumentName]:
    return frozenset()  # the hedge is watched anyway


EXPIRES: Final = Strategy(
    name="script", version="1", defaults={}, check=dict, universe=_soonest, decide=_expires
)

HOLDS_CALL: Final = Strategy(
    name="script", version="1", defaults={}, check=dict, universe=_later, decide=_holds_call
)

# Trades for a while, and then has a bug.
RAISES: Final = Strategy(
    name="script", version="1", defaults={}, check=dict, universe=_universe, decide=_decide
)
