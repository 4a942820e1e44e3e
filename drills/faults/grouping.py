"""What becomes of a group's legs: refused by the venue, or left by the market."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Final

import trio

from bot.domain.ids import InstrumentName
from bot.domain.instant import DAY_MS
from bot.domain.instrument import Instrument, Kind
from bot.domain.money import Amount, Price
from bot.domain.side import Side
from bot.simulator.trouble.distorted import emptied
from bot.strategy.interface import LegWish, Params, PlaceGroup, Proposal, Strategy, View
from drills.faults.drill import Act
from drills.faults.stage import Stage
from drills.faults.wishes import calls_after
from drills.world.clock import START_MS
from drills.world.exchange import ACCOUNT

__all__ = ["GROUPS_ONCE", "leave_bids", "refuse_legs"]

_WISH_MS: Final = 3_000
_SIZE: Final = Amount(Decimal("0.2"))
_GIVEN: Final = Decimal("1.05")  # of the touch, by which a leg may give way
_FAR_MS: Final = 2 * DAY_MS
_LEGS: Final = 2
_LOOK_S: Final = 0.01
_LOOKS_MAX: Final = 10_000
_TRIES: Final = 3  # as many as a leg's first order and its two rescues
_SHAPE: Final = "drill"


def refuse_legs(at_ms: int) -> Act:
    """Once a leg has filled, refuse the next orders: of the other leg, and of what then follows."""

    async def do(stage: Stage) -> None:
        trouble = stage.world.exchange.floor.trouble
        await _first_fill(stage)
        for _ in range(_TRIES):
            trouble.strike("refusal")
            await _until(lambda: not trouble.is_armed("refusal"))
            if stage.world.is_healed:
                return

    return Act(at_ms, "refusal", do)


def leave_bids(at_ms: int, *, seconds: float) -> Act:
    """Once a leg has filled, nobody bids for any option: one is left alone, and cannot be sold."""

    async def do(stage: Stage) -> None:
        floor = stage.world.exchange.floor
        await _first_fill(stage)
        books = floor.venue.books.items()
        options = sorted(name for name, book in books if book.instrument.kind is Kind.OPTION)
        stage.strike("bids_gone", f"{len(options)} options")
        shapes = floor.mishaps.states.shapes
        for name in options:
            shapes.setdefault(name, {})[_SHAPE] = emptied(frozenset({Side.BUY}))
        await trio.sleep(seconds)
        for name in options:
            shapes.pop(name, None)

    return Act(at_ms, "bids_gone", do)


async def _first_fill(stage: Stage) -> None:
    trades = stage.world.exchange.venue.user_trades
    await _until(lambda: bool(trades.get(ACCOUNT)))


async def _until(holds: Callable[[], bool]) -> None:
    """Wait for it, or for as long as a drill lasts: one that never strikes fails by itself."""
    for _ in range(_LOOKS_MAX):
        if holds():
            return
        await trio.sleep(_LOOK_S)


def _universe(
    instruments: Mapping[InstrumentName, Instrument], now_ms: int, _params: Params
) -> frozenset[InstrumentName]:
    return calls_after(instruments, now_ms + _FAR_MS)


def _decide(view: View, _params: Params) -> tuple[Proposal, ...]:
    return tuple(_spread(view)) if view.group is None else ()


def _spread(view: View) -> Iterator[PlaceGroup]:
    """Buy a call and sell the next one, once: the bought leg protects, and is worked first."""
    usable = sorted(
        (of.strike, name)
        for name, of in view.instruments.items()
        if of.strike is not None
        and (quote := view.quotes.get(name)) is not None
        and quote.bid is not None
        and quote.ask is not None
    )
    if view.now_ms < START_MS + _WISH_MS or len(usable) < _LEGS:
        return
    middle = len(usable) // 2
    near, far = usable[middle - 1][1], usable[middle][1]
    yield PlaceGroup(
        legs=(_leg(view, near, Side.BUY), _leg(view, far, Side.SELL)),
        size=_SIZE,
        rest_ms=0,
        attempt=0,
        why="the script groups",
    )


def _leg(view: View, name: InstrumentName, side: Side) -> LegWish:
    quote = view.quotes[name]
    touch = quote.ask if side is Side.BUY else quote.bid
    if touch is None:
        raise RuntimeError(f"{name} has no touch")  # who chose it has looked
    worst = touch.price * _GIVEN if side is Side.BUY else touch.price / _GIVEN
    return LegWish(
        instrument=name,
        side=side,
        ratio=Decimal(1),
        price=Price(touch.price),
        limit=Price(worst),
    )


GROUPS_ONCE: Final = Strategy(
    name="script", version="1", defaults={}, check=dict, universe=_universe, decide=_decide
)
