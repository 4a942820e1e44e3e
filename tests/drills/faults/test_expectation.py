"""Each expectation holds where it should, and fails by name where it should not."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.core.life import Phase
from bot.domain.ids import AccountId, InstrumentName, OrderId
from bot.domain.mode import Mode
from bot.domain.order import Role
from bot.domain.reason import Reason
from bot.domain.side import Side
from bot.group.group import Stage
from bot.simulator.exchange.record import LogEntry
from drills.faults.expectation import (
    Answers,
    Books,
    Delivers,
    Dies,
    ExitGoes,
    Expectation,
    Forces,
    GroupEnds,
    Hedges,
    Holds,
    Keeps,
    Never,
    Notes,
    OpensComeOff,
    Raises,
    Reaches,
    Refuses,
    Sends,
    Shuts,
    StartRefused,
    TakesExit,
    TakesNothing,
    lacks,
)
from drills.faults.seen import Moment, OrderSeen, Seen, Stand


def _exit(amount: str) -> OrderSeen:
    entry = LogEntry(
        at_ms=6_000,
        account=AccountId("main"),
        label="exit",
        order_id=OrderId("o-2"),
        instrument=InstrumentName("BTC-PERPETUAL"),
        side="sell",
        event="new",
        state="open",
        price=Decimal(60_000),
        amount=Decimal(amount),
        filled=Decimal(0),
        reduce_only=True,
    )
    return OrderSeen("exit", Role.CLOSE, 6_000, True, False, placed_ms=[6_005], held=entry)


OPEN = OrderSeen("open", Role.OPEN, 2_000, True, True, placed_ms=[2_005], taken_off_ms=4_100)
# REDUCE_ONLY by the owner at 4 s: the open comes off, an exit goes, one fill is in the books.
SEEN = Seen(
    moments=(
        Moment(0, "mode", "ACTIVE"),
        Moment(4_000, "fault", "owner_reduces"),
        Moment(4_010, "mode", "REDUCE_ONLY", ("OPERATOR",)),
        Moment(9_000, "engine", "died"),
    ),
    orders=(OPEN, _exit("100")),
    struck_ms=4_000,
    ended_ms=20_000,
    safe_ms=4_100,
    ended=Stand(Mode.REDUCE_ONLY, True, ("OPERATOR",)),
    kept=Stand(Mode.REDUCE_ONLY, True, ("OPERATOR",)),
    reached=Counter({("open", Phase.OPEN): 1, ("exit", Phase.OPEN): 2}),
    raised=frozenset({"OPERATOR"}),
    shut_by=frozenset({"RECONNECTING"}),
    refused=Counter({"MODE": 1}),
    noted=Counter({"REVIVED": 1}),
    answers=("reduce_only done",),
    fills=1,
    deliveries=1,
    held=frozenset({"BTC-PERPETUAL"}),
    doubled=frozenset(),
    starts_refused=("LEDGER_HELD",),
)
HEDGED = replace(
    SEEN,
    moments=(*SEEN.moments, Moment(5_000, "group", "CLOSING"), Moment(6_000, "group", "HEDGED")),
    orders=(OPEN, replace(_exit("100"), role=Role.HEDGE)),
)
CALM = replace(
    SEEN,
    moments=(Moment(0, "mode", "ACTIVE"), Moment(4_000, "fault", "book_gap")),
    orders=(),
    raised=frozenset(),
)


@pytest.mark.parametrize(
    ("expected", "seen"),
    [
        (Forces(Mode.REDUCE_ONLY, Reason.OPERATOR), SEEN),
        (Raises(Reason.OPERATOR), SEEN),
        (Hedges(), HEDGED),
        (Holds(1), SEEN),
        (GroupEnds(Stage.HEDGED), HEDGED),
        (Keeps(), CALM),
        (Shuts(Reason.RECONNECTING), SEEN),
        (Never(Reason.CLOCK_OFFSET), SEEN),
        (Refuses(Reason.MODE), SEEN),
        (ExitGoes(), SEEN),
        (OpensComeOff(), SEEN),
        (Reaches(Phase.OPEN, 2), SEEN),
        (Sends(2), SEEN),
        (Books(1), SEEN),
        (Delivers(1), SEEN),
        (Dies(1), SEEN),
        (Notes("REVIVED"), SEEN),
        (Answers("reduce_only done"), SEEN),
        (StartRefused("LEDGER_HELD"), SEEN),
        (TakesExit(Side.SELL, Decimal(100)), SEEN),
        (TakesNothing(), CALM),
    ],
    ids=lambda case: type(case).__name__,
)
def test_what_came_about_is_not_missed(expected: Expectation, seen: Seen) -> None:
    assert lacks(expected, seen) is None


def test_what_comes_after_the_watched_time_is_for_nobody() -> None:
    late = replace(CALM, moments=(*CALM.moments, Moment(20_001, "mode", "KILL", ("LOSS_DAY",))))
    assert lacks(Keeps(), late) is None


@pytest.mark.parametrize(
    ("expected", "seen", "says"),
    [
        (Forces(Mode.KILL, Reason.OPERATOR), SEEN, "the mode became REDUCE_ONLY for OPERATOR"),
        (Forces(Mode.KILL, Reason.LATE_FILL), SEEN, "the causes were OPERATOR"),
        (Forces(Mode.KILL, Reason.LATE_FILL), CALM, "the causes were none"),
        (Raises(Reason.LATE_FILL), SEEN, "the causes were OPERATOR"),
        (Hedges(), SEEN, "no hedge came to the venue"),
        (Holds(0), SEEN, "the account holds BTC-PERPETUAL"),
        (GroupEnds(Stage.CLOSING), HEDGED, "its stages were CLOSING, HEDGED"),
        (GroupEnds(Stage.FLATTENED), SEEN, "its stages were none"),
        (Keeps(), SEEN, "the mode is REDUCE_ONLY for OPERATOR"),
        (Shuts(Reason.STARTING), SEEN, "the latch was shut by RECONNECTING"),
        (Never(Reason.OPERATOR), SEEN, "OPERATOR came about"),
        (Never(Reason.RECONNECTING), SEEN, "RECONNECTING came about"),
        (Refuses(Reason.CHURN), SEEN, "opens were refused by MODE"),
        (ExitGoes(), CALM, "no exit came to the venue while opens were barred"),
        (OpensComeOff(), CALM, "no resting open was cancelled after the fault"),
        (Reaches(Phase.OPEN, 1), SEEN, "2 orders came to OPEN"),
        (Sends(1), SEEN, "2 orders were sent"),
        (Books(2), SEEN, "1 fills are booked"),
        (Delivers(0), SEEN, "1 deliveries are booked"),
        (Dies(2), SEEN, "1 lives were killed"),
        (Notes("GAP"), SEEN, "the ledger noted REVIVED"),
        (Answers("kill done"), SEEN, "the owner heard reduce_only done"),
        (StartRefused("CONFIG"), SEEN, "LEDGER_HELD was refused"),
        (TakesExit(Side.SELL, Decimal(50)), SEEN, "the venue took sell 100 reduce-only"),
        (TakesExit(Side.SELL, Decimal(50)), CALM, "the venue took nothing"),
        (TakesNothing(), SEEN, "sell 100 reduce-only"),
    ],
    ids=lambda case: type(case).__name__,
)
def test_what_did_not_come_about_is_told(expected: Expectation, seen: Seen, says: str) -> None:
    assert lacks(expected, seen) == says
