"""One ordered, bounded inbox; prices may be dropped, our own orders never [C-704]."""

import time
from decimal import Decimal

import pytest

from bot.core.event import Committed, Reported, Tick
from bot.domain.ids import IndexName
from bot.domain.money import Price
from bot.domain.report import IndexPrice
from bot.engine.clock import LocalClock, VenueClock
from bot.engine.inbox import PRICES_MAX, TOTAL_MAX, Inbox, OverflowedError

PRICE = Reported(IndexPrice(index=IndexName("btc_usd"), at_ms=1, price=Price(Decimal(60_000))))


def inbox() -> Inbox:
    return Inbox(venue=VenueClock(LocalClock(speed=1.0)))


@pytest.mark.trio
async def test_events_come_out_in_the_order_they_went_in() -> None:
    box = inbox()
    for number in range(3):
        box.put(Committed(number))
    assert [(await box.get()).what for _ in range(3)] == [Committed(n) for n in range(3)]


@pytest.mark.rule("C-704")
def test_prices_are_dropped_at_their_bound_and_counted_and_ours_are_not() -> None:
    box = inbox()
    for _ in range(PRICES_MAX + 5):
        box.put(PRICE)
    assert (len(box), box.dropped) == (PRICES_MAX, 5)
    for number in range(TOTAL_MAX - PRICES_MAX):
        box.put(Committed(number))
    with pytest.raises(OverflowedError):
        box.put(Committed(0))


@pytest.mark.trio
@pytest.mark.rule("C-704")
async def test_the_most_that_has_waited_is_told_since_the_last_look_and_in_all() -> None:
    box = inbox()
    for number in range(3):
        box.put(Committed(number))
    for _ in range(2):
        await box.get()
    assert (box.take_high(), box.high) == (3, 3)
    assert (box.take_high(), box.high) == (1, 3)  # one still waits
    box.put(Committed(4))
    assert (box.take_high(), box.high) == (2, 3)


@pytest.mark.trio
@pytest.mark.rule("C-111")
async def test_a_tick_that_has_waited_judges_by_the_time_at_which_it_is_taken() -> None:
    box = inbox()
    box.put(Tick())
    box.put(Committed(1))
    put_ms = time.monotonic_ns() // 1_000_000
    while time.monotonic_ns() // 1_000_000 - put_ms < 30:
        pass
    tick, committed = await box.get(), await box.get()
    assert tick.mono_ms - put_ms >= 30
    assert committed.mono_ms - put_ms < 30
