import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.venue.credits import (
    COSTS,
    POOLS,
    Bucket,
    Credits,
    Pool,
    Spent,
    Wait,
    bucket_of,
    drain,
    full,
    spend,
)

SMALL = {Bucket.TRADING: Pool(size=20, refill_per_s=5, reserve=8)}


def _after(spent: Spent | Wait) -> Credits:
    assert isinstance(spent, Spent)
    return spent.left


def _spent(times: int, *, held: Credits, is_exit: bool, now_ms: int = 0) -> Credits:
    for _ in range(times):
        held = _after(spend(held, Bucket.TRADING, cost=1, now_ms=now_ms, is_exit=is_exit))
    return held


@pytest.mark.rule("C-506")
def test_opens_cannot_spend_what_is_kept_for_exits() -> None:
    held = _spent(12, held=full(SMALL, now_ms=0), is_exit=False)
    # 1 credit at 5 a second: 200 ms.
    assert spend(held, Bucket.TRADING, cost=1, now_ms=0, is_exit=False) == Wait(ms=200)
    held = _spent(8, held=held, is_exit=True)
    assert spend(held, Bucket.TRADING, cost=1, now_ms=0, is_exit=True) == Wait(ms=200)


def test_wait_is_exactly_long_enough() -> None:
    held = _spent(20, held=full(SMALL, now_ms=0), is_exit=True)
    assert spend(held, Bucket.TRADING, cost=1, now_ms=199, is_exit=True) == Wait(ms=1)
    assert isinstance(spend(held, Bucket.TRADING, cost=1, now_ms=200, is_exit=True), Spent)


def test_bucket_never_holds_more_than_its_size() -> None:
    held = _spent(20, held=full(SMALL, now_ms=0), is_exit=True)
    held = _spent(20, held=held, is_exit=True, now_ms=1_000_000)
    assert isinstance(spend(held, Bucket.TRADING, cost=1, now_ms=1_000_000, is_exit=True), Wait)


def test_clock_that_goes_back_refills_nothing() -> None:
    held = _spent(20, held=full(SMALL, now_ms=10_000), is_exit=True, now_ms=10_000)
    assert spend(held, Bucket.TRADING, cost=1, now_ms=0, is_exit=True) == Wait(ms=200)


def test_drained_buckets_start_from_nothing() -> None:
    held = drain(full(SMALL, now_ms=0), now_ms=0)
    assert spend(held, Bucket.TRADING, cost=5, now_ms=0, is_exit=True) == Wait(ms=1_000)


@pytest.mark.parametrize("cost", [0, -1, 13, 21])
def test_cost_that_can_never_be_paid_is_refused(cost: int) -> None:
    with pytest.raises(ValueError, match="cost"):
        spend(full(SMALL, now_ms=0), Bucket.TRADING, cost=cost, now_ms=0, is_exit=False)


@pytest.mark.parametrize(
    ("bucket", "burst", "per_s"),
    [  # PROTOCOL §16: sustained and burst requests
        (Bucket.GENERAL, 100, 20),
        (Bucket.TRADING, 20, 5),
        (Bucket.CANCEL_ALL, 20, 5),
        (Bucket.SUBSCRIBE, 10, 10 / 3),
        (Bucket.INSTRUMENTS, 50, 1),
    ],
)
def test_pools_are_the_venues(bucket: Bucket, burst: int, per_s: float) -> None:
    assert POOLS[bucket].size // COSTS[bucket] == burst
    assert POOLS[bucket].refill_per_s / COSTS[bucket] == pytest.approx(per_s)


@pytest.mark.parametrize(
    ("method", "params", "bucket"),
    [
        ("private/buy", {}, Bucket.TRADING),
        ("private/cancel", {}, Bucket.TRADING),
        ("private/cancel_by_label", {"currency": "BTC"}, Bucket.TRADING),
        ("private/cancel_by_label", {}, Bucket.CANCEL_ALL),
        ("private/cancel_all", {}, Bucket.CANCEL_ALL),
        ("private/cancel_all_by_currency", {"currency": "BTC"}, Bucket.TRADING),
        ("public/subscribe", {}, Bucket.SUBSCRIBE),
        ("public/get_instruments", {}, Bucket.INSTRUMENTS),
        ("public/test", {}, Bucket.GENERAL),
        ("private/get_open_orders_by_currency", {}, Bucket.GENERAL),
    ],
)
def test_request_is_charged_where_the_venue_charges_it(
    method: str, params: dict[str, object], bucket: Bucket
) -> None:
    assert bucket_of(method, params=params) is bucket


@given(st.lists(st.tuples(st.integers(0, 500), st.booleans()), max_size=80))
def test_never_more_is_spent_than_the_pool_and_its_refill(
    steps: list[tuple[int, bool]],
) -> None:
    held, now_ms, paid = full(SMALL, now_ms=0), 0, 0
    for gap_ms, is_exit in steps:
        now_ms += gap_ms
        outcome = spend(held, Bucket.TRADING, cost=1, now_ms=now_ms, is_exit=is_exit)
        if isinstance(outcome, Spent):
            held, paid = outcome.left, paid + 1
    assert paid * 1000 <= 20 * 1000 + 5 * now_ms


@pytest.mark.rule("C-506")
@given(
    st.sampled_from((Bucket.GENERAL, Bucket.TRADING)),
    st.lists(st.tuples(st.integers(0, 500), st.booleans()), max_size=200),
)
def test_whatever_opens_do_the_reserve_of_each_bucket_is_there_for_exits(
    bucket: Bucket, steps: list[tuple[int, bool]]
) -> None:
    held, now_ms = full(POOLS, now_ms=0), 0
    taken_by_exits = 0
    for gap_ms, is_exit in steps:
        now_ms += gap_ms
        outcome = spend(held, bucket, cost=COSTS[bucket], now_ms=now_ms, is_exit=is_exit)
        if isinstance(outcome, Spent):
            held = outcome.left
            taken_by_exits += COSTS[bucket] * is_exit
    assert held.levels_milli[bucket] >= (POOLS[bucket].reserve - taken_by_exits) * 1000
