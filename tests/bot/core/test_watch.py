"""The latch: every proof or no open, each connection anew, overdue by monotonic time [C-303]."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import msgspec
import pytest

from bot.core.close import begin_closing
from bot.core.event import (
    ClockSampled,
    CommitFailed,
    Connected,
    Disconnected,
    Garbled,
    Observed,
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
from bot.domain.instrument import BookState
from bot.domain.mode import Environment, Mode
from bot.domain.money import Amount, Price
from bot.domain.order import OrderState
from bot.domain.reason import Reason
from bot.domain.report import BookChange, IndexPrice, InstrumentState, PlatformState
from bot.domain.side import Side
from bot.monitors.observed import Observation, Queue
from bot.monitors.order import PROOFS
from bot.policy.policy import Policy
from tests.bot.core.desk import LINE, MACHINE, POLICY, Desk, ready, restarted
from tests.bot.core.market import CALL, INDEX, NOON_MS, PERPETUAL, account
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


def _away(desk: Desk, ms: int) -> None:
    """Let time pass without a line; the machine is still looked at."""
    while ms > 0:
        desk.wait(min(ms, 10_000))
        ms -= 10_000
        desk.observe(line=replace(LINE, silence_ms=None))


def _to(desk: Desk, at_ms: int) -> None:
    desk.wait(at_ms - desk.now_ms)
    desk.quote()


def _closing(desk: Desk) -> None:
    desk.hold(CALL, Side.SELL, "0.3")
    turn = Turn(desk.state)
    begin_closing(turn, CALL.name, by="owner", why="test")
    desk.state, _ = turn.close()


def _index(desk: Desk, price: str) -> None:
    desk.wait(1_000)
    desk.feed(Reported(IndexPrice(index=INDEX, at_ms=desk.now_ms, price=Price(Decimal(price)))))
    desk.tick()


def _stuck(desk: Desk) -> None:
    desk.wait(6_000)
    desk.quote()  # the same mark again
    _index(desk, "60130")


def _gap(desk: Desk) -> None:
    change = BookChange(
        instrument=CALL.name, at_ms=desk.now_ms, prev_change_id=7, change_id=8, bids=(), asks=()
    )
    desk.feed(Reported(change))
    desk.wait(30_001)
    desk.tick()


def _in_paper(desk: Desk) -> None:
    settings = replace(desk.state.settings, environment=Environment.PAPER)
    desk.state = replace(desk.state, settings=settings)
    desk.observe(machine=replace(MACHINE, kernel_clock=None))


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
    "line heard": lambda desk: desk.observe(line=replace(LINE, silence_ms=3_001)),
    "figures fresh": lambda desk: _late(desk, 60_001),
    "kernel clock": lambda desk: _in_paper(desk),
    "index steady": lambda desk: _index(desk, "63001"),
    "mark moving": lambda desk: _stuck(desk),
    "books whole": lambda desk: _gap(desk),
    "hedge market": lambda desk: desk.feed(
        Reported(InstrumentState(instrument=PERPETUAL.name, at_ms=0, state=BookState.HALTED))
    ),
    "calm": lambda desk: _index(desk, "61801"),
    "not rate limited": lambda desk: desk.observe(line=replace(LINE, limited_ms=(9_000, 5, 1))),
    "line even": lambda desk: desk.observe(line=replace(LINE, trips_ms=(301,) * 60)),
    "queues short": lambda desk: desk.feed(
        Observed(
            Observation(line=LINE, machine=MACHINE, queues=(Queue(name="inbox", high=6, bound=10),))
        )
    ),
    "disk room": lambda desk: desk.observe(machine=replace(MACHINE, bytes_free=511_999_999)),
    "policy same": lambda desk: desk.observe(machine=replace(MACHINE, policy_hash="q" * 64)),
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
    assert set(missing(desk)) == {"connected", "figures fresh", "clock", "reconciled", "prices"}
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
        _away(desk, 59_000)
        desk.connect(epoch=epoch)
        desk.gather()
        desk.tick()
        assert desk.state.proofs.is_open, desk.why_not()
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


def _without(desk: Desk, *lacking: tuple[str, str]) -> None:
    """Give it a policy without some numbers, which crashes whatever reads one of them."""
    blocks = {name: getattr(POLICY, name) for name in Policy.__struct_fields__}
    for block, number in lacking:
        whole = msgspec.structs.asdict(blocks[block])
        blocks[block] = SimpleNamespace(**{k: v for k, v in whole.items() if k != number})
    settings = replace(desk.state.settings, policy=SimpleNamespace(**blocks))
    desk.state = replace(desk.state, settings=settings)


CLOCK = ("execution", "clock_offset_ms_max")


@pytest.mark.rule("C-606")
def test_a_kill_check_that_crashes_reads_as_kill() -> None:
    desk = ready()
    _without(desk, ("per_day", "loss_max"))
    desk.observe()
    assert desk.state.durable.mode is Mode.KILL
    assert "day_loss" in desk.state.durable.causes[Reason.KILL_CHECK_FAILED].detail
    raised = [r for r in desk.records if isinstance(r, ModeCauseRaised)]
    assert [r.reason for r in raised] == [Reason.KILL_CHECK_FAILED]


@pytest.mark.rule("C-606")
def test_a_proof_s_monitor_that_crashes_shuts_the_latch_within_the_same_step() -> None:
    desk = ready()
    _without(desk, CLOCK)
    desk.observe()
    failed = [c for c in desk.state.proofs.causes if c.reason is Reason.MONITOR_FAILED]
    assert [c.proof for c in failed] == ["clock"]
    assert "bot.monitors.clock.check: AttributeError" in failed[0].detail
    assert not desk.state.proofs.is_open
    assert desk.state.durable.mode is Mode.ACTIVE


@pytest.mark.rule("C-606")
@pytest.mark.parametrize(("ms", "mode"), [(10_000, Mode.ACTIVE), (10_001, Mode.REDUCE_ONLY)])
def test_one_that_goes_on_failing_is_the_operator_s(ms: int, mode: Mode) -> None:
    desk = ready()
    _without(desk, CLOCK)
    desk.observe()
    desk.wait(ms)
    desk.observe()
    assert desk.state.durable.mode is mode
    assert (Reason.LATCH_OVERDUE in desk.state.durable.causes) is (mode is not Mode.ACTIVE)


@pytest.mark.rule("C-606")
@pytest.mark.parametrize(("ms", "is_open"), [(2_999, False), (3_000, True)])
def test_a_monitor_must_run_well_for_three_seconds_before_it_counts(ms: int, is_open: bool) -> None:
    desk = ready()
    _without(desk, CLOCK)
    desk.observe()
    _without(desk)
    desk.quote()
    assert missing(desk) == ["clock"]
    desk.wait(ms)
    desk.quote()
    assert desk.state.proofs.is_open is is_open


@pytest.mark.rule("C-302")
def test_an_exit_and_its_fill_pass_while_the_latch_is_shut() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.1")
    desk.feed(Reported(PlatformState(is_locked=True, is_maintenance=False)))
    desk.quote()
    order = desk.rest_one(place(CALL, Side.BUY, "0.1", "0.0130", is_exit=True), order_id="o-2")
    desk.fill(order, "0.1", trade="t-2", order_id=OrderId("o-2"))
    assert desk.state.durable.positions[CALL.name].quantity == 0
