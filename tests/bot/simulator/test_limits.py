"""Token buckets (PROTOCOL §16)."""

import pytest

from bot.simulator.limits import Bucket, Credits


@pytest.mark.parametrize(
    ("bucket", "burst", "refill_ms"),
    [
        (Bucket.NON_MATCHING, 100, 50),
        (Bucket.TRADING, 20, 200),
        (Bucket.CANCEL_ALL, 20, 200),
        (Bucket.SUBSCRIBE, 10, 300),
        (Bucket.INSTRUMENTS, 50, 1_000),
    ],
)
def test_a_bucket_holds_its_burst_and_refills_at_its_rate(
    bucket: Bucket, burst: int, refill_ms: int
) -> None:
    pool = Credits()
    assert [pool.spend(bucket, now_ms=0) for _ in range(burst)] == [True] * burst
    assert not pool.spend(bucket, now_ms=0)
    assert not pool.spend(bucket, now_ms=refill_ms - 1)
    assert pool.spend(bucket, now_ms=refill_ms)
    assert not pool.spend(bucket, now_ms=refill_ms)


def test_buckets_are_apart_and_never_overflow() -> None:
    pool = Credits()
    for _ in range(20):
        pool.spend(Bucket.TRADING, now_ms=0)
    assert pool.spend(Bucket.CANCEL_ALL, now_ms=0)
    assert sum(pool.spend(Bucket.TRADING, now_ms=10**9) for _ in range(30)) == 20
