"""Raw SVI slices against the reference vectors and known arbitrages."""

import json
import math
from itertools import pairwise
from typing import Any

import pytest

from bot.pricing.svi import Svi, SviFault, calendar_gap, faults, min_g
from tests.shared import shared

BREAKS = Svi(a=-0.0410, b=0.1331, rho=0.3060, m=0.3586, s=0.4153)
DEFAULTS = (  # 1, 7, 30, 90, 180 days
    Svi(a=0.00030, b=0.0060, rho=-0.10, m=0.000, s=0.030),
    Svi(a=0.0015, b=0.0220, rho=-0.15, m=0.005, s=0.080),
    Svi(a=0.0060, b=0.0500, rho=-0.20, m=0.010, s=0.150),
    Svi(a=0.0200, b=0.1000, rho=-0.20, m=0.020, s=0.250),
    Svi(a=0.0450, b=0.1500, rho=-0.18, m=0.030, s=0.350),
)


def test_admissible_parameters_can_still_hide_a_free_butterfly() -> None:
    assert faults(BREAKS) == (SviFault.BUTTERFLY,)
    assert -0.0329 < min_g(BREAKS) <= -0.0328  # −0.0328…


@pytest.mark.parametrize(
    ("slice_", "days", "percent"),
    list(zip(DEFAULTS, (1, 7, 30, 90, 180), (41.9, 41.4, 40.7, 42.9, 44.7), strict=True)),
)
def test_default_slices_are_sound_and_have_their_vols(
    slice_: Svi, days: int, percent: float
) -> None:
    assert faults(slice_) == ()
    assert round(slice_.vol(0.0, years=days / 365) * 100, 1) == percent


def test_default_calendars_are_sound() -> None:
    for near, far in pairwise(DEFAULTS):
        assert calendar_gap(near, far=far).is_free_of_arbitrage
        assert not calendar_gap(far, far=near).is_free_of_arbitrage


@pytest.mark.parametrize(
    ("parameters", "fault"),
    [
        ({"b": -0.01}, SviFault.B_NEGATIVE),
        ({"rho": 1.0}, SviFault.RHO_RANGE),
        ({"s": 0.0}, SviFault.SIGMA_NOT_POSITIVE),
        ({"a": -1.0}, SviFault.VARIANCE_NEGATIVE),
        ({"b": 1.9}, SviFault.WING_SLOPE),
    ],
)
def test_each_bound_of_the_parameters_has_its_fault(
    parameters: dict[str, float], fault: SviFault
) -> None:
    good = {"a": 0.01, "b": 0.05, "rho": -0.2, "m": 0.0, "s": 0.1}
    assert fault in faults(Svi(**(good | parameters)))


def test_parameters_that_are_no_numbers_are_wrong_in_every_way() -> None:
    assert faults(Svi(a=math.nan, b=0.1, rho=0.0, m=0.0, s=0.1)) == tuple(SviFault)


def test_scaling_variance_moves_vol_by_the_root() -> None:
    near = DEFAULTS[2]
    assert near.scaled(4.0).vol(0.1, years=0.1) == pytest.approx(2 * near.vol(0.1, years=0.1))


def test_no_vol_without_life() -> None:
    with pytest.raises(ValueError, match="over 0"):
        DEFAULTS[0].vol(0.0, years=0.0)


def _reference() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(shared("vectors/svi.json").read_text())
    return loaded


def _slice(case: dict[str, Any]) -> Svi:
    a, b, rho, m, s = (float(case[x]) for x in ("a", "b", "rho", "m", "sigma"))
    return Svi(a=a, b=b, rho=rho, m=m, s=s)


def _near(right: str) -> Any:
    return pytest.approx(float(right), rel=1e-10, abs=1e-15)


def test_every_reference_slice_is_met() -> None:
    cases = _reference()["cases"]
    assert len(cases) == 40
    for case in cases:
        slice_ = _slice(case)
        assert [fault.value for fault in faults(slice_)] == case["reasons"], case["id"]
        if case["min_g_on_grid"] is not None:
            assert min_g(slice_) == _near(case["min_g_on_grid"]), case["id"]
        for point in case["points"]:
            k = float(point["k"])
            assert slice_.variance(k) == _near(point["w"])
            assert slice_.slope(k) == _near(point["w1"])
            assert slice_.curvature(k) == _near(point["w2"])
            if point["g"] is not None:
                assert slice_.g(k) == _near(point["g"])
                assert slice_.vol(k, years=float(case["T"])) == _near(point["iv"])


def test_every_reference_calendar_is_met() -> None:
    reference = _reference()
    by_name = {case["name"]: _slice(case) for case in reference["cases"]}
    for pair in reference["calendar"]:
        found = calendar_gap(by_name[pair["near"]], far=by_name[pair["far"]])
        assert found.is_free_of_arbitrage is pair["ok"]
        assert found.gap == pytest.approx(float(pair["min_w_gap"]), rel=1e-10)
        assert found.k == pytest.approx(float(pair["k"]))
