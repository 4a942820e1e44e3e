"""The recorded spreads, sizes and missing sides."""

import pytest

from bot.simulator.market.spread_table import BookShape, book_shape, is_wing


@pytest.mark.parametrize(
    ("days", "abs_delta", "shape"),
    [
        (1.0, 0.5, BookShape(0.0010, 20.0, 0.03)),
        (1.0, 0.95, BookShape(0.0125, 0.6, 0.30)),
        (3.0, 0.10, BookShape(0.0007, 12.0, 0.03)),
        (30.0, 0.02, BookShape(0.0005, 32.0, 0.50)),
        (30.0, 0.15, BookShape(0.0010, 32.0, 0.03)),
        (30.0, 0.5, BookShape(0.0015, 32.0, 0.03)),
        (50.0, 0.7, BookShape(0.0125, 18.0, 0.30)),
        (200.0, 1.0, BookShape(0.0290, 7.0, 0.30)),
    ],
)
def test_each_cell_is_the_recorded_one(days: float, abs_delta: float, shape: BookShape) -> None:
    assert book_shape(days=days, abs_delta=abs_delta) == shape


def test_wings_begin_below_five_hundredths() -> None:
    assert is_wing(0.049)
    assert not is_wing(0.05)
