"""A proof is told instrument by instrument, and what it does not cover is never taken for equal."""

import pytest

from bot.control.proof import in_ledger, in_view
from bot.control.view import ForeignRow, Reconcile
from bot.core.record import ProofMade
from tests.bot.control.fake_engine import POSITIONS, a_fill
from tests.bot.control.told import filled_call
from tests.bot.core.desk import folded
from tests.bot.core.market import CALL

AT = "2026-11-25T11:25:01.000Z"


def good(**changes: object) -> Reconcile:
    """A comparison that found no difference."""
    told = {"number": 511, "at": AT, "passed": True, "difference": "0", **changes}
    return Reconcile(**told)  # type: ignore[arg-type]  # checked by its fields


@pytest.mark.rule("C-502")
def test_a_good_comparison_shows_equal_counts_to_the_last_digit() -> None:
    proof = in_view(good(), positions=POSITIONS, foreign=(), fills=())
    assert proof.passed
    assert [(row.ours, row.venue, row.difference) for row in proof.rows] == [
        ("-0.5", "-0.5", "0"),
        ("-9000", "-9000", "0"),
    ]


@pytest.mark.rule("C-502")
def test_a_difference_is_shown_and_fails() -> None:
    text = "BTC-PERPETUAL ours -9000 venue -8990; ETH-PERPETUAL ours 0 venue 10"
    proof = in_view(good(passed=False, difference=text), positions=POSITIONS, foreign=(), fills=())
    assert not proof.passed
    rows = {row.instrument: (row.ours, row.venue, row.difference) for row in proof.rows}
    assert rows["BTC-PERPETUAL"] == ("-9000", "-8990", "-10")
    assert rows["ETH-PERPETUAL"] == ("0", "10", "-10")
    assert rows["BTC-27NOV26-93500-P"] == ("-0.5", "-0.5", "0")


@pytest.mark.rule("C-502")
def test_a_trade_after_the_comparison_ends_the_proof() -> None:
    fill = a_fill(9)
    earlier = good(at="2020-01-01T00:00:00.000Z")
    proof = in_view(earlier, positions=POSITIONS, foreign=(), fills=(fill,))
    assert not proof.passed
    assert fill.trade_id in proof.why
    assert {row.venue for row in proof.rows} == {"?"}


def test_no_comparison_is_no_proof() -> None:
    proof = in_view(good(at=None, passed=None), positions=POSITIONS, foreign=(), fills=())
    assert not proof.passed
    assert {row.difference for row in proof.rows} == {"?"}


@pytest.mark.rule("C-502")
def test_the_ledger_tells_its_last_proof_and_what_came_after() -> None:
    desk = filled_call()
    proofs = [(n, r) for n, r in enumerate(desk.records, 1) if isinstance(r, ProofMade)]
    seq = proofs[-1][0]
    before = in_ledger(folded(desk), proofs=proofs, last_fill=seq - 1)
    assert before.passed
    assert before.rows[0].instrument == CALL.name
    assert (before.rows[0].ours, before.rows[0].venue) == ("-0.2", "-0.2")
    after = in_ledger(folded(desk), proofs=proofs, last_fill=seq + 4)
    assert not after.passed
    assert after.rows[0].venue == "?"
    assert not in_ledger(folded(desk), proofs=(), last_fill=0).passed


@pytest.mark.rule("C-509")
def test_a_stranger_s_position_is_in_the_account_and_counted_with_ours() -> None:
    beside = ForeignRow(
        subject="BTC-PERPETUAL",
        kind="position",
        instrument="BTC-PERPETUAL",
        amount="20000",
        price=None,
        text="20000 BTC-PERPETUAL",
        verdict="ignore",
    )
    proof = in_view(good(), positions=POSITIONS, foreign=(beside,), fills=())
    rows = {row.instrument: (row.ours, row.venue, row.difference) for row in proof.rows}
    assert rows["BTC-PERPETUAL"] == ("11000", "11000", "0")
