"""Which monitors there are [C-303, C-306]."""

import pytest

from bot.domain.reason import REASONS, Effect
from bot.monitors import ledger, loss, margin
from bot.monitors.order import FORCING, PROOFS
from tests.bot.monitors.quiet import POLICY, money, sight

# C-303 by hand: reconciled, trades complete, no UNKNOWN past deadline, clock good, and in LIVE the
# operator; the others shut opens for what C-508, C-509, C-510 C-709, C-402 and C-403
# name.
# operator; the others shut opens for what C-505, C-508, C-509, C-510 and C-709 name.
NAMES = (
    "connected",
    "protected",
    "clock",
    "reconciled",
    "trades complete",
    "no unknown",
    "no stranger",
    "prices",
    "venue open",
    "not settling",
    "nothing closing",
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
        is_locked=True,
        is_watchdog_expected=True,
    )
    raised = [cause for _, m in PROOFS if (cause := m(worst, POLICY)) is not None]
    assert len(raised) == 9
    assert {REASONS[cause.reason].effect for cause in raised} == {Effect.LATCH}
