"""The latch's hysteresis and its escalation: the registry's and the policy's [C-302, C-303]."""

from dataclasses import replace

import pytest

from bot.core.event import ClockSampled, OperatorRearm, Reported
from bot.core.record import LatchMoved
from bot.domain.mode import Mode
from bot.domain.reason import REASONS, Reason
from bot.domain.report import PlatformState
from tests.bot.core.desk import LINE, Desk, ready

AWAY, GOOD = ClockSampled(offset_ms=501, bound_ms=0), ClockSampled(offset_ms=0, bound_ms=5)


def lose(desk: Desk) -> None:
    """Lose the line's ear for a moment: its proof must be good for 5 s before it counts again."""
    desk.observe(line=replace(LINE, silence_ms=3_001))
    desk.observe()


def pass_time(desk: Desk, ms: int) -> None:
    """Let time pass with everything fresh, and every question answered."""
    while ms > 0:
        desk.wait(min(ms, 1_000))
        ms -= 1_000
        desk.quote()
        if desk.state.recon.asked_mono_ms is not None:
            desk.gather()


def rearm(desk: Desk) -> None:
    """Agree to all that forces a mode."""
    seen = tuple((reason, cause.at_ms) for reason, cause in desk.state.durable.causes.items())
    desk.feed(
        OperatorRearm(request_id="arm", by="me", why="looked", looked_ms=desk.now_ms, seen=seen)
    )


@pytest.mark.rule("C-507")
@pytest.mark.parametrize(("ms", "is_open"), [(59_999, False), (60_000, True)])
def test_a_proof_that_came_back_must_stay_before_it_counts(ms: int, is_open: bool) -> None:
    # DOMAIN §8.2, drill 10: inside the bound for 60 s.
    desk = ready()
    desk.feed(AWAY)
    desk.feed(GOOD)
    pass_time(desk, ms)
    assert desk.state.proofs.is_open is is_open
    assert desk.state.durable.causes == {}  # waiting to be good for long enough is no overdue


@pytest.mark.rule("C-507")
def test_one_that_goes_again_while_it_waits_begins_to_wait_anew() -> None:
    desk = ready()
    desk.feed(AWAY)
    desk.feed(GOOD)
    pass_time(desk, 40_000)
    desk.feed(AWAY)
    desk.feed(GOOD)
    pass_time(desk, 59_999)
    assert not desk.state.proofs.is_open
    pass_time(desk, 1)
    assert desk.state.proofs.is_open


@pytest.mark.rule("C-303")
def test_the_first_proof_of_a_run_waits_for_nothing() -> None:
    assert REASONS[Reason.CLOCK_OFFSET].holds_s == 60  # which the clock is missing for at a start
    assert ready().state.proofs.is_open


@pytest.mark.rule("C-302")
def test_a_proof_that_has_to_stay_is_told_as_good_again() -> None:
    desk = ready()
    lose(desk)
    (cause,) = desk.state.proofs.causes
    assert cause.detail == "good again, for 5 s: for 3001 ms, limit 3000 ms"
    assert cause.reason is Reason.VENUE_SILENT


@pytest.mark.rule("C-302")
@pytest.mark.parametrize(("times", "mode"), [(6, Mode.ACTIVE), (7, Mode.REDUCE_ONLY)])
def test_a_proof_that_is_lost_too_often_is_the_operator_s(times: int, mode: Mode) -> None:
    desk = ready()
    for _ in range(times):
        lose(desk)
        pass_time(desk, 6_000)
    assert desk.state.durable.mode is mode
    if mode is Mode.REDUCE_ONLY:
        detail = desk.state.durable.causes[Reason.LATCH_FLAPPING].detail
        assert detail.startswith("VENUE_SILENT 7 times within 600 s")


@pytest.mark.rule("C-302")
def test_ten_times_a_second_is_too_often_too() -> None:
    # It is lost again before it counts: each loss is one all the same.
    desk = ready()
    for _ in range(7):
        lose(desk)
        desk.wait(50)
    assert Reason.LATCH_FLAPPING in desk.state.durable.causes
    assert (
        sum(isinstance(record, LatchMoved) and not record.is_open for record in desk.records) == 1
    )


@pytest.mark.rule("C-302")
def test_what_was_lost_long_ago_does_not_count() -> None:
    desk = ready()
    for _ in range(14):
        lose(desk)
        pass_time(desk, 100_000)  # six within each ten minutes
    assert desk.state.durable.causes == {}


@pytest.mark.rule("C-302")
def test_different_proofs_are_counted_apart() -> None:
    desk = ready()
    for _ in range(4):
        lose(desk)
        pass_time(desk, 6_000)
        desk.observe(line=replace(LINE, trips_ms=(301,) * 60))
        pass_time(desk, 31_000)
    assert desk.state.durable.causes == {}


@pytest.mark.rule("C-302")
def test_what_the_venue_or_the_operator_ends_never_escalates() -> None:
    assert REASONS[Reason.VENUE_LOCKED].deadline_s == 0
    desk = ready()
    for _ in range(20):
        for is_locked in (True, False):
            desk.feed(Reported(PlatformState(is_locked=is_locked, is_maintenance=False)))
            desk.tick()
    assert desk.state.durable.causes == {}


@pytest.mark.rule("C-307")
def test_a_rearm_begins_the_count_anew() -> None:
    desk = ready()
    for _ in range(7):
        lose(desk)
        pass_time(desk, 6_000)
    rearm(desk)
    assert desk.state.durable.mode is Mode.ACTIVE
    for _ in range(6):
        lose(desk)
        pass_time(desk, 6_000)
    assert desk.state.durable.mode is Mode.ACTIVE
    lose(desk)
    assert desk.state.durable.mode is Mode.REDUCE_ONLY


@pytest.mark.rule("C-307")
def test_a_proof_that_is_overdue_still_stands_against_a_rearm() -> None:
    desk = ready()
    desk.observe(line=replace(LINE, silence_ms=3_001))
    desk.wait(30_001)
    desk.observe(line=replace(LINE, silence_ms=33_002))
    assert Reason.LATCH_OVERDUE in desk.state.durable.causes
    rearm(desk)
    assert Reason.LATCH_OVERDUE in desk.state.durable.causes


@pytest.mark.rule("C-508")
def test_after_a_maintenance_everything_is_proven_anew() -> None:
    desk = ready()
    desk.feed(Reported(PlatformState(is_locked=False, is_maintenance=True)))
    desk.tick()
    assert [c.reason for c in desk.state.proofs.causes] == [Reason.VENUE_MAINTENANCE]
    generation = desk.asked().generation
    desk.feed(Reported(PlatformState(is_locked=False, is_maintenance=False)))
    desk.tick()
    assert [c.reason for c in desk.state.proofs.causes] == [Reason.NOT_RECONCILED]
    assert desk.asked().generation == generation + 1
    desk.gather()
    assert desk.state.proofs.is_open
