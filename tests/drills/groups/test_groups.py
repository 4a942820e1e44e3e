"""Every outcome of every leg of a pair; three and four legs by samples. All of it: a drill."""

from decimal import Decimal

import pytest

from bot.domain.money import Amount
from bot.group.group import Stage
from drills.groups.case import Case, run_case
from drills.groups.drill import cases
from drills.groups.judge import judge
from drills.groups.market import OPTIONS
from drills.groups.venue import Fate

PAIRS = [case for case in cases(2) if not case.restarts]
RESTARTED = [case for case in cases(2) if case.restarts]


@pytest.mark.rule("C-401", "C-402")
@pytest.mark.parametrize("every", range(8))
def test_a_pair_ends_in_one_of_four_ways_whatever_becomes_of_its_orders(every: int) -> None:
    for case in PAIRS[every::96]:
        ran = run_case(case)
        assert ran.broken == [], case.words()
        assert ran.group is not None
        assert ran.group.rescues <= 2


@pytest.mark.rule("C-401", "C-402")
@pytest.mark.parametrize("legs", [3, 4])
def test_three_and_four_legs_do_so_too(legs: int) -> None:
    listed = list(cases(legs))
    for case in listed[:: len(listed) // 20]:
        assert run_case(case).broken == [], case.words()


@pytest.mark.rule("C-402", "C-203")
def test_a_restart_after_every_record_changes_nothing_about_the_end() -> None:
    for case in RESTARTED[::20]:
        ran = run_case(case)
        assert ran.broken == [], case.words()


@pytest.mark.rule("C-402")
def test_after_two_failed_rescues_what_matches_is_kept_and_the_rest_closed() -> None:
    """DOMAIN §10.2 in these sizes: 0.3 filled, then 0.1, and two rescues that take nothing."""
    ran = run_case(Case((Fate.PART, Fate.WHOLE), rescues=Fate.NOTHING))
    assert ran.group is not None
    assert (ran.group.stage, ran.group.rescues) == (Stage.COMPLETE, 2)
    assert {size for size in ran.venue.positions.values() if size} == {Decimal("-0.1")}
    assert ran.group.naked_ms > 0


@pytest.mark.rule("C-402")
def test_a_first_leg_that_fills_in_part_makes_the_group_smaller_and_needs_no_rescue() -> None:
    ran = run_case(Case((Fate.WHOLE, Fate.PART)))
    assert ran.group is not None
    assert (ran.group.stage, ran.group.rescues) == (Stage.COMPLETE, 0)
    assert {size for size in ran.venue.positions.values() if size} == {Decimal("-0.1")}


@pytest.mark.rule("C-401")
def test_what_protects_is_bought_before_anything_is_sold() -> None:
    ran = run_case(Case((Fate.WHOLE, Fate.WHOLE, Fate.WHOLE, Fate.WHOLE)))
    names = [order.instrument for order in ran.orders]
    assert set(names[:2]) == {OPTIONS[2].name, OPTIONS[3].name}
    assert ran.group is not None
    assert ran.group.stage is Stage.COMPLETE


@pytest.mark.rule("C-402")
def test_nothing_that_ends_whole_was_ever_closed_or_rescued() -> None:
    ran = run_case(Case((Fate.WHOLE, Fate.WHOLE)))
    assert [order.role.value for order in ran.orders] == ["OPEN", "OPEN"]


@pytest.mark.rule("C-402")
def test_the_judge_finds_a_mixed_end() -> None:
    ran = run_case(Case((Fate.WHOLE, Fate.WHOLE)))
    ran.venue.positions[OPTIONS[0].name] = Amount(Decimal("-0.1"))
    wrong = judge(ran, is_hedgeable=True)
    assert any("complete, and holds" in line for line in wrong)
    assert any("the venue holds -0.1, the ledger -0.3" in line for line in wrong)
