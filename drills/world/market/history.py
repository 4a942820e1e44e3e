"""What the index has been in the last hour: the mean that options are delivered at."""

from bisect import bisect_right
from decimal import Decimal
from typing import Final, final

from bot.domain.instant import HOUR_MS

__all__ = ["CentHistory"]

_KEPT_MS: Final = HOUR_MS + HOUR_MS // 4
_PRUNE_AT: Final = 8_192


@final
class CentHistory:
    """Prices in whole cents by time, with their running sum, so that a mean costs two look-ups.

    The exchange asks for a mean at every step of the last half hour before 08:00; the modelled
    market's history would walk through all its points each time. A price holds until the next.
    """

    def __init__(self, at_ms: int, *, cents: int) -> None:
        """Begin with one price, which counts for the time before it too."""
        self._times = [at_ms]
        self._cents = [cents]
        self._areas = [0]  # cents × ms from the first point to each

    def note(self, at_ms: int, *, cents: int) -> None:
        """Add a price at a later time; raises ValueError for a time that is not later."""
        last_ms = self._times[-1]
        if at_ms <= last_ms:
            raise ValueError(f"a price at {at_ms} ms cannot follow one at {last_ms} ms")
        self._areas.append(self._areas[-1] + self._cents[-1] * (at_ms - last_ms))
        self._times.append(at_ms)
        self._cents.append(cents)
        if len(self._times) > _PRUNE_AT:
            self._prune(at_ms - _KEPT_MS)

    def mean(self, from_ms: int, to_ms: int) -> Decimal:
        """Return the time-weighted mean in USD to the cent, half-even, exactly.

        Raises ValueError for a span that ends before it begins.
        """
        if to_ms < from_ms:
            raise ValueError(f"no index between {from_ms} and {to_ms}")
        if to_ms == from_ms:
            return _usd(self._cents[self._place(from_ms)])
        span = to_ms - from_ms
        whole, rest = divmod(self._area(to_ms) - self._area(from_ms), span)
        is_up = 2 * rest > span or (2 * rest == span and whole % 2 == 1)
        return _usd(whole + is_up)

    def _area(self, at_ms: int) -> int:
        at = self._place(at_ms)
        return self._areas[at] + self._cents[at] * (at_ms - self._times[at])

    def _place(self, at_ms: int) -> int:
        return max(bisect_right(self._times, at_ms) - 1, 0)

    def _prune(self, before_ms: int) -> None:
        first = self._place(before_ms)
        del self._times[:first], self._cents[:first], self._areas[:first]


def _usd(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
