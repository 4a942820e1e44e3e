"""The latch: every proof or no open, each connection anew, overdue by monotonic time [C-303]."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from bot.core.close import begin_closing
from bot.core.event import (
    ClockSampled,
    CommitFailed,
    Connected,
    Disconnected,
    Garbled,
    Protected,
    Reported,
    Subscribed,
    WatchdogBeat,
)
from bot.core.outcome import Ambiguous
from bot.core.record import LatchMoved, ModeCauseRaised
from bot.core.turn import Turn
from bot.domain.ids import OrderId
from bot.domain.instant import MINUTE_MS
from bot.domain.mode import Environment, Mode
from bot.domain.money import Amount
from bot.domain.order import OrderState
from bot.domain.reason import Reason
from bot.domain.report import PlatformState
from bot.domain.side import Side
from bot.monitors.order import PROOFS
from tests.bot.core.desk import POLICY, Desk, ready, restarted
from tests.bot.core.market import CALL, NOON_MS, account
from tests.bot.core.words import place, report_of

DAY_8_MS = NOON_MS + 20 * 60 * MINUTE_MS  # 08:00 UTC of the next day


def missing(desk: Desk) -> list[str]:
    """Name the proofs that are missing."""
    return [cause.proof for cause in desk.state.proofs.causes]


def _unknown(desk: Desk) -> None:
    order = desk.open_one()
    desk.answer_order(order, Ambiguous("silence"))
    desk.wait(15_001)
    desk.quote()


def _untraded(desk: Desk) -> None:
    order = desk.rest_one()
    done = report_of(order, state=OrderState.FILLED, filled=Amount(Decimal("0.1")))
    desk.feed(Reported(done))
    desk.wait(5_000)  # trades may follow their order's end at a short distance
    desk.quote()


def _stranger(desk: Desk) -> None:
    order = desk.rest_one()
    desk.feed(Reported(report_of(order, order_id="x", label=None)))


def _late(desk: Desk, ms: int) -> None:
    while ms > 0:
        desk.wait(min(ms, 10_000))
        ms -= 10_000
        desk.feed(ClockSampled(offset_ms=0, bound_ms=5))
        desk.tick()


def _to(desk: Desk, at_ms: int) -> None:
    desk.wait(at_ms - desk.now_ms)
    desk.quote()


def _closing(desk: Desk) -> None:
    desk.hold(CALL, Side.SELL, "0.3")
    turn = Turn(desk.state)
    begin_closing(turn, CALL.name, by="owner", why="test")
    desk.state, _ = turn.close()


BREAKS: dict[str, Callable[[Desk], object]] = {
    "connected": lambda desk: desk.feed(Disconnected(1, "reset")),
    "protected": lambda desk: desk.feed(Connected(2)),
    "clock": lambda desk: desk.feed(ClockSampled(offset_ms=400, bound_ms=101)),
    "reconciled": lambda desk: desk.reconcile(failures=("trades: timeout",)),
    "trades complete": _untraded,
    "no unknown": _unknown,
    "no stranger": _stranger,
    "prices": lambda desk: _late(desk, 30_001),
    "venue open": lambda desk: desk.feed(
        Reported(PlatformState(is_locked=False, is_maintenance=True))
    ),
    "not settling": lambda desk: _to(desk, DAY_8_MS - 5 * MINUTE_MS),
    "nothing closing": _closing,
    "ledger sound": lambda desk: desk.feed(CommitFailed("disk full")),
}


@pytest.mark.rule("C-303")
@pytest.mark.parametrize("proof", BREAKS)
def test_each_missing_proof_shuts_the_latch_and_stops_opens(proof: str) -> None:
    desk = ready()
    BREAKS[proof](desk)
    before = len(desk.sent())
    desk.tick(place())
    assert proof in missing(desk)
    assert [order for order in desk.sent()[before:] if not order.intent.role.is_exit] == []
    assert any(isinstance(r, LatchMoved) and not r.is_open for r in desk.records)


@pytest.mark.rule("C-303")
def test_there_is_a_test_for_every_proof() -> None:
    assert {name for name, _ in PROOFS} == {*BREAKS, "operator", "watched"}


@pytest.mark.rule("C-505")
def test_an_expected_watchdog_is_a_proof_that_comes_and_goes_with_its_beat() -> None:
    desk = Desk(is_watchdog_expected=True)
    desk.connect()
    desk.gather()
    desk.tick()
    assert missing(desk) == ["watched"]
    desk.feed(WatchdogBeat(at_mono_ms=desk.mono_ms))
    assert missing(desk) == []
    desk.wait(10_000)
    desk.quote()
    desk.tick()
    assert missing(desk) == []
    desk.wait(1)
    desk.tick(place())
    assert missing(desk) == ["watched"]
    assert desk.sent() == []
    desk.feed(WatchdogBeat(at_mono_ms=desk.mono_ms))
    desk.open_one()


@pytest.mark.rule("C-505")
def test_a_beat_that_waited_while_we_were_stopped_counts_for_its_own_time() -> None:
    desk = Desk(is_watchdog_expected=True)
    desk.connect()
    desk.gather()
    asked_ms = desk.mono_ms
    desk.wait(30_000)
    desk.quote()
    desk.feed(WatchdogBeat(at_mono_ms=asked_ms))
    assert missing(desk) == ["watched"]
    desk.feed(WatchdogBeat(at_mono_ms=desk.mono_ms))
    desk.feed(WatchdogBeat(at_mono_ms=asked_ms))  # an older one takes nothing back
    assert missing(desk) == []
    desk.feed(WatchdogBeat(at_mono_ms=desk.mono_ms + 10**12))
    desk.wait(10_001)
    desk.quote()
    desk.tick()
    assert missing(desk) == ["watched"], "no beat counts for later than it was heard"


@pytest.mark.rule("C-505")
def test_the_net_of_one_connection_is_none_under_another() -> None:
    desk = ready()
    desk.feed(Connected(2))
    desk.feed(Protected(1))
    assert "protected" in missing(desk)
    desk.feed(Protected(2))
    assert "protected" not in missing(desk)


@pytest.mark.rule("C-303")
@pytest.mark.parametrize(("confirmed", "is_open"), [(False, False), (True, True)])
def test_in_live_the_operator_is_a_proof(confirmed: bool, is_open: bool) -> None:
    desk = Desk(environment=Environment.LIVE, live_confirmed=confirmed)
    desk.connect()
    desk.gather()
    desk.tick()
    assert desk.state.proofs.is_open is is_open


@pytest.mark.rule("C-303")
def test_after_every_start_the_latch_is_shut() -> None:
    desk = Desk()
    desk.tick(place())
    assert not desk.state.proofs.is_open
    assert set(missing(desk)) == {"connected", "clock", "reconciled", "prices"}
    assert desk.sent() == []


@pytest.mark.rule("C-303")
def test_a_new_connection_voids_every_proof_until_it_is_reconciled() -> None:
    desk = ready()
    desk.feed(Disconnected(1, "reset"))
    desk.connect(epoch=2)
    desk.quote()
    desk.tick(place())
    assert missing(desk) == ["reconciled"]
    desk.gather()
    desk.open_one()


@pytest.mark.rule("C-303")
def test_even_a_connection_that_came_back_at_once_is_another_one() -> None:
    desk = ready()
    desk.feed(Connected(2))
    assert "reconciled" in missing(desk)


@pytest.mark.rule("C-303")
def test_the_latch_is_not_restored_by_a_restart() -> None:
    late = restarted(ready())
    late.quote()
    late.tick(place())
    assert not late.state.proofs.is_open
    assert late.sent() == []


@pytest.mark.rule("C-302")
@pytest.mark.parametrize(("ms", "mode"), [(60_000, Mode.ACTIVE), (60_001, Mode.REDUCE_ONLY)])
def test_a_cause_past_its_deadline_forces_reduce_only(ms: int, mode: Mode) -> None:
    desk = ready()
    desk.feed(Disconnected(1, "reset"))
    desk.wait(ms)
    desk.tick()
    assert desk.state.durable.mode is mode
    if mode is Mode.REDUCE_ONLY:
        detail = desk.state.durable.causes[Reason.LATCH_OVERDUE].detail
        assert detail == "RECONNECTING for over 60 s: connection 1 was lost"


@pytest.mark.rule("C-302")
@pytest.mark.parametrize("jump_ms", [-3_600_000, 3_600_000])
def test_deadlines_are_held_by_monotonic_time_alone(jump_ms: int) -> None:
    desk = ready()
    desk.feed(Disconnected(1, "reset"))
    desk.now_ms += jump_ms  # the venue's clock, or our view of it, has jumped
    desk.tick()
    assert desk.state.durable.mode is Mode.ACTIVE
    desk.mono_ms += 60_001
    desk.tick()
    assert desk.state.durable.mode is Mode.REDUCE_ONLY


@pytest.mark.rule("C-302")
def test_a_proof_that_is_missing_for_changing_reasons_is_overdue_all_the_same() -> None:
    desk = ready()
    desk.wait(15_000)
    desk.quote()
    desk.tick()
    began = desk.mono_ms
    for count in range(200):
        if count % 2:
            desk.gather(failures=("time: timeout",))
        else:
            desk.feed(Connected(2 + count))  # reconciled: another reason
            desk.quote()
            desk.tick()
            desk.feed(Subscribed(2 + count, ()))
        desk.wait(1_000)
        desk.quote()
        desk.tick()
        if Reason.LATCH_OVERDUE in desk.state.durable.causes:
            break
    assert 120_000 < desk.mono_ms - began < 130_000


@pytest.mark.rule("C-302")
def test_a_latch_that_opens_in_time_forces_nothing() -> None:
    desk = ready()
    for epoch in range(2, 6):
        desk.feed(Disconnected(epoch - 1, "reset"))
        desk.wait(59_000)
        desk.connect(epoch=epoch)
        desk.gather()
        desk.tick()
        assert desk.state.proofs.is_open
    assert desk.state.durable.causes == {}


@pytest.mark.rule("C-303")
def test_a_garbled_word_asks_for_a_reconciliation() -> None:
    desk = ready()
    generation = desk.asked().generation
    desk.wait(1_000)
    desk.feed(Garbled("user.trades", "cut"))
    assert desk.asked().generation == generation + 1


@pytest.mark.rule("C-003")
@pytest.mark.parametrize(
    ("equity", "reason"),
    [("9.7", Reason.LOSS_DAY), ("9.71", None)],  # 3 % of 10 BTC is 0.3
)
def test_the_day_s_loss_ends_in_kill_at_its_limit(equity: str, reason: Reason | None) -> None:
    desk = ready()
    desk.feed(Reported(account(equity)))
    desk.tick()
    assert set(desk.state.durable.causes) == ({reason} if reason else set())


@pytest.mark.rule("C-003")
def test_what_losses_are_measured_from_outlives_a_restart() -> None:
    late = restarted(ready())
    late.account = account("9.7")
    late.connect()
    late.tick()
    assert Reason.LOSS_DAY in late.state.durable.causes


@pytest.mark.rule("C-003")
@pytest.mark.parametrize(
    ("initial", "maintenance", "reason"),
    [
        ("5.0", "0", None),  # 0.40 · 1.25 of 10 BTC
        ("5.01", "0", Reason.MARGIN_USE),
        ("0", "8.0", None),
        ("0", "8.01", Reason.MARGIN_CRITICAL),
    ],
)
def test_margin_that_has_drifted_forces_its_mode(
    initial: str, maintenance: str, reason: Reason | None
) -> None:
    desk = ready()
    desk.feed(Reported(account(initial=initial, maintenance=maintenance)))
    desk.tick()
    assert set(desk.state.durable.causes) == ({reason} if reason else set())


@pytest.mark.rule("C-606")
def test_a_monitor_that_crashes_kills_and_never_raises() -> None:
    # A policy without its numbers crashes whatever reads one.
    desk = ready()
    policy = SimpleNamespace(guard=POLICY.guard)
    desk.state = replace(desk.state, settings=replace(desk.state.settings, policy=policy))
    desk.feed(Disconnected(1, "reset"))
    assert desk.state.durable.mode is Mode.KILL
    assert "monitors" in desk.state.durable.causes[Reason.INTERNAL].detail
    raised = [r for r in desk.records if isinstance(r, ModeCauseRaised)]
    assert [r.reason for r in raised] == [Reason.INTERNAL]


@pytest.mark.rule("C-302")
def test_an_exit_and_its_fill_pass_while_the_latch_is_shut() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.1")
    desk.feed(Reported(PlatformState(is_locked=True, is_maintenance=False)))
    desk.quote()
    order = desk.rest_one(place(CALL, Side.BUY, "0.1", "0.0130", is_exit=True), order_id="o-2")
    desk.fill(order, "0.1", trade="t-2", order_id=OrderId("o-2"))
    assert desk.state.durable.positions[CALL.name].quantity == 0
