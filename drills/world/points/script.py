"""A strategy that reads from a script: at given times, given things, and nothing else.

Pure like any other. What has been done is read from the view, never remembered: after a crash the
next life goes on where the orders and positions say that the last one was.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, final

from bot.domain.ids import InstrumentName
from bot.domain.instrument import Instrument
from bot.domain.money import Amount, Price
from bot.domain.order import TimeInForce
from bot.domain.side import Side
from bot.strategy.interface import Amend, Params, Place, Proposal, Resting, Strategy, View, Withdraw
from drills.world.clock import START_MS

__all__ = ["Cue", "again", "amend", "cross", "leave", "rest", "scripted", "withdraw"]

_AMOUNT: Final = Amount(Decimal(100))
_BEHIND: Final = Decimal("0.995")  # of the touch: rests, and nothing comes near it in seconds
_REST, _CROSS, _EXIT, _AGAIN = range(4)  # what an order is for, as the view shows it
_ACROSS: Final = Decimal("1.001")  # of the touch: fills although the market goes on meanwhile

Say = Callable[[View], Iterator[Proposal]]


@final
@dataclass(frozen=True, slots=True)
class Cue:
    """From `at_ms` after the start on, until it has been done."""

    at_ms: int
    say: Say


def scripted(cues: tuple[Cue, ...]) -> Strategy:
    """Return the strategy that follows these cues."""

    def decide(view: View, _params: Params) -> tuple[Proposal, ...]:
        due = [cue for cue in cues if view.now_ms >= START_MS + cue.at_ms]
        return tuple(proposal for cue in due for proposal in cue.say(view))

    return Strategy(
        name="script", version="1", defaults={}, check=dict, universe=_universe, decide=decide
    )


def rest(view: View) -> Iterator[Proposal]:
    """Buy the hedge below the market, once: it rests."""
    quote = view.quotes.get(view.hedge)
    if quote is None or quote.bid is None or _of(view, _REST):
        return
    yield _buy(view, price=Price(quote.bid.price * _BEHIND), leg=_REST)


def again(view: View) -> Iterator[Proposal]:
    """Buy the hedge below the market whenever no such order lives: an open is wanted all the time.

    A finished one counts for two minutes: it is the live ones that keep the next from being wished.
    """
    quote = view.quotes.get(view.hedge)
    if quote is None or quote.bid is None or any(order.is_live for order in _of(view, _AGAIN)):
        return
    yield _buy(view, price=Price(quote.bid.price * _BEHIND), leg=_AGAIN)


def cross(view: View) -> Iterator[Proposal]:
    """Buy the hedge across the spread, once: it fills."""
    quote = view.quotes.get(view.hedge)
    if quote is None or quote.ask is None or view.held or _of(view, _CROSS):
        return
    yield _buy(view, price=Price(quote.ask.price * _ACROSS), leg=_CROSS)


def leave(view: View) -> Iterator[Proposal]:
    """Sell across the spread what is held, once: it fills, and nothing is held any more."""
    quote, held = view.quotes.get(view.hedge), view.held.get(view.hedge)
    if quote is None or quote.bid is None or held is None or _of(view, _EXIT):
        return
    yield Place(
        instrument=view.hedge,
        side=Side.SELL,
        amount=Amount(held.quantity),
        price=Price(quote.bid.price / _ACROSS),
        time_in_force=TimeInForce.GTC,
        post_only=False,
        is_exit=True,
        attempt=_EXIT,
        leg=_EXIT,
        why="the script leaves",
    )


def withdraw(view: View) -> Iterator[Proposal]:
    """Take back what rests."""
    for order in _of(view, _REST):
        if order.is_live and not order.is_unknown:
            yield Withdraw(intent_id=order.intent_id, why="the script takes it back")


def amend(view: View) -> Iterator[Proposal]:
    """Double what rests."""
    for order in _of(view, _REST):
        if order.is_live and not order.is_unknown and order.remaining == _AMOUNT:
            yield Amend(
                intent_id=order.intent_id,
                amount=Amount(2 * _AMOUNT),
                price=order.price,
                why="the script wants more",
            )


def _buy(view: View, *, price: Price, leg: int) -> Place:
    return Place(
        instrument=view.hedge,
        side=Side.BUY,
        amount=_AMOUNT,
        price=price,
        time_in_force=TimeInForce.GTC,
        post_only=False,
        is_exit=False,
        attempt=leg,  # by it the view tells the two apart
        leg=leg,
        why="the script opens",
    )


def _of(view: View, leg: int) -> list[Resting]:
    return [order for order in view.orders if order.attempt == leg]


def _universe(
    _instruments: Mapping[InstrumentName, Instrument], _now_ms: int, _params: Params
) -> frozenset[InstrumentName]:
    return frozenset()  # the hedge is watched anyway
