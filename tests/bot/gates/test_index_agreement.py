"""Forward and index tell the same story (DOMAIN §7.1): |F/S − 1| up to 1 % + 30 % a year."""

import pytest

from bot.domain.money import Price
from bot.domain.reason import Reason
from bot.gates.index_agreement import check
from tests.bot.gates.world import FUTURE, OPEN, facts, perpetual_facts, reason_of, ticker


@pytest.mark.rule("C-709")
@pytest.mark.parametrize(
    ("forward", "expected"),
    [
        # 30 days: 1 % + 30 % · 30/365 = 3.4658 % of 60000 = 2079.45
        ("62079", None),
        ("62080", Reason.INDEX_DISAGREES),
        ("57921", None),
        ("57920", Reason.INDEX_DISAGREES),
    ],
)
def test_an_options_forward_may_stray_by_its_life(forward: str, expected: Reason | None) -> None:
    assert reason_of(check, OPEN, facts(ticker=ticker(underlying=forward))) is expected


@pytest.mark.rule("C-709")
@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        ("60599.5", None),
        ("60600.5", Reason.INDEX_DISAGREES),
        ("59400.5", None),
        ("59399.5", Reason.INDEX_DISAGREES),
    ],
)
def test_a_perpetuals_mark_may_stray_by_one_per_cent(mark: str, expected: Reason | None) -> None:
    seen = perpetual_facts(ticker=ticker(mark=mark, underlying=None))
    assert reason_of(check, OPEN, seen) is expected


@pytest.mark.rule("C-709")
@pytest.mark.parametrize(
    ("mark", "expected"), [("62077.5", None), ("62080", Reason.INDEX_DISAGREES)]
)
def test_a_dated_future_is_its_own_forward(mark: str, expected: Reason | None) -> None:
    seen = facts(instrument=FUTURE, ticker=ticker(mark=mark, underlying=None))
    assert reason_of(check, OPEN, seen) is expected


@pytest.mark.rule("C-709")
@pytest.mark.parametrize(("jump", "expected"), [(0.0199, None), (0.0201, Reason.INDEX_DISAGREES)])
def test_an_index_that_jumped_by_two_per_cent_is_not_believed(
    jump: float, expected: Reason | None
) -> None:
    assert reason_of(check, OPEN, facts(index_jump_ratio=jump)) is expected


@pytest.mark.rule("C-709")
def test_what_cannot_be_compared_refuses() -> None:
    for seen in (
        facts(index=None),
        facts(index=Price(FUTURE.ticks.tick * 0)),
        facts(ticker=None),
        facts(ticker=ticker(underlying=None)),
    ):
        assert reason_of(check, OPEN, seen) is Reason.INDEX_DISAGREES
