"""The venue's rate limits as token buckets, so that we stop before it stops us [C-506].

Pure: whoever spends says what time it is. Levels are whole thousandths of a credit, so that a
refill per millisecond is exact. Figures: PROTOCOL §16, the lowest tier.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

__all__ = [
    "COSTS",
    "ORDER_METHODS",
    "POOLS",
    "Bucket",
    "Credits",
    "Pool",
    "Spent",
    "Wait",
    "bucket_of",
    "drain",
    "full",
    "spend",
]

_MILLI: Final = 1000


class Bucket(Enum):
    """Each has a level of its own at the venue."""

    GENERAL = "general"
    TRADING = "trading"
    CANCEL_ALL = "cancel_all"
    SUBSCRIBE = "subscribe"
    INSTRUMENTS = "instruments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A bucket's size, its refill, and the part that only exits may spend, in credits."""

    size: int
    refill_per_s: int
    reserve: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Credits:
    """The level of each bucket in thousandths of a credit, as of `at_ms`."""

    pools: Mapping[Bucket, Pool]
    levels_milli: Mapping[Bucket, int]
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Paid; `left` is the state to go on with."""

    left: Credits


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Not paid; in this many ms it could be."""

    ms: int


COSTS: Final = {
    Bucket.GENERAL: 500,
    Bucket.TRADING: 1,
    Bucket.CANCEL_ALL: 1,
    Bucket.SUBSCRIBE: 3_000,
    Bucket.INSTRUMENTS: 10_000,
}
POOLS: Final = {
    Bucket.GENERAL: Pool(size=50_000, refill_per_s=10_000, reserve=15_000),
    Bucket.TRADING: Pool(size=20, refill_per_s=5, reserve=8),
    Bucket.CANCEL_ALL: Pool(size=20, refill_per_s=5, reserve=0),  # nothing but exits goes here
    Bucket.SUBSCRIBE: Pool(size=30_000, refill_per_s=10_000, reserve=0),
    Bucket.INSTRUMENTS: Pool(size=500_000, refill_per_s=10_000, reserve=0),
}
_BUCKETS: Final = {
    "private/buy": Bucket.TRADING,
    "private/sell": Bucket.TRADING,
    "private/edit": Bucket.TRADING,
    "private/edit_by_label": Bucket.TRADING,
    "private/cancel": Bucket.TRADING,
    "private/close_position": Bucket.TRADING,
    "private/cancel_by_label": Bucket.TRADING,
    "private/cancel_all": Bucket.CANCEL_ALL,
    "private/cancel_all_by_currency": Bucket.TRADING,
    "private/cancel_all_by_currency_pair": Bucket.TRADING,
    "private/cancel_all_by_instrument": Bucket.TRADING,
    "private/cancel_all_by_kind_or_type": Bucket.TRADING,
    "private/mass_quote": Bucket.TRADING,
    "private/cancel_quotes": Bucket.TRADING,
    "private/verify_block_trade": Bucket.TRADING,
    "private/execute_block_trade": Bucket.TRADING,
    "public/subscribe": Bucket.SUBSCRIBE,
    "private/subscribe": Bucket.SUBSCRIBE,
    "public/get_instruments": Bucket.INSTRUMENTS,
}
_FANS_OUT_WITHOUT_CURRENCY: Final = frozenset(
    {"private/cancel_by_label", "private/cancel_all_by_kind_or_type"}
)
ORDER_METHODS: Final = frozenset(
    method for method, bucket in _BUCKETS.items() if bucket in (Bucket.TRADING, Bucket.CANCEL_ALL)
)


def spend(
    credits: Credits,  # noqa: A002  # the venue's own word; the site built-in means nothing here
    bucket: Bucket,
    *,
    cost: int,
    now_ms: int,
    is_exit: bool,
) -> Spent | Wait:
    """Pay from a bucket, or say how long until it could be paid.

    An open leaves the pool's reserve alone; an exit may take all. A clock that went back refills
    nothing. Raises ValueError for a cost that the bucket can never hold.
    """
    pool = credits.pools[bucket]
    floor = 0 if is_exit else pool.reserve
    if not 0 < cost <= pool.size - floor:
        raise ValueError(f"{bucket.value}: cost {cost} of {pool.size} with {floor} kept")
    now = _refilled(credits, now_ms=now_ms)
    left = now.levels_milli[bucket] - cost * _MILLI
    lacking = floor * _MILLI - left
    if lacking > 0:
        return Wait(ms=-(-lacking // pool.refill_per_s))
    return Spent(left=replace(now, levels_milli={**now.levels_milli, bucket: left}))


def full(pools: Mapping[Bucket, Pool], *, now_ms: int) -> Credits:
    """Return full buckets: what a fresh start may assume."""
    levels = {bucket: pool.size * _MILLI for bucket, pool in pools.items()}
    return Credits(pools=pools, levels_milli=levels, at_ms=now_ms)


def drain(credits: Credits, *, now_ms: int) -> Credits:  # noqa: A002  # as above
    """Empty every bucket: the venue said too_many_requests, so our count was wrong."""
    levels = dict.fromkeys(credits.levels_milli, 0)
    return replace(credits, levels_milli=levels, at_ms=max(now_ms, credits.at_ms))


def bucket_of(method: str, *, params: Mapping[str, object]) -> Bucket:
    """Return the bucket that a request is charged to."""
    if method in _FANS_OUT_WITHOUT_CURRENCY and "currency" not in params:
        return Bucket.CANCEL_ALL
    return _BUCKETS.get(method, Bucket.GENERAL)


def _refilled(credits: Credits, *, now_ms: int) -> Credits:  # noqa: A002  # as above
    elapsed_ms = max(0, now_ms - credits.at_ms)
    levels = {
        bucket: min(
            pool.size * _MILLI, credits.levels_milli[bucket] + pool.refill_per_s * elapsed_ms
        )
        for bucket, pool in credits.pools.items()
    }
    return replace(credits, levels_milli=levels, at_ms=credits.at_ms + elapsed_ms)
