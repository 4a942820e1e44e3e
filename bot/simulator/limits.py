"""Credits: what an account may ask for in a time (PROTOCOL §16). Pure token buckets."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final, final

__all__ = ["BURST_MATCHING", "RATE_MATCHING", "Bucket", "Credits"]

RATE_MATCHING: Final = 5  # tier 4, requests a second
BURST_MATCHING: Final = 20
_UNIT: Final = 500  # credits of one request in the pools that count in credits


class Bucket(Enum):
    """The pools. A method belongs to one of them."""

    NON_MATCHING = "non_matching"
    TRADING = "trading"
    CANCEL_ALL = "cancel_all"
    SUBSCRIBE = "subscribe"
    INSTRUMENTS = "instruments"


# bucket → cost of a request, pool, refill a second; one row of PROTOCOL §16 each
_RULES: Final[dict[Bucket, tuple[int, int, int]]] = {
    Bucket.NON_MATCHING: (_UNIT, 50_000, 10_000),
    Bucket.TRADING: (_UNIT, _UNIT * BURST_MATCHING, _UNIT * RATE_MATCHING),
    Bucket.CANCEL_ALL: (_UNIT, _UNIT * BURST_MATCHING, _UNIT * RATE_MATCHING),
    Bucket.SUBSCRIBE: (3_000, 30_000, 10_000),
    Bucket.INSTRUMENTS: (10_000, 500_000, 10_000),
}


@final
@dataclass(slots=True)
class Credits:
    """The pools of one account, or of all that are not logged in. Milliseconds of one clock."""

    left: dict[Bucket, float] = field(default_factory=dict)
    at_ms: dict[Bucket, int] = field(default_factory=dict)

    def spend(self, bucket: Bucket, *, now_ms: int, slowness: int = 1) -> bool:
        """Take one request's cost; False, and nothing taken, when the pool has not enough.

        `slowness`: how many times longer the pool takes to fill.
        """
        cost, pool, refill = _RULES[bucket]
        since_ms = max(now_ms - self.at_ms.get(bucket, now_ms), 0)
        left = min(self.left.get(bucket, pool) + refill * since_ms / 1_000 / slowness, pool)
        self.at_ms[bucket] = now_ms
        can = left >= cost
        self.left[bucket] = left - cost if can else left
        return can
