"""The attempts, each with what must become of it: refused by name, cut, or taken as it is.

Each is a fault drill whose fault is the owner's tightening of the mode: what is tried comes two
seconds later, from the strategy, through the one door that there is.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from bot.domain.mode import Mode
from bot.domain.money import Amount, Price
from bot.domain.order import TimeInForce
from bot.domain.reason import Reason
from bot.domain.side import Side
from bot.strategy.interface import Place, Proposal, View
from drills.faults.drill import Back, Drill
from drills.faults.expectation import (
    Books,
    Expectation,
    Forces,
    OpensComeOff,
    Refuses,
    TakesExit,
    TakesNothing,
)
from drills.faults.owning import owner_kills, owner_reduces
from drills.faults.wishes import HOLDS, OPENS
from drills.world.points.script import Cue, Say

__all__ = ["ATTEMPTS"]

_TIGHT_MS: Final = 4_000
_TRIED_MS: Final = 6_000
_ACROSS: Final = Decimal("0.001")  # of the touch: would fill at once
_TRY: Final = 8  # the attempt by which the view tells it from the others
_HELD: Final = Decimal(100)  # USD, what HOLDS comes to hold


def _wish(side: Side, amount: Decimal, *, is_exit: bool, times: int = 1) -> Say:
    """Want this once, so many times in one look around."""

    def say(view: View) -> Iterator[Proposal]:
        quote = view.quotes.get(view.hedge)
        if quote is None or quote.bid is None or quote.ask is None:
            return
        if any(order.attempt >= _TRY for order in view.orders):
            return
        touch = quote.ask.price if side is Side.BUY else quote.bid.price
        for number in range(times):
            yield Place(
                instrument=view.hedge,
                side=side,
                amount=Amount(amount),
                price=Price(touch * (1 + side.sign * _ACROSS)),
                time_in_force=TimeInForce.GTC,
                post_only=False,
                is_exit=is_exit,
                attempt=_TRY + number,
                leg=_TRY + number,
                why="the attempt",
            )

    return say


def _reduced(says: str, say: Say, *expects: Expectation, holds: bool = True) -> Drill:
    return Drill(
        says=says,
        source="C-002, C-108",
        cues=(*(HOLDS if holds else ()), Cue(_TRIED_MS, say)),
        acts=(owner_reduces(_TIGHT_MS),),
        seconds=12.0,
        back=Back.BY_REARM,
        safe_ms_max=1_000,
        expects=(Forces(Mode.REDUCE_ONLY, Reason.OPERATOR), *expects),
    )


def _killed(says: str, cues: tuple[Cue, ...], *expects: Expectation) -> Drill:
    return Drill(
        says=says,
        source="C-002, C-304",
        cues=cues,
        acts=(owner_kills(_TIGHT_MS),),
        seconds=12.0,
        back=Back.BY_REARM,
        safe_ms_max=1_000,
        expects=(Forces(Mode.KILL, Reason.OPERATOR_KILL), *expects),
    )


_BUY, _SELL = Side.BUY, Side.SELL

ATTEMPTS: Final[Mapping[str, Drill]] = MappingProxyType({
    "open-from-flat": _reduced(
        "nothing is held, and an open is wanted",
        _wish(_BUY, _HELD, is_exit=False),
        Refuses(Reason.MODE), TakesNothing(), Books(0),
        holds=False,
    ),
    "exit-from-flat": _reduced(
        "nothing is held, and an open calls itself an exit",
        _wish(_BUY, _HELD, is_exit=True),
        Refuses(Reason.NOTHING_TO_EXIT), TakesNothing(), Books(0),
        holds=False,
    ),
    "add": _reduced(
        "more of what is held is wanted",
        _wish(_BUY, _HELD, is_exit=False),
        Refuses(Reason.MODE), TakesNothing(), Books(1),
    ),
    "add-as-exit": _reduced(
        "more of what is held is wanted, and calls itself an exit",
        _wish(_BUY, _HELD, is_exit=True),
        Refuses(Reason.NOTHING_TO_EXIT), TakesNothing(), Books(1),
    ),
    "flip": _reduced(
        "three times what is held is to be sold: beyond flat it would be new risk",
        _wish(_SELL, 3 * _HELD, is_exit=False),
        Refuses(Reason.MODE), TakesNothing(), Books(1),
    ),
    "oversized-close": _reduced(
        "three times what is held is to be closed: it is cut to what is held",
        _wish(_SELL, 3 * _HELD, is_exit=True),
        TakesExit(_SELL, _HELD), Books(2),
    ),
    "close-twice": _reduced(
        "all that is held is to be closed, twice in one moment: the second has nothing left",
        _wish(_SELL, _HELD, is_exit=True, times=2),
        TakesExit(_SELL, _HELD), Refuses(Reason.NOTHING_TO_EXIT), Books(2),
    ),
    "close": _reduced(
        "what is held is to be closed",
        _wish(_SELL, _HELD, is_exit=True),
        TakesExit(_SELL, _HELD), Books(2),
    ),
    "reduce": _reduced(
        "a part of what is held is to be closed",
        _wish(_SELL, _HELD / 2, is_exit=True),
        TakesExit(_SELL, _HELD / 2), Books(2),
    ),
    "kill-silences": _killed(
        "under KILL a strategy wants to open and to close: it is not asked",
        (
            *HOLDS,
            Cue(_TRIED_MS, _wish(_BUY, _HELD, is_exit=False)),
            Cue(_TRIED_MS, _wish(_SELL, _HELD, is_exit=True)),
        ),
        TakesNothing(), Books(1),
    ),
    "kill-cancels": _killed(
        "under KILL a resting open comes off by a cancel of its own",
        OPENS,
        OpensComeOff(), TakesNothing(), Books(1),
    ),
})  # fmt: skip
