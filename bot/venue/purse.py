"""The credits of one account: one purse for all its connections, WebSocket and HTTP together."""

from collections import deque
from collections.abc import Mapping
from typing import Final, assert_never, final

import trio

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

__all__ = ["Purse"]

_LIMITED_KEPT: Final = 8
_ORDER_BUCKETS: Final = frozenset({Bucket.TRADING, Bucket.CANCEL_ALL})


@final
class Purse:
    """Pays for requests before they leave [C-506]."""

    def __init__(self, *, pools: Mapping[Bucket, Pool] = POOLS) -> None:
        """Start with full buckets."""
        self._pools = pools
        self._credits: Credits | None = None
        self._limited: deque[float] = deque(maxlen=_LIMITED_KEPT)

    async def pay(
        self,
        method: str,
        *,
        params: Mapping[str, object],
        deadline: float,
        is_exit: bool,
    ) -> str | None:
        """Pay, waiting for a refill at most until the deadline (trio time). None is paid.

        Returns why not otherwise. An open order does not wait: its quote ages meanwhile, so that
        not sending it is the better answer. An exit waits, for it must come out.
        """
        bucket = bucket_of(method, params=params)
        may_wait = is_exit or bucket not in _ORDER_BUCKETS
        while True:
            now_ms = _now_ms()
            outcome = spend(
                self._held(now_ms), bucket, cost=COSTS[bucket], now_ms=now_ms, is_exit=is_exit
            )
            match outcome:
                case Spent(left=left):
                    self._credits = left
                    return None
                case Wait(ms=ms):
                    if not may_wait or trio.current_time() + ms / 1000 > deadline:
                        return f"no {bucket.value} credits for another {ms} ms"
                    # A millisecond more than said: the clock is cut to whole ones.
                    await trio.sleep((ms + 1) / 1000)
                case _:
                    assert_never(outcome)

    def empty(self) -> None:
        """Count from nothing: the venue may have counted more than we have."""
        now_ms = _now_ms()
        self._credits = drain(self._held(now_ms), now_ms=now_ms)

    def limited(self) -> None:
        """Count from nothing, and remember when: the venue said that we ask too much (10028)."""
        self._limited.append(trio.current_time())
        self.empty()

    def limited_ms(self) -> tuple[int, ...]:
        """Say how long ago the venue said so, the last times, oldest first."""
        now = trio.current_time()
        return tuple(int((now - at) * 1000) for at in self._limited)

    def _held(self, now_ms: int) -> Credits:
        return self._credits or full(self._pools, now_ms=now_ms)


def _now_ms() -> int:
    return int(trio.current_time() * 1000)
