"""What the monitors are shown of the market and of the shell's figures."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.core.event import Reported
from bot.core.sight import sight_of
from bot.domain.instrument import BookState
from bot.domain.money import Amount, Price
from bot.domain.report import BookSnapshot, IndexPrice, Level
from bot.monitors.sight import Hedge
from tests.bot.core.desk import MACHINE, Desk, ready
from tests.bot.core.market import INDEX, PERPETUAL


def level(price: str, amount: str) -> Level:
    return Level(Price(Decimal(price)), Amount(Decimal(amount)))


def book(desk: Desk, bids: tuple[Level, ...], asks: tuple[Level, ...]) -> None:
    desk.feed(
        Reported(
            BookSnapshot(
                instrument=PERPETUAL.name, at_ms=desk.now_ms, change_id=1, bids=bids, asks=asks
            )
        )
    )


@pytest.mark.rule("C-709")
def test_the_hedge_is_shown_by_its_book_its_mark_and_the_index() -> None:
    desk = ready()
    book(
        desk,
        (level("59999.0", "30000"), level("59998.5", "20000")),
        (level("60001.0", "1000"), level("60001.5", "2000")),
    )
    hedge = sight_of(desk.state).hedge
    assert hedge is not None
    # 2 of 60 000 are a third of a basis point; the mark is 60 000.25 at an index of 60 000.
    assert hedge.spread_bp == pytest.approx(Decimal(1) / 3)
    assert hedge.depth_usd == Decimal(3_000)  # the thinner side, in USD already
    assert hedge.basis == pytest.approx(Decimal("0.25") / 60_000)
    assert hedge.state is BookState.OPEN


@pytest.mark.rule("C-709")
def test_a_side_that_is_empty_has_neither_spread_nor_depth() -> None:
    desk = ready()
    book(desk, (), (level("60001.0", "1000"),))
    hedge = sight_of(desk.state).hedge
    assert isinstance(hedge, Hedge)
    assert (hedge.spread_bp, hedge.depth_usd) == (None, None)


@pytest.mark.rule("C-709")
def test_only_the_nearest_twenty_levels_count_as_depth() -> None:
    desk = ready()
    bids = tuple(level(f"{59_999 - n}.0", "10") for n in range(30))
    book(desk, bids, (level("60001.0", "1000"),))
    hedge = sight_of(desk.state).hedge
    assert hedge is not None
    assert hedge.depth_usd == Decimal(200)


@pytest.mark.rule("C-709")
def test_index_and_mark_are_remembered_as_they_come() -> None:
    desk = ready()
    desk.wait(1_000)
    desk.feed(Reported(IndexPrice(index=INDEX, at_ms=1, price=Price(Decimal("63000")))))
    seen = sight_of(desk.state)
    assert seen.index_jump == pytest.approx(0.05)
    assert seen.index_range == pytest.approx(0.05)
    assert seen.mark_stands_ms == 1_000
    assert seen.mark_left_by == pytest.approx(0.05)


@pytest.mark.rule("C-606")
def test_the_shell_s_figures_grow_old_by_monotonic_time() -> None:
    desk = ready()
    desk.observe(machine=replace(MACHINE, bytes_free=5))
    desk.mono_ms += 700
    desk.now_ms -= 10_000
    desk.tick()
    seen = sight_of(desk.state)
    assert seen.observed is not None
    assert seen.observed.machine is not None
    assert (seen.observed.machine.bytes_free, seen.observed_age_ms) == (5, 700)
