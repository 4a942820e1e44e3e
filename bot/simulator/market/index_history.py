"""What an index has been lately: the mean that options are delivered at (DOMAIN §1.4)."""

from bisect import bisect_right
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, final

from bot.domain.money import EXACT

__all__ = ["IndexHistory"]

_POINTS_MAX: Final = 2_000
_SPACING_MS: Final = 5_000  # the venue, too, samples its index every few seconds for the mean
_CENT: Final = Decimal("0.01")


@final
class IndexHistory:
    """Prices by time, oldest first, thinned to one in five seconds and bounded to 2000.

    A price holds until the next: that is how gaps count. The newest is always kept exactly.
    """

    def __init__(self, points: Iterable[tuple[int, Decimal]] = ()) -> None:
        """Start from points that an earlier history gave away."""
        self._times: list[int] = []
        self._prices: list[Decimal] = []
        for at_ms, price in points:
            self._times.append(at_ms)
            self._prices.append(price)

    @property
    def points(self) -> tuple[tuple[int, Decimal], ...]:
        """All that is remembered."""
        return tuple(zip(self._times, self._prices, strict=True))

    def note(self, at_ms: int, *, price: Decimal) -> None:
        """Add a price; points within the spacing of the last kept one replace one another."""
        times, prices = self._times, self._prices
        if times and at_ms <= times[-1]:
            return
        if len(times) >= 2 and at_ms - times[-2] <= _SPACING_MS:
            times[-1], prices[-1] = at_ms, price
            return
        times.append(at_ms)
        prices.append(price)
        if len(times) > _POINTS_MAX:
            del times[0], prices[0]

    def mean(self, from_ms: int, to_ms: int) -> Decimal:
        """Return the time-weighted mean, to the cent, half-even.

        Before the first point the first price counts, after the last the last one. Raises
        ValueError on an empty history, or a span that ends before it begins.
        """
        if not self._times or to_ms < from_ms:
            raise ValueError(f"no index between {from_ms} and {to_ms}")
        first = max(bisect_right(self._times, from_ms) - 1, 0)
        if to_ms == from_ms:
            return self._prices[first].quantize(_CENT, ROUND_HALF_EVEN)
        total, begin = Decimal(0), from_ms
        for at in range(first, len(self._times)):
            is_last = at + 1 == len(self._times)
            end = to_ms if is_last else min(self._times[at + 1], to_ms)
            if end > begin:
                total = EXACT.add(total, EXACT.multiply(self._prices[at], Decimal(end - begin)))
                begin = end
            if begin >= to_ms:
                break
        mean = EXACT.divide(total, Decimal(to_ms - from_ms))
        return mean.quantize(_CENT, ROUND_HALF_EVEN)
