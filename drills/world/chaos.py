"""A strategy that does everything a strategy can: opens, closes, edits and takes back, at random.

Pure like any other: what it proposes follows from the view's time and its own seed.
"""

import random
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from bot.domain.ids import InstrumentName
from bot.domain.instant import HOUR_MS
from bot.domain.instrument import Instrument, Kind
from bot.domain.money import Amount, Price
from bot.domain.order import TimeInForce
from bot.domain.side import Side
from bot.strategy.interface import (
    Amend,
    LegWish,
    Params,
    Place,
    PlaceGroup,
    Proposal,
    Quote,
    Strategy,
    View,
    Withdraw,
)

__all__ = ["CHAOS", "EXIT_WORD"]

EXIT_WORD: Final = "chaos closes"  # by which an exit is known in the records

_LIVE_MAX: Final = 6
_TOO_NEAR_MS: Final = 2 * HOUR_MS  # policy opens nothing in the last hour
_TIMES: Final = (TimeInForce.GTC, TimeInForce.GTC, TimeInForce.GTC, TimeInForce.IOC)


def _universe(
    instruments: Mapping[InstrumentName, Instrument], now_ms: int, params: Params
) -> frozenset[InstrumentName]:
    """A handful of options, soonest first; not those too near their end to be opened."""
    options = sorted(
        (
            name
            for name, known in instruments.items()
            if known.kind is Kind.OPTION and (known.expiry_ms or 0) - now_ms > _TOO_NEAR_MS
        ),
        key=lambda name: (instruments[name].expiry_ms or 0, name),
    )
    count = int(params["options"])
    skip = random.Random(f"{params['seed']}/{now_ms // 3_600_000}").randrange(3)  # noqa: S311
    return frozenset(options[skip : skip + count])


def _decide(view: View, params: Params) -> tuple[Proposal, ...]:
    draw = random.Random(f"{params['seed']}/{view.now_ms}")  # noqa: S311  # no secrets
    if draw.random() >= float(params["eager"]):
        return ()
    return tuple(_propose(view, draw))


def _propose(view: View, draw: random.Random) -> Iterator[Proposal]:
    live = [order for order in view.orders if order.is_live and not order.is_unknown]
    what = draw.random()
    if live and what < 0.2:
        yield Withdraw(intent_id=draw.choice(live).intent_id, why="chaos takes it back")
        return
    if live and what < 0.35:
        yield from _amend(view, draw)
        return
    held = sorted(name for name in view.held if name in view.quotes)
    if held and what < 0.6:
        yield from _exit(view, draw.choice(held), draw)
        return
    names = sorted(name for name, quote in view.quotes.items() if quote.bid and quote.ask)
    if len(names) > 1 and what < 0.75 and (view.group is None or not view.group.is_live):
        yield from _group(view, names, draw)
        return
    if names and len(live) < _LIVE_MAX:
        yield from _open(view, draw.choice([*names, view.hedge]), draw)


def _open(view: View, name: InstrumentName, draw: random.Random) -> Iterator[Proposal]:
    quote, known = view.quotes.get(name), view.instruments.get(name)
    if quote is None or known is None:
        return
    side = draw.choice((Side.BUY, Side.SELL))
    price = _price(quote, side, draw)
    if price is None:
        return
    is_option = known.kind is Kind.OPTION
    amount = Decimal(draw.randint(1, 4)) / 10 if is_option else Decimal(10 * draw.randint(1, 20))
    time_in_force = draw.choice(_TIMES)
    yield Place(
        instrument=name,
        side=side,
        amount=Amount(amount),
        price=price,
        time_in_force=time_in_force,
        post_only=time_in_force is TimeInForce.GTC and draw.random() < 0.3,
        is_exit=False,
        attempt=0,
        leg=0,
        why="chaos opens",
    )


def _group(view: View, names: list[InstrumentName], draw: random.Random) -> Iterator[PlaceGroup]:
    """Two to four options, each on any side, now and then at ratios of their own."""
    options = [name for name in names if view.instruments[name].kind is Kind.OPTION]
    count = min(len(options), draw.choice((2, 2, 3, 4)))
    legs = []
    for name in draw.sample(options, count):
        side, quote = draw.choice((Side.BUY, Side.SELL)), view.quotes[name]
        price = _price(quote, side, draw)
        if price is None or quote.bid is None or quote.ask is None:
            return
        gap = abs(quote.ask.price - quote.bid.price) * draw.choice((0, 1, 2))
        touch = quote.ask.price if side is Side.BUY else quote.bid.price
        worst = max(touch + side.sign * gap, view.instruments[name].ticks.tick)
        is_worse = (worst - price) * side.sign >= 0
        legs.append(
            LegWish(
                instrument=name,
                side=side,
                ratio=Decimal(draw.choice((1, 1, 1, 2))),
                price=price,
                limit=Price(worst if is_worse else price),
            )
        )
    if len(legs) > 1:
        yield PlaceGroup(
            legs=tuple(legs),
            size=Amount(Decimal(draw.randint(1, 4)) / 10),
            rest_ms=draw.choice((0, 2_000, 20_000)),
            attempt=0,
            why="chaos groups",
        )


def _exit(view: View, name: InstrumentName, draw: random.Random) -> Iterator[Proposal]:
    quantity = view.held[name].quantity
    side = Side.SELL if quantity > 0 else Side.BUY
    price = _price(view.quotes[name], side, draw)
    if price is None or quantity == 0:
        return
    yield Place(
        instrument=name,
        side=side,
        amount=Amount(abs(quantity)),
        price=price,
        time_in_force=draw.choice(_TIMES),
        post_only=False,
        is_exit=True,
        attempt=0,
        leg=0,
        why=EXIT_WORD,
    )


def _amend(view: View, draw: random.Random) -> Iterator[Proposal]:
    resting = [order for order in view.orders if order.is_live and not order.is_unknown]
    order = draw.choice(resting)
    quote = view.quotes.get(order.instrument)
    price = None if quote is None else _price(quote, order.side, draw)
    total = order.filled + order.remaining
    amount = total if draw.random() < 0.5 else total * draw.choice((1, 2))
    yield Amend(
        intent_id=order.intent_id,
        amount=Amount(amount),
        price=price or order.price,
        why="chaos changes its mind",
    )


def _price(quote: Quote, side: Side, draw: random.Random) -> Price | None:
    """Across, at the own touch, or behind it."""
    own, other = (quote.bid, quote.ask) if side is Side.BUY else (quote.ask, quote.bid)
    if own is None or other is None:
        return None
    place = draw.random()
    if place < 0.4:
        return Price(other.price)
    gap = abs(other.price - own.price)
    return (
        Price(own.price) if place < 0.8 else Price(max(own.price - side.sign * gap, own.price / 2))
    )


CHAOS: Final = Strategy(
    name="chaos",
    version="1",
    defaults={"seed": 1, "eager": 0.3, "options": 4},
    check=dict,
    universe=_universe,
    decide=_decide,
)
