"""The order of the gates, who passes through which, and what a broken one means [C-110]."""

from dataclasses import replace
from typing import Any, NoReturn

import pytest

from bot.domain.mode import Mode
from bot.domain.reason import Reason
from bot.domain.recent import Recent
from bot.domain.side import Side
from bot.gates import order
from bot.gates.order import GATES, Gate, check
from tests.bot.gates.world import FACTS, NOW_MS, OPEN, OPTION, POLICY, book, facts, intent, ticker

# By hand from C-110: "mode, latch, certification/stage, metadata, clock, book freshness, liquidity,
# fees, band and size, exposure with reservation, margin, loss, rate and churn, edge (policy),
# evidence and telemetry, ledger". Certification, edge and evidence have no gate yet; a day's loss
# forces KILL, and so refuses in the first row.
STATIONS = (
    ("mode", ("mode",)),
    ("latch", ("latch",)),
    ("certification/stage", ("allowed",)),
    ("metadata", ("metadata", "tradable", "window")),
    ("clock", ("clock",)),
    ("book freshness", ("freshness",)),
    ("liquidity", ("two_sided", "spread", "depth", "premium")),
    ("fees", ("fees",)),
    (
        "band and size",
        ("form", "band", "mark_distance", "index_agreement", "size", "self_cross"),
    ),
    ("exposure with reservation", ("exposure",)),
    ("margin", ("margin",)),
    ("rate and churn", ("rate", "churn", "repeated", "order_to_fill")),
    ("ledger", ("ledger",)),
)

# What an exit meets: is this an order at all, would the venue take it, is it our own mistake.
BEFORE_EXITS = {"tradable", "form", "band", "size", "self_cross"}
MARKET = {
    "metadata",
    "window",
    "clock",
    "freshness",
    "two_sided",
    "spread",
    "depth",
    "premium",
    "mark_distance",
    "index_agreement",
}

EXITS = ("REDUCE", "CLOSE", "HEDGE")


@pytest.mark.rule("C-110")
def test_the_gates_stand_in_the_order_of_the_contract() -> None:
    expected = [gate for _, gates in STATIONS for gate in gates]
    assert [gate.name for gate in GATES] == expected


@pytest.mark.rule("C-110")
def test_an_open_that_nothing_speaks_against_is_asked_everything_and_passes() -> None:
    answers = check(OPEN, FACTS, POLICY)
    assert [name for name, _ in answers] == [gate.name for gate in GATES]
    assert [refusal for _, refusal in answers if refusal is not None] == []


@pytest.mark.rule("C-110")
def test_the_first_refusal_stands_first_and_later_ones_are_kept() -> None:
    seen = facts(mode=Mode.REDUCE_ONLY, is_clock_good=False, ledger_failure="disk full")
    reasons = [refusal.reason for _, refusal in check(OPEN, seen, POLICY) if refusal is not None]
    assert reasons == [Reason.MODE, Reason.CLOCK_UNPROVEN, Reason.LEDGER_UNWRITABLE]


@pytest.mark.rule("C-111")
def test_no_gate_about_the_market_stands_before_an_exit() -> None:
    before_exits = {gate.name for gate in GATES if gate.for_exits}
    assert before_exits == BEFORE_EXITS
    assert before_exits & MARKET == set()


@pytest.mark.rule("C-309")
@pytest.mark.parametrize("role", EXITS)
@pytest.mark.parametrize("mode", list(Mode))
def test_an_exit_passes_when_everything_about_the_world_is_bad(role: str, mode: Mode) -> None:
    seen = facts(
        mode=mode,
        latch_missing=("reconciled", "clock"),
        instrument_age_ms=None,
        fees_age_ms=None,
        is_clock_good=False,
        book=None,
        ticker=None,
        book_age_ms=None,
        mark_age_ms=None,
        index=None,
        index_age_ms=None,
        index_jump_ratio=1.0,
        cooling_until_ms=NOW_MS + 60_000,
        exposure="BTC-26JUN26-72000-C",
        account=None,
        account_age_ms=None,
        margin_after=None,
        maintenance_after=None,
        day_equity=None,
        day_opens=10_000,
        day_orders=100_000,
        day_cancels=100_000,
        day_fills=0,
        recent=(Recent(NOW_MS, OPTION.name, Side.BUY),) * 1_000,
        executions=(Recent(NOW_MS, OPTION.name, Side.BUY),) * 1_000,
        ledger_failure="disk full",
    )
    leaving = intent(side="buy", price="0.0145", role=role, reduce_only=role != "HEDGE")
    answers = check(leaving, seen, POLICY)
    assert {name for name, _ in answers} == BEFORE_EXITS
    assert [refusal for _, refusal in answers if refusal is not None] == []


@pytest.mark.rule("C-111")
@pytest.mark.parametrize("role", EXITS)
def test_a_crossed_one_sided_or_broken_book_holds_no_exit(role: str) -> None:
    leaving = intent(side="buy", price="0.0145", role=role, reduce_only=role != "HEDGE")
    for bad in (
        book(bids=()),
        book(asks=()),
        book(bids=(("0.02", "1"),), asks=(("0.01", "1"),)),
        book(is_broken=True),
    ):
        seen = facts(book=bad, ticker=ticker(bid=None, ask=None))
        assert all(refusal is None for _, refusal in check(leaving, seen, POLICY))


@pytest.mark.rule("C-606")
@pytest.mark.parametrize("name", [gate.name for gate in GATES])
def test_a_gate_that_raises_refuses_as_internal(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any) -> NoReturn:
        raise ZeroDivisionError("planted")

    broken = tuple(replace(gate, check=crash) if gate.name == name else gate for gate in GATES)
    monkeypatch.setattr(order, "GATES", broken)
    refused = {gate: refusal for gate, refusal in check(OPEN, FACTS, POLICY) if refusal}
    assert list(refused) == [name]
    assert refused[name].reason is Reason.INTERNAL
    assert name in refused[name].was


@pytest.mark.rule("C-110")
def test_every_gate_has_a_name_of_its_own() -> None:
    assert len({gate.name for gate in GATES}) == len(GATES)
    assert all(isinstance(gate, Gate) for gate in GATES)
