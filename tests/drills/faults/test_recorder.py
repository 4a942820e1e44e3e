"""When it counts as safe, what was allowed when it left, and what the venue says of it."""

from dataclasses import replace

import pytest

from bot.domain.order import Role
from drills.faults.catalogue import DRILLS
from drills.faults.seen import Seen
from drills.faults.stage import run_drill


def _seen(name: str, *, venue: tuple[tuple[int, str], ...] = ()) -> Seen:
    ran = run_drill(name, replace(DRILLS[name], venue=venue, safe_ms_max=30_000), seed=7)
    assert ran.failed == ()
    assert ran.seen is not None
    return ran.seen


@pytest.mark.rule("C-305")
def test_it_is_not_safe_while_an_open_rests_under_a_forced_mode() -> None:
    # The first cancel hears that nothing is open; the loop asks again a second later.
    at_once, later = (
        _seen("owner-reduces"),
        _seen("owner-reduces", venue=((3_900, "cancel_refused"),)),
    )
    assert at_once.time_to_safe_ms is not None
    assert later.time_to_safe_ms is not None
    assert at_once.time_to_safe_ms < 100
    assert later.time_to_safe_ms > 900


def test_each_order_is_seen_with_its_role_and_whether_it_was_allowed() -> None:
    seen = _seen("owner-reduces")
    roles = [(order.role, order.is_allowed) for order in seen.orders if order.is_watched]
    assert roles == [(Role.OPEN, True), (Role.OPEN, True), (Role.CLOSE, False)]
    assert all(len(order.placed_ms) == 1 for order in seen.orders)
    assert seen.containment == {
        "opens_sent": 0,
        "opens_in_flight": 0,
        "opens_taken_off": 1,
        "exits_taken": 1,
    }


def test_the_trace_has_the_fault_the_mode_and_the_latch_with_their_reasons() -> None:
    seen = _seen("owner-reduces")
    what = [(m.what, m.now, m.because) for m in seen.watched if m.at_ms >= 4_000]
    assert what[:4] == [
        ("fault", "owner_reduces", ()),
        ("cause", "OPERATOR", ("drill",)),
        ("mode", "REDUCE_ONLY", ("OPERATOR",)),
        ("owner", "reduce_only done", ()),
    ]
