"""08:00 UTC is crossed with the engine up, down, and restarting: by plan, and no fault [C-510]."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
import trio

from bot.core.record import Anomaly, Delivered, ModeCauseRaised
from bot.domain.ids import InstrumentName
from bot.domain.instant import HOUR_MS, MINUTE_MS
from bot.domain.instrument import Instrument, Kind
from bot.domain.money import Amount
from bot.domain.order import TimeInForce
from bot.domain.side import Side
from bot.engine.pace import Pace
from bot.engine.start import Ready
from bot.strategy.interface import Params, Place, Proposal, Strategy, View
from drills.world.course import Course, run_course
from drills.world.fates import Fates
from drills.world.ready import ready_for, with_strategy
from drills.world.rest import end_when_broken, heal, spare
from drills.world.run import come_to_rest, lives
from drills.world.weather import Mood, Profile, Weather
from drills.world.world import World
from ledger.read import open_reader

LEGS = 2
BEFORE_S = 90 * 60.0  # from the start of trading to the expiry
SHORT = Amount(Decimal("0.1"))
FUTURE = Amount(Decimal(1_000))


def _universe(
    instruments: Mapping[InstrumentName, Instrument], now_ms: int, _params: Params
) -> frozenset[InstrumentName]:
    """The options that expire next, an hour before it at the latest."""
    live = {
        name: known.expiry_ms
        for name, known in instruments.items()
        if known.kind is Kind.OPTION and known.expiry_ms and known.expiry_ms - now_ms > HOUR_MS
    }
    soonest = min(live.values(), default=0)
    near = soonest - now_ms < 2 * HOUR_MS
    return frozenset(sorted(name for name, at in live.items() if at == soonest and near))


def _decide(view: View, _params: Params) -> tuple[Proposal, ...]:
    """Sell some of them and buy the future; sell it again once nothing else is held."""
    options = [name for name in view.held if name != view.hedge]
    future = view.held.get(view.hedge)
    can_open = [
        name
        for name, known in sorted(view.instruments.items())
        if name not in options
        and known.expiry_ms
        and known.expiry_ms - view.now_ms > HOUR_MS + MINUTE_MS
        and name in view.quotes
    ]
    if any(order.is_live for order in view.orders):
        return ()
    if can_open and len(options) < LEGS:
        name = can_open[(view.now_ms // 1_000) % len(can_open)]
        bid = view.quotes[name].bid
        return () if bid is None else (_place(name, Side.SELL, SHORT, bid.price),)
    quote = view.quotes.get(view.hedge)
    if quote is None or quote.bid is None or quote.ask is None:
        return ()
    if options and future is None:
        return (_place(view.hedge, Side.BUY, FUTURE, quote.ask.price),)
    if future is not None and not options:
        amount = Amount(abs(future.quantity))
        return (_place(view.hedge, Side.SELL, amount, quote.bid.price, is_exit=True),)
    return ()


def _place(
    name: InstrumentName, side: Side, amount: Amount, price: Decimal, *, is_exit: bool = False
) -> Place:
    return Place(
        instrument=name,
        side=side,
        amount=amount,
        price=price,  # type: ignore[arg-type]  # a quote's price
        time_in_force=TimeInForce.IOC,
        post_only=False,
        is_exit=is_exit,
        attempt=0,
        leg=0,
        why="holds over the expiry",
    )


HOLDER = Strategy(
    name="holder", version="1", defaults={}, check=dict, universe=_universe, decide=_decide
)


@dataclass
class Told:
    """What the ledger tells in the end."""

    delivered: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    held: dict[str, Decimal] = field(default_factory=dict)
    at_expiry: dict[str, Decimal] = field(default_factory=dict)


@pytest.mark.rule("C-510")
@pytest.mark.parametrize(
    ("dies_s", "away_s"),
    [
        (None, None),  # up all the time
        (-600.0, 6 * 3_600.0),  # down for hours
        (-3.0, 4.0),  # back a second after
        (1.0, 5.0),  # gone while the books are in settlement
    ],
)
def test_an_expiry_is_crossed_and_ends_proven_with_nothing_called_a_fault(
    dies_s: float | None, away_s: float | None
) -> None:
    told = Told()
    weather = Weather(
        seed=7,
        hours=2.0,
        profile=Profile.STORM,
        mood=Mood.CLEAR,
        regime="normal",
        rates={},
        pace=Pace(tick_s=2.0, publish_s=60.0, sample_s=20.0, observe_s=10.0, machine_s=30.0),
        market_step_ms=5_000,
        up_ms=20.0,
        down_ms=20.0,
        strategy="churn",
        eager=0.5,
    )
    outcome = run_course(
        Course(
            weather=weather,
            ready=partial(_ready, weather),
            through=partial(_through, dies_s=dies_s, away_s=away_s, told=told),
        )
    )
    assert outcome.finding is None, (outcome.finding, outcome.last)
    options = {name: size for name, size in told.at_expiry.items() if name != "BTC-PERPETUAL"}
    assert len(options) == LEGS
    assert told.at_expiry["BTC-PERPETUAL"] > 0
    assert sorted(told.delivered) == sorted(options), "each once"
    assert told.faults == []
    assert told.held == {}, "the future was sold once it hedged nothing any more"
    assert outcome.crashes == (0 if dies_s is None else 1)


def _ready(weather: Weather, home: Path) -> Ready:
    names = random.Random("names")  # noqa: S311  # no secrets
    ready = ready_for(weather, home, token=lambda count: names.randbytes(count).hex())
    return with_strategy(ready, HOLDER, {})


async def _through(world: World, *, dies_s: float | None, away_s: float | None, told: Told) -> None:
    to_expiry_s = (25 * HOUR_MS) / 1_000  # the world begins at 07:00 UTC
    world.true.sleep(to_expiry_s - BEFORE_S)
    fates = Fates(world)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(end_when_broken, world, nursery.cancel_scope)
        nursery.start_soon(world.exchange.pass_time)
        await trio.sleep(10.0)
        ended = trio.Event()
        nursery.start_soon(lives, world, fates, ended)
        expiry_s = trio.current_time() + BEFORE_S - 10.0
        await trio.sleep_until(expiry_s + min(dies_s or 0.0, -5.0))
        told.at_expiry = _held_at_venue(world)
        await trio.sleep_until(expiry_s + (dies_s or 0.0))
        if dies_s is not None:
            fates.away_s = away_s
            world.living.die()
        await trio.sleep((away_s or 0.0) + 1_200.0)
        heal(world)
        spare(world)
        await come_to_rest(world, ended)
        _tell(world, told)
        nursery.cancel_scope.cancel()


def _held_at_venue(world: World) -> dict[str, Decimal]:
    (account,) = world.exchange.venue.accounts.values()
    return {n: p.quantity for n, p in account.positions.items() if p.quantity != 0}


def _tell(world: World, told: Told) -> None:
    with open_reader(world.home) as reader:
        told.held = {
            name: held.quantity
            for name, held in reader.state().positions.items()
            if held.quantity != 0
        }
        for written in reader.entries():
            match written.entry.record:
                case Delivered(instrument=instrument):
                    told.delivered.append(instrument.name)
                case ModeCauseRaised(reason=reason, detail=detail):
                    told.faults.append(f"{reason.value} {detail}")
                case Anomaly(code=code, detail=detail):
                    told.faults.append(f"{code} {detail}")
                case _:
                    pass
