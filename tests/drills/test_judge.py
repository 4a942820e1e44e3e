"""The judge finds what is planted, under its own name and no other."""

from dataclasses import replace
from decimal import Decimal

import pytest

from drills.judge import judge
from drills.story import LedgerStory, Placed, Recorded, Traded, VenueStory
from tests.drills.stories import BOUGHT, CALL, FIRST, HELD, LEDGER, PERPETUAL, SECOND, SOLD, VENUE


def found(venue: VenueStory, ledger: LedgerStory) -> dict[str, int]:
    """Count the findings that are not empty."""
    findings = judge(venue, ledger).findings()
    return {name: len(texts) for name, texts in findings.items() if texts}


def test_stories_that_agree_leave_nothing_to_say() -> None:
    assert judge(VENUE, LEDGER).is_good


@pytest.mark.rule("C-207")
def test_two_orders_with_one_label_are_a_duplicate() -> None:
    venue = replace(VENUE, placed=(*VENUE.placed, Placed(FIRST, "3")))
    assert found(venue, LEDGER) == {"duplicates": 1}


@pytest.mark.rule("C-207")
def test_two_labels_for_one_decision_are_a_duplicate() -> None:
    ledger = replace(LEDGER, recorded=(*LEDGER.recorded, Recorded("bd-00000000-cc", 2)))
    assert found(VENUE, ledger) == {"duplicates": 1}


@pytest.mark.rule("C-209")
@pytest.mark.parametrize(
    "booked",
    [
        (SOLD,),  # one is missing
        (SOLD, BOUGHT, BOUGHT),  # one is there twice
        (SOLD, Traded(BOUGHT.key, PERPETUAL, Decimal(1510)), BOUGHT)[:2],  # another amount
        (SOLD, Traded(BOUGHT.key, CALL, BOUGHT.amount)),  # another instrument
        (SOLD, BOUGHT, Traded("BTC:99", CALL, Decimal(1))),  # nobody traded that
    ],
)
def test_each_trade_is_booked_once_as_it_was(booked: tuple[Traded, ...]) -> None:
    assert found(VENUE, replace(LEDGER, booked=booked)) == {"lost_fills": 1}


@pytest.mark.rule("C-205")
def test_an_order_that_neither_ended_nor_rests_is_unresolved() -> None:
    ledger = replace(LEDGER, unsettled={SECOND: "UNKNOWN"})
    assert found(VENUE, ledger) == {"unresolved": 1}
    resting = replace(VENUE, open_labels=frozenset({SECOND}))
    assert found(resting, ledger) == {}


@pytest.mark.rule("C-504")
@pytest.mark.parametrize(
    "positions",
    [
        {CALL: HELD[CALL]},
        {**HELD, CALL: Decimal("-0.30001")},
        {**HELD, "ETH-PERPETUAL": Decimal(1)},
    ],
)
def test_positions_differ_to_the_last_digit(positions: dict[str, Decimal]) -> None:
    assert found(VENUE, replace(LEDGER, positions=positions)) == {"position_mismatch": 1}
    assert found(replace(VENUE, positions=positions), LEDGER) == {"position_mismatch": 1}


@pytest.mark.rule("C-201")
@pytest.mark.parametrize("label", ["bd-00000000-cc", ""])
def test_an_order_whose_label_the_ledger_lacks_was_sent_too_early(label: str) -> None:
    venue = replace(VENUE, placed=(*VENUE.placed, Placed(label, "3")))
    assert found(venue, LEDGER) == {"sent_before_durable": 1}


def test_a_fault_of_the_ledger_is_told() -> None:
    assert found(VENUE, replace(LEDGER, faults=("record 4: torn",))) == {"ledgers_broken": 1}
