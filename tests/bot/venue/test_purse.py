import pytest
import trio
from trio.testing import MockClock

from bot.venue.credits import POOLS
from bot.venue.purse import Purse


async def _pay(purse: Purse, method: str, *, within_s: float, is_exit: bool) -> str | None:
    deadline = trio.current_time() + within_s
    return await purse.pay(method, params={}, deadline=deadline, is_exit=is_exit)


@pytest.mark.trio
@pytest.mark.rule("C-506")
async def test_open_is_refused_at_once_where_an_exit_still_passes(
    autojump_clock: MockClock,
) -> None:
    purse = Purse()
    for _ in range(12):
        assert await _pay(purse, "private/buy", within_s=5, is_exit=False) is None
    refused = await _pay(purse, "private/buy", within_s=5, is_exit=False)
    assert refused == "no trading credits for another 200 ms"
    for _ in range(8):
        assert await _pay(purse, "private/sell", within_s=5, is_exit=True) is None
    assert trio.current_time() == 0


@pytest.mark.trio
@pytest.mark.rule("C-506")
async def test_exit_waits_for_the_refill_as_long_as_its_deadline(autojump_clock: MockClock) -> None:
    purse = Purse(pools=POOLS)
    purse.empty()
    assert await _pay(purse, "private/cancel", within_s=0.1, is_exit=True) is not None
    assert await _pay(purse, "private/cancel", within_s=1.0, is_exit=True) is None
    assert trio.current_time() == pytest.approx(0.2, abs=0.01)


@pytest.mark.trio
@pytest.mark.rule("C-506")
async def test_what_the_venue_refused_is_remembered_and_empties_the_purse(
    autojump_clock: MockClock,
) -> None:
    purse = Purse()
    assert purse.limited_ms() == ()
    for _ in range(10):
        purse.limited()
        await trio.sleep(1)
    assert purse.limited_ms() == tuple(range(8_000, 0, -1_000))  # the last eight
    purse.limited()
    assert await _pay(purse, "private/cancel", within_s=0.1, is_exit=True) is not None


@pytest.mark.trio
async def test_read_waits_for_the_refill(autojump_clock: MockClock) -> None:
    purse = Purse()
    for _ in range(100):
        assert await _pay(purse, "public/get_time", within_s=5, is_exit=False) is None
    # 70 at once above the reserve, the other 30 at 20 a second.
    assert trio.current_time() == pytest.approx(1.5, abs=0.1)
