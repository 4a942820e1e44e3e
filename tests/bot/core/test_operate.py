"""Operators tighten always and loosen by the rules [C-302, C-303, C-307, C-308]."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from bot.core.effect import Answer, Stop
from bot.core.event import (
    CommitFailed,
    Crashed,
    Disconnected,
    OperatorDown,
    OperatorMode,
    OperatorRearm,
    OperatorRecon,
    Reported,
    ReserveFailed,
    WatchdogActed,
)
from bot.core.outcome import Ambiguous
from bot.core.record import Anomaly, ModeCauseRaised, Rearmed, RunEnded
from bot.domain.mode import Mode
from bot.domain.order import OrderState, Role
from bot.domain.reason import Reason
from bot.domain.report import PlatformState
from bot.domain.side import Side
from tests.bot.core.desk import POLICY, Desk, ready, restarted
from tests.bot.core.market import CALL, NOON_MS, PERPETUAL, account
from tests.bot.core.words import place, report_of

REDUCE = OperatorMode(request_id="r", mode=Mode.REDUCE_ONLY, by="me", why="test")
ACTED = WatchdogActed(request_id="w", by="watchdog", why="silent")
KILL = OperatorMode(request_id="k", mode=Mode.KILL, by="me", why="test")


def rearm(desk: Desk) -> OperatorRearm:
    """Agree to everything that stands at this moment."""
    causes = desk.state.durable.causes.items()
    seen = tuple((reason, cause.at_ms) for reason, cause in causes)
    return OperatorRearm(request_id="arm", by="me", why="looked", looked_ms=desk.now_ms, seen=seen)


def answers(desk: Desk, request_id: str) -> list[Answer]:
    """Return what one request was told."""
    return [e for e in desk.effects if isinstance(e, Answer) and e.request_id == request_id]


@pytest.mark.rule("C-307")
def test_an_act_is_answered_once_it_is_durable_and_not_before() -> None:
    desk = ready()
    desk.is_holding = True
    desk.feed(REDUCE)
    assert desk.state.durable.mode is Mode.REDUCE_ONLY
    assert answers(desk, "r") == []
    desk.release()
    (answer,) = answers(desk, "r")
    assert answer.done


@pytest.mark.rule("C-302")
def test_a_looser_wish_changes_nothing() -> None:
    desk = ready()
    desk.feed(KILL)
    desk.feed(REDUCE)
    assert desk.state.durable.mode is Mode.KILL
    desk.feed(OperatorMode(request_id="a", mode=Mode.ACTIVE, by="me", why="test"))
    assert desk.state.durable.mode is Mode.KILL
    (answer,) = answers(desk, "a")
    assert not answer.done


@pytest.mark.rule("C-302")
def test_a_wish_for_active_does_not_swallow_a_later_wish_to_reduce() -> None:
    desk = ready()
    desk.feed(OperatorMode(request_id="a", mode=Mode.ACTIVE, by="me", why="test"))
    desk.feed(REDUCE)
    assert desk.state.durable.mode is Mode.REDUCE_ONLY


@pytest.mark.rule("C-308")
@pytest.mark.parametrize("act", [REDUCE, KILL])
def test_a_mode_outlives_a_restart(act: OperatorMode) -> None:
    desk = ready()
    desk.feed(act)
    late = restarted(desk)
    late.connect()
    late.gather()
    late.tick(place())
    assert late.state.durable.mode is act.mode
    assert late.sent() == []


@pytest.mark.rule("C-303")
def test_rearm_clears_and_nothing_opens_before_a_new_reconciliation() -> None:
    desk = ready()
    desk.feed(REDUCE)
    desk.feed(rearm(desk))
    assert answers(desk, "arm")[-1].done
    assert desk.state.durable.mode is Mode.ACTIVE
    desk.quote()
    desk.tick(place())
    assert desk.sent() == []
    assert [cause.proof for cause in desk.state.proofs.causes] == ["reconciled"]
    desk.reconcile()
    desk.open_one()


@pytest.mark.rule("C-303")
def test_a_reconciliation_begun_before_the_rearm_does_not_count_after_it() -> None:
    desk = ready()
    desk.feed(REDUCE)
    desk.wait(16_000)
    desk.quote()
    desk.tick()
    old = desk.answer()
    desk.feed(rearm(desk))
    desk.feed(old)
    assert not desk.state.proofs.is_open
    desk.reconcile()
    assert desk.state.proofs.is_open


@pytest.mark.rule("C-307")
def test_rearm_refuses_while_the_loss_stands_and_says_so() -> None:
    desk = ready()
    desk.feed(Reported(account("9.7")))
    desk.tick()
    assert desk.state.durable.mode is Mode.KILL
    desk.feed(rearm(desk))
    (answer,) = answers(desk, "arm")
    assert not answer.done
    assert answer.refusals == ("LOSS_DAY: 0.3 of 0.30 BTC from 08:00 UTC",)
    assert desk.state.durable.mode is Mode.KILL
    assert not any(isinstance(r, Rearmed) for r in desk.records)


@pytest.mark.rule("C-307")
def test_rearm_refuses_for_a_cause_that_stands_but_was_not_seen_before() -> None:
    desk = ready()
    desk.feed(REDUCE)
    desk.feed(Reported(account("9.7")))
    desk.feed(rearm(desk))
    assert not answers(desk, "arm")[-1].done
    assert desk.state.durable.mode is Mode.KILL


@pytest.mark.rule("C-307")
@pytest.mark.parametrize("before", [REDUCE, KILL])
def test_rearm_never_undoes_a_kill_that_the_operator_has_not_seen(before: OperatorMode) -> None:
    desk = ready()
    desk.feed(before)
    late = rearm(desk)
    desk.feed(OperatorMode(request_id="b", mode=Mode.KILL, by="B", why="stop"))
    desk.feed(late)
    (answer,) = answers(desk, "arm")
    assert not answer.done
    assert answer.refusals == ("CHANGED OPERATOR_KILL: stop (by B)",)
    assert desk.state.durable.mode is Mode.KILL
    desk.feed(rearm(desk))
    assert desk.state.durable.mode is Mode.ACTIVE


@pytest.mark.rule("C-307")
def test_rearm_that_saw_nothing_clears_nothing() -> None:
    desk = ready()
    desk.feed(Crashed("shell", "boom"))
    desk.feed(OperatorRearm(request_id="arm", by="me", why="blind", looked_ms=desk.now_ms))
    assert answers(desk, "arm")[-1].refusals == ("CHANGED INTERNAL: shell: boom (by engine)",)
    assert desk.state.durable.mode is Mode.KILL


@pytest.mark.rule("C-307")
def test_rearm_refuses_while_the_position_differs() -> None:
    desk = ready()
    for _ in range(3):
        desk.reconcile(positions={CALL.name: Decimal(1)})
    desk.feed(rearm(desk))
    assert not answers(desk, "arm")[-1].done
    desk.reconcile()
    desk.feed(rearm(desk))
    assert answers(desk, "arm")[-1].done
    assert desk.state.durable.mode is Mode.ACTIVE


@pytest.mark.rule("C-307")
def test_rearm_refuses_while_the_latch_is_overdue() -> None:
    # Else it would be done, and undone in the same step.
    desk = ready()
    desk.reconcile(failures=("time: timeout",))
    for _ in range(125):
        desk.wait(1_000)
        desk.quote()
        desk.tick()
        if desk.state.recon.asked_mono_ms is not None:
            desk.gather(failures=("time: timeout",))
    assert Reason.LATCH_OVERDUE in desk.state.durable.causes
    desk.feed(rearm(desk))
    assert not answers(desk, "arm")[-1].done
    assert "LATCH_OVERDUE" in answers(desk, "arm")[-1].refusals[0]
    desk.reconcile()
    desk.feed(rearm(desk))
    assert answers(desk, "arm")[-1].done
    desk.reconcile()
    desk.tick()
    assert desk.state.durable.mode is Mode.ACTIVE


@pytest.mark.rule("C-302")
def test_a_cause_that_has_passed_stays_until_the_rearm() -> None:
    desk = ready()
    desk.feed(Crashed("shell", "boom"))
    desk.reconcile()
    desk.tick()
    assert desk.state.durable.mode is Mode.KILL
    desk.feed(rearm(desk))
    assert desk.state.durable.mode is Mode.ACTIVE
    (rearmed,) = [r for r in desk.records if isinstance(r, Rearmed)]
    assert (rearmed.by, rearmed.why, rearmed.cleared) == ("me", "looked", (Reason.INTERNAL,))


@pytest.mark.rule("C-309")
@pytest.mark.parametrize("act", [None, REDUCE])
def test_exits_and_hedges_are_never_blocked_by_the_mode(act: OperatorMode | None) -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "1")
    desk.reconcile()
    if act is not None:
        desk.feed(act)
    desk.feed(Reported(PlatformState(is_locked=True, is_maintenance=False)))  # a latch shut
    hedge = desk.open_one(place(PERPETUAL, Side.BUY, "60000", "60000.0", is_exit=True))
    closing = desk.open_one(place(CALL, Side.BUY, "1", "0.0130", is_exit=True))
    assert (hedge.intent.role, closing.intent.role) == (Role.HEDGE, Role.CLOSE)


@pytest.mark.rule("C-501")
def test_an_operator_can_have_it_reconciled_now() -> None:
    desk = ready()
    generation = desk.asked().generation
    desk.wait(1_000)
    desk.feed(OperatorRecon(request_id="q", by="me", why="test"))
    assert desk.asked().generation == generation + 1
    assert answers(desk, "q")[-1].done


def test_down_waits_for_what_is_in_flight_and_then_ends() -> None:
    desk = ready()
    order = desk.open_one()
    desk.feed(OperatorDown(request_id="d", by="me", why="done", cancel_opens=False))
    desk.tick(place())
    assert not any(isinstance(e, Stop) for e in desk.effects)
    assert len(desk.sent()) == 1, "nothing new opens once it is to end"
    desk.say_ack(order)
    desk.tick()
    assert [e.why for e in desk.effects if isinstance(e, Stop)] == ["done"]
    assert answers(desk, "d")[-1].done
    assert isinstance(desk.records[-1], RunEnded)


def test_down_waits_no_longer_than_its_limit() -> None:
    desk = ready()
    order = desk.open_one()
    desk.answer_order(order, Ambiguous("silence"))
    desk.feed(OperatorDown(request_id=None, by="me", why="done", cancel_opens=False))
    desk.wait(9_999)
    desk.tick()
    assert not any(isinstance(e, Stop) for e in desk.effects)
    desk.wait(1)
    desk.tick()
    assert any(isinstance(e, Stop) for e in desk.effects)


def test_a_second_down_is_answered() -> None:
    desk = ready()
    desk.open_one()
    for request in ("d-1", "d-2"):
        desk.feed(OperatorDown(request_id=request, by="me", why="done", cancel_opens=False))
    (answer,) = answers(desk, "d-2")
    assert not answer.done


@pytest.mark.rule("C-212")
def test_a_failed_commit_answers_whoever_waits_and_does_not_keep_the_run_from_ending() -> None:
    desk = ready()
    desk.is_holding = True
    desk.feed(REDUCE)
    desk.feed(CommitFailed("disk full"))
    assert answers(desk, "r") == []
    desk.release()  # the act is durable in the reserve file
    (answer,) = answers(desk, "r")
    assert answer.done
    desk.feed(OperatorDown(request_id="d", by="me", why="done", cancel_opens=False))
    desk.tick()
    desk.release()
    assert any(isinstance(e, Stop) for e in desk.effects)


@pytest.mark.rule("C-212")
def test_a_failed_reserve_answers_whoever_waits_and_ends_the_run() -> None:
    desk = ready()
    desk.is_holding = True
    desk.feed(REDUCE)
    desk.feed(CommitFailed("disk full"))
    desk.feed(ReserveFailed("I/O error"))
    (answer,) = answers(desk, "r")
    assert answer.refusals == ("RESERVE_FAILED: I/O error",)
    assert any(isinstance(e, Stop) for e in desk.effects)


@pytest.mark.rule("C-306")
def test_every_act_is_attributed_in_its_record() -> None:
    desk = ready()
    desk.feed(KILL)
    raised = [r for r in desk.records if isinstance(r, ModeCauseRaised)]
    assert [(r.reason, r.mode, r.by, r.detail) for r in raised] == [
        (Reason.OPERATOR_KILL, Mode.KILL, "me", "test")
    ]


@pytest.mark.rule("C-307")
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"order_id": "o-2"}, Reason.ORDER_DOUBLED),
        ({"order_id": "o-1", "created_ms": NOON_MS + 3_600_000}, Reason.LATE_FILL),
    ],
)
def test_what_has_ended_and_was_agreed_to_is_not_asked_again(
    fields: dict[str, Any], reason: Reason
) -> None:
    desk = ready()
    order = desk.rest_one()
    ended = report_of(order, state=OrderState.CANCELLED, **fields)
    desk.feed(Reported(ended))
    assert reason in desk.state.durable.causes
    desk.feed(rearm(desk))
    assert desk.state.durable.mode is Mode.ACTIVE
    desk.feed(Reported(ended))  # the venue tells of it for half an hour
    assert desk.state.durable.mode is Mode.ACTIVE
    desk.feed(Reported(report_of(order, **fields)))  # what rests is another matter
    assert desk.state.durable.mode is not Mode.ACTIVE


def stops(desk: Desk) -> list[str]:
    """Return why the run ended, once it has."""
    return [e.why for e in desk.effects if isinstance(e, Stop)]


def down(*, cancel_opens: bool = True) -> OperatorDown:
    """Ask to stop."""
    return OperatorDown(request_id="d", by="me", why="done", cancel_opens=cancel_opens)


@pytest.mark.rule("C-305")
def test_down_ends_only_after_a_list_of_the_venue_asked_for_after_the_last_cancel() -> None:
    desk = ready()
    order = desk.rest_one()
    desk.wait(16_000)
    desk.quote()
    desk.tick()  # a reading is under way that began before the cancel
    desk.feed(down())
    desk.feed(Reported(report_of(order, state=OrderState.CANCELLED)))
    desk.tick()
    assert stops(desk) == [], "nothing rests as far as we know, and the venue has not shown it"
    desk.gather()  # the old reading does not count
    desk.tick()
    assert stops(desk) == []
    desk.wait(1_000)
    desk.tick()
    desk.gather()
    desk.tick()
    assert stops(desk) == ["done"]
    assert answers(desk, "d")[-1].done


@pytest.mark.rule("C-305")
def test_down_does_not_believe_itself_while_the_venue_shows_one_of_ours() -> None:
    desk = ready()
    order = desk.rest_one()
    desk.feed(down())
    desk.feed(Reported(report_of(order, state=OrderState.CANCELLED)))
    for _ in range(11):
        desk.wait(1_000)
        desk.tick()
        if desk.state.recon.asked_mono_ms is not None:
            desk.gather(open_orders=(report_of(order, state=OrderState.OPEN),))
    assert stops(desk) == ["done"]
    (answer,) = answers(desk, "d")
    assert not answer.done
    assert answer.refusals == (f"the venue still shows 1 of ours: {order.label}",)
    assert [r.code for r in desk.records if isinstance(r, Anomaly)][-1] == "STOP_UNPROVEN"


@pytest.mark.rule("C-305")
def test_down_without_a_connection_says_that_the_venue_could_not_be_asked() -> None:
    desk = ready()
    desk.feed(Disconnected(epoch=1, why="gone"))
    desk.feed(down())
    desk.wait(9_999)
    desk.tick()
    assert stops(desk) == []
    desk.wait(1)
    desk.tick()
    assert stops(desk) == ["done"]
    assert answers(desk, "d")[-1].refusals == (
        "the venue has not shown its open orders after the end: no connection",
    )


def test_down_that_keeps_the_opens_needs_no_list_of_the_venue() -> None:
    desk = ready()
    desk.rest_one()
    desk.feed(down(cancel_opens=False))
    desk.tick()
    assert stops(desk) == ["done"]
    assert answers(desk, "d")[-1].done


@pytest.mark.rule("C-307")
@pytest.mark.parametrize(("late_ms", "is_done"), [(300_000, True), (300_001, False)])
def test_a_rearm_decided_on_a_status_older_than_the_policy_accepts_is_expired(
    late_ms: int, is_done: bool
) -> None:
    desk = ready()
    desk.feed(Crashed("shell", "boom"))
    old = rearm(desk)
    desk.wait(late_ms)
    desk.quote()
    desk.feed(old)
    (answer,) = answers(desk, "arm")
    assert answer.done is is_done
    if not is_done:
        assert answer.refusals == ("REARM_EXPIRED: looked at 300 s ago, at most 300 s ago counts",)
        assert desk.state.durable.mode is Mode.KILL


@pytest.mark.rule("C-307")
def test_a_rearm_decided_on_a_status_that_has_not_come_is_expired() -> None:
    desk = ready()
    desk.feed(REDUCE)
    desk.feed(replace(rearm(desk), looked_ms=desk.now_ms + 6_000))
    assert answers(desk, "arm")[-1].refusals[0].startswith("REARM_EXPIRED: looked at 6 s ahead")


@pytest.mark.rule("C-004")
def test_the_policy_says_how_old_a_look_may_be() -> None:
    policy = msgspec.structs.replace(
        POLICY, guard=msgspec.structs.replace(POLICY.guard, rearm_age_s_max=10)
    )
    desk = ready(policy=policy)
    desk.feed(REDUCE)
    old = rearm(desk)
    desk.wait(10_001)
    desk.feed(old)
    assert answers(desk, "arm")[-1].refusals[0].startswith("REARM_EXPIRED")


@pytest.mark.rule("C-307")
def test_a_refused_rearm_names_every_cause_that_speaks_against_it() -> None:
    desk = ready()
    desk.feed(Reported(account("9.7")))
    desk.tick()
    old = rearm(desk)
    desk.feed(OperatorMode(request_id="b", mode=Mode.KILL, by="B", why="stop"))
    desk.wait(300_001)
    desk.feed(old)
    refusals = answers(desk, "arm")[-1].refusals
    assert [text.split(":")[0] for text in refusals[:2]] == [
        "REARM_EXPIRED",
        "CHANGED OPERATOR_KILL",
    ]
    assert "LOSS_DAY: 0.3 of 0.30 BTC from 08:00 UTC" in refusals


@pytest.mark.rule("C-505")
def test_what_the_watchdog_did_for_us_is_kill_durable_before_it_is_answered() -> None:
    desk = ready()
    desk.is_holding = True
    desk.feed(ACTED)
    assert desk.state.durable.mode is Mode.KILL
    assert answers(desk, "w") == []
    desk.release()
    (answer,) = answers(desk, "w")
    assert answer.done
    late = restarted(desk)
    assert late.state.durable.causes[Reason.WATCHDOG_CANCELLED].by == "watchdog"


@pytest.mark.rule("C-307")
def test_only_an_operator_ends_what_the_watchdog_began() -> None:
    desk = ready()
    desk.feed(ACTED)
    desk.wait(600_000)
    desk.quote()
    desk.tick()
    assert desk.state.durable.mode is Mode.KILL
    desk.reconcile()
    desk.feed(rearm(desk))
    assert desk.state.durable.mode is Mode.ACTIVE


@pytest.mark.rule("C-505")
def test_each_act_of_the_watchdog_is_in_the_story() -> None:
    desk = ready()
    desk.feed(ACTED)
    desk.feed(WatchdogActed(request_id="w2", by="watchdog", why="again"))
    raised = [r for r in desk.records if isinstance(r, ModeCauseRaised)]
    assert [r.detail for r in raised] == ["silent", "again"]
    assert answers(desk, "w2")[0].done
