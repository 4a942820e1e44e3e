"""The mean that options are delivered at."""

from decimal import Decimal

import pytest

from bot.simulator.market.index_history import IndexHistory

D = Decimal


def _history(*points: tuple[int, str]) -> IndexHistory:
    history = IndexHistory()
    for at_ms, price in points:
        history.note(at_ms, price=D(price))
    return history


@pytest.mark.parametrize(
    ("from_ms", "to_ms", "mean"),
    [
        (0, 30_000, "110.00"),  # 10 s at 100, 10 s at 110, 10 s at 120
        (10_000, 20_000, "110.00"),
        (15_000, 25_000, "115.00"),
        (20_000, 60_000, "120.00"),  # the last price holds
        (-10_000, 10_000, "100.00"),  # before the first the first counts
        (12_000, 12_000, "110.00"),
    ],
)
def test_the_mean_is_weighted_with_time(from_ms: int, to_ms: int, mean: str) -> None:
    history = _history((0, "100"), (10_000, "110"), (20_000, "120"))
    assert history.mean(from_ms, to_ms) == D(mean)


def test_a_gap_counts_with_the_price_before_it() -> None:
    history = _history((0, "100"), (1_800_000, "200"))
    assert history.mean(0, 1_800_000) == D("100.00")
    assert history.mean(0, 3_600_000) == D("150.00")


def test_points_are_thinned_and_the_newest_is_kept() -> None:
    history = _history(*((i * 1_000, str(100 + i)) for i in range(61)))
    times = [at_ms for at_ms, _ in history.points]
    assert times[-1] == 60_000
    assert len(times) <= 14


def test_memory_is_bounded() -> None:
    history = _history(*((i * 10_000, "100") for i in range(3_000)))
    assert len(history.points) == 2_000


def test_nothing_known_is_an_error() -> None:
    with pytest.raises(ValueError, match="no index"):
        IndexHistory().mean(0, 1)
    with pytest.raises(ValueError, match="no index"):
        _history((0, "100")).mean(1, 0)


def test_a_history_goes_on_from_its_points() -> None:
    history = _history((0, "100"), (10_000, "110"))
    assert IndexHistory(history.points).points == history.points
