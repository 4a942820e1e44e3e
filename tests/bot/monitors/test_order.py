"""Which monitors there are [C-303, C-306]."""

from dataclasses import replace

import pytest

from bot.domain.instrument import BookState
from bot.domain.reason import REASONS, Effect
from bot.monitors import disk, ledger, login, loss, margin
from bot.monitors.observed import Observation, Queue
from bot.monitors.order import FORCING, PROOFS
from bot.monitors.sight import Hedge
from tests.bot.monitors.quiet import LINE, MACHINE, POLICY, money, sight

# C-303 by hand: reconciled, trades complete, no UNKNOWN past deadline, clock good, and in LIVE the
# operator; the others shut opens for what C-402, C-403, C-505 to C-510, C-606, C-704, C-709, C-907
# name.
NAMES = (
    "connected",
    "protected",
    "line heard",
    "figures fresh",
    "clock",
    "kernel clock",
    "reconciled",
    "trades complete",
    "no unknown",
    "no stranger",
    "prices",
    "index steady",
    "mark moving",
    "books whole",
    "hedge market",
    "calm",
    "venue open",
    "not settling",
    "nothing closing",
    "not rate limited",
    "line even",
    "queues short",
    "disk room",
    "policy same",
    "ledger sound",
    "watched",
    "operator",
)


@pytest.mark.rule("C-303")
def test_the_latch_has_these_proofs() -> None:
    assert tuple(name for name, _ in PROOFS) == NAMES


@pytest.mark.rule("C-302")
def test_these_monitors_force_a_mode() -> None:
    assert (
        ledger.check,
        login.check,
        disk.full,
        loss.day_loss,
        loss.drawdown,
        margin.critical,
        margin.use,
    ) == FORCING


@pytest.mark.rule("C-303")
def test_nothing_is_raised_when_all_is_well() -> None:
    assert [m(sight(), POLICY) for _, m in PROOFS] == [None] * len(PROOFS)
    assert [m(sight(), POLICY) for m in FORCING] == [None] * len(FORCING)


@pytest.mark.rule("C-302")
def test_what_a_forcing_monitor_raises_forces_a_mode() -> None:
    worst = sight(
        ledger_failure="disk full",
        observed=Observation(
            line=replace(LINE, refusals=3, refusal="13004 invalid_credentials"),
            machine=replace(MACHINE, bytes_free=0),
            queues=(),
        ),
        money={
            "BTC": money(equity="1", initial_margin="9", maintenance_margin="9"),
        },
    )
    for monitor in FORCING:
        cause = monitor(worst, POLICY)
        assert cause is not None
        assert REASONS[cause.reason].effect in (Effect.REDUCE_ONLY, Effect.KILL)


@pytest.mark.rule("C-302")
def test_what_a_proof_raises_shuts_the_latch_and_forces_nothing_by_itself() -> None:
    worst = sight(
        is_up=False,
        clock_offset_ms=None,
        differences=("BTC-PERPETUAL: ours 10, theirs 0",),
        unsettled_labels=("b",),
        unknown=(("c", 10**9),),
        foreign_orders=("d",),
        index_age_ms=None,
        index_jump=1.0,
        index_range=1.0,
        mark_stands_ms=10**9,
        mark_left_by=1.0,
        broken_books=(("BTC-PERPETUAL", 10**9),),
        hedge=Hedge("BTC-PERPETUAL", BookState.HALTED, None, None, None),
        is_locked=True,
        is_watchdog_expected=True,
        closings=("buy 0.1 C",),
        observed=Observation(
            line=replace(LINE, silence_ms=10**9, trips_ms=(10**9,) * 60, limited_ms=(0, 0, 0)),
            machine=replace(MACHINE, age_ms=10**9, bytes_free=None, policy_hash=None),
            queues=(Queue(name="inbox", high=4_096, bound=4_096),),
        ),
    )
    raised = [cause for _, m in PROOFS if (cause := m(worst, POLICY)) is not None]
    # all but: protected and line heard, which are down; settling, kernel, LIVE, ledger
    assert len(raised) == 21
    assert {REASONS[cause.reason].effect for cause in raised} == {Effect.LATCH}
