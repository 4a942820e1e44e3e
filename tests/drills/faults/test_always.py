"""What every drill must hold: each breach of it is told by name."""

from dataclasses import replace

import pytest

from bot.domain.mode import Mode
from bot.domain.order import Role
from drills.faults.always import failures
from drills.faults.drill import Back, Drill
from drills.faults.seen import Moment, OrderSeen, Seen, Stand
from tests.drills.faults.test_expectation import CALM, OPEN, SEEN

TIGHTENS = Drill(
    says="",
    source="",
    cues=(),
    back=Back.BY_REARM,
    safe_ms_max=100,
    seconds=1.0,
    expects=(),
)
ACTIVE = Stand(Mode.ACTIVE, True, ())
BACK = replace(CALM, ended=ACTIVE, kept=None)


def test_a_drill_that_held_everything_passes() -> None:
    assert list(failures(TIGHTENS, SEEN)) == []
    assert list(failures(replace(TIGHTENS, back=Back.BY_PROOF), BACK)) == []
    untouched = replace(TIGHTENS, back=Back.UNTOUCHED, safe_ms_max=None)
    assert list(failures(untouched, replace(BACK, safe_ms=None))) == []


@pytest.mark.rule("C-002")
@pytest.mark.rule("C-207")
@pytest.mark.rule("C-302")
@pytest.mark.rule("C-308")
@pytest.mark.parametrize(
    ("drill", "seen", "says"),
    [
        (TIGHTENS, replace(SEEN, struck_ms=None, safe_ms=None), "the fault struck"),
        (replace(TIGHTENS, safe_ms_max=99), SEEN, "safe within 99 ms: 100 ms"),
        (TIGHTENS, replace(SEEN, safe_ms=None), "safe within 100 ms: never"),
        (
            TIGHTENS,
            replace(SEEN, orders=(OrderSeen("open", Role.OPEN, 5_000, True, False),)),
            "no open leaves while it is forbidden: open",
        ),
        (
            TIGHTENS,
            replace(SEEN, orders=(replace(OPEN, placed_ms=[2_005, 2_900]),)),
            "no order comes twice: open",
        ),
        (TIGHTENS, replace(SEEN, ended=ACTIVE), "only a rearm loosens the mode"),
        (TIGHTENS, replace(SEEN, kept=ACTIVE), "the mode outlives a restart: ACTIVE, no cause"),
        (TIGHTENS, replace(SEEN, kept=None), "the mode outlives a restart: none was tried"),
        (replace(TIGHTENS, back=Back.BY_PROOF), SEEN, "back by proof: REDUCE_ONLY, OPERATOR"),
        (
            replace(TIGHTENS, back=Back.BY_PROOF),
            replace(BACK, ended=Stand(None, False, ())),
            "back by proof: no engine, no cause",
        ),
        (replace(TIGHTENS, back=Back.UNTOUCHED), BACK, "opens stay allowed: barred 100 ms"),
    ],
)
def test_a_breach_is_told_by_name(drill: Drill, seen: Seen, says: str) -> None:
    (told,) = [failure for failure in failures(drill, seen) if failure.startswith(says)]
    assert told


def test_an_order_that_the_venue_itself_has_doubled_is_not_ours_to_answer_for() -> None:
    twice = replace(OPEN, placed_ms=[2_005, 2_005])
    seen = replace(SEEN, orders=(twice,), doubled=frozenset({"open"}))
    assert list(failures(TIGHTENS, seen)) == []


def test_what_was_in_flight_is_counted_apart_from_what_was_sent_against_the_rule() -> None:
    flying = OrderSeen(
        "flying", Role.OPEN, 4_005, True, True, placed_ms=[4_020], taken_off_ms=4_090
    )
    sent = OrderSeen("sent", Role.OPEN, 4_020, True, False, placed_ms=[4_030])
    moments = (*SEEN.moments, Moment(4_100, "latch", "shut"))
    seen = replace(SEEN, moments=moments, orders=(*SEEN.orders, flying, sent))
    assert seen.containment == {
        "opens_sent": 1,
        "opens_in_flight": 1,
        "opens_taken_off": 2,
        "exits_taken": 1,
    }
