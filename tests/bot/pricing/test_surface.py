"""What lies between the slices of a surface."""

import pytest

from bot.pricing.surface import Slice, Surface
from bot.pricing.svi import Svi

NEAR = Svi(a=0.01, b=0.0, rho=0.0, m=0.0, s=0.1)  # w = 0.01 everywhere
FAR = Svi(a=0.04, b=0.0, rho=0.0, m=0.0, s=0.1)
SURFACE = Surface((Slice(0.1, NEAR), Slice(0.2, FAR)))


@pytest.mark.parametrize(
    ("years", "variance"),
    [
        (0.05, 0.005),  # before the first: scaled with time
        (0.1, 0.01),
        (0.15, 0.025),  # between: linear in time
        (0.2, 0.04),
        (0.4, 0.08),  # after the last: flat volatility
        (0.0, 0.0),
        (-1.0, 0.0),
    ],
)
def test_variance_is_linear_in_time(years: float, variance: float) -> None:
    assert SURFACE.variance(0.3, years=years) == pytest.approx(variance)


def test_vol_is_the_root_of_variance_over_life() -> None:
    assert SURFACE.vol(0.0, years=0.4) == pytest.approx(0.2**0.5)
    assert SURFACE.vol(0.0, years=0.0) == pytest.approx(0.1**0.5)


def test_calendar_arbitrage_is_found_at_the_later_slice() -> None:
    broken = Surface((Slice(0.1, FAR), Slice(0.2, NEAR)))
    assert [fault.years for fault in broken.faults() if fault.is_calendar] == [0.2]
    assert SURFACE.faults() == ()


@pytest.mark.parametrize("slices", [(), (Slice(0.2, FAR), Slice(0.1, NEAR)), (Slice(0.0, NEAR),)])
def test_slices_out_of_order_are_refused(slices: tuple[Slice, ...]) -> None:
    with pytest.raises(ValueError, match="lives must rise"):
        Surface(slices)
