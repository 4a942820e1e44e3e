"""Truth against the venue: what proves presence, absence and position, and what proves nothing.

Over 300 lines: one rule a test, and a proof has many ways to be none.
"""

from decimal import Decimal

import msgspec
import pytest

from bot.core.effect import Gather, SendOrder
from bot.core.event import Connected, Disconnected, Garbled, Reported, Subscribed
from bot.core.fold import apply
from bot.core.life import Phase
from bot.core.outcome import Ambiguous
from bot.core.record import Anomaly, ProofMade
from bot.core.risk import option_totals
from bot.domain.ids import InstrumentName, IntentId, Label, OrderId
from bot.domain.mode import Mode
from bot.domain.money import Amount
from bot.domain.order import OrderState
from bot.domain.reason import Reason
from bot.domain.side import Side
from tests.bot.core.desk import POLICY, Desk, ready, restarted, started
from tests.bot.core.market import CALL, PERPETUAL, PUT
from tests.bot.core.words import fill_of, place, report_of

MARGIN_MS = 5_000  # as config/trading_policy.yaml says


def doubted(desk: Desk) -> SendOrder:
    """Have an order whose answer never came, and a reconciliation asked for after its fence."""
    order = desk.open_one()
    desk.answer_order(order, Ambiguous("silence"))
    desk.wait(order.intent.valid_until_ms + MARGIN_MS + 1 - desk.now_ms)
    desk.quote()
    desk.tick()
    if desk.state.recon.asked_mono_ms is not None and order.label not in desk.asked().labels:
        desk.gather()
        desk.wait(1_000)
        desk.tick()
    assert order.label in desk.asked().labels
    return order


@pytest.mark.rule("C-206")
def test_all_negative_answers_begun_after_the_fence_prove_absence() -> None:
    desk = ready()
    order = doubted(desk)
    desk.gather()
    assert desk.phase(order) == "ABSENT"
    assert desk.state.durable.closed[order.intent_id].remaining == 0


@pytest.mark.rule("C-206")
@pytest.mark.parametrize("before_ms", [0, 1, 6_000])
def test_a_look_up_begun_before_the_fence_and_its_margin_proves_nothing(before_ms: int) -> None:
    desk = ready()
    order = doubted(desk)
    desk.gather(began_ms=order.intent.valid_until_ms + MARGIN_MS - before_ms)
    assert desk.phase(order) == "UNKNOWN"


@pytest.mark.rule("C-004")
@pytest.mark.rule("C-206")
@pytest.mark.parametrize("margin_ms", [1, 5_000, 12_000])
def test_the_margin_after_the_fence_is_the_policy_s(margin_ms: int) -> None:
    execution = msgspec.structs.replace(POLICY.execution, absence_margin_ms_min=margin_ms)
    desk = ready(policy=msgspec.structs.replace(POLICY, execution=execution))
    order = doubted(desk)
    ends_ms = order.intent.valid_until_ms + margin_ms
    desk.gather(began_ms=ends_ms)
    assert desk.phase(order) == "UNKNOWN"
    desk.reconcile(began_ms=ends_ms + 1)
    assert desk.phase(order) == "ABSENT"


@pytest.mark.rule("C-004")
@pytest.mark.rule("C-503")
@pytest.mark.parametrize(("margin_ms", "older_ms"), [(1, 10_000), (30_000, 30_000)])
def test_a_ghost_is_older_than_the_margin_and_than_ten_seconds(
    margin_ms: int, older_ms: int
) -> None:
    execution = msgspec.structs.replace(POLICY.execution, absence_margin_ms_min=margin_ms)
    desk = ready(policy=msgspec.structs.replace(POLICY, execution=execution))
    order = desk.rest_one()
    updated_ms = desk.state.durable.orders[order.intent_id].updated_ms
    desk.reconcile(began_ms=updated_ms)
    desk.reconcile(began_ms=updated_ms + older_ms)
    assert desk.phase(order) == "OPEN"
    desk.reconcile(began_ms=updated_ms + older_ms + 1)
    assert desk.phase(order) == "CANCELLED"


@pytest.mark.rule("C-206")
def test_a_failed_question_proves_nothing_however_often() -> None:
    desk = ready()
    order = doubted(desk)
    for _ in range(50):
        desk.reconcile(failures=("history: timeout",))
    assert desk.phase(order) == "UNKNOWN"
    assert not desk.state.proofs.is_open


@pytest.mark.rule("C-206")
def test_a_label_that_was_not_asked_for_is_not_absent() -> None:
    desk = ready()
    order = doubted(desk)
    desk.gather(by_label={})
    assert desk.phase(order) == "UNKNOWN"


@pytest.mark.rule("C-206")
@pytest.mark.parametrize("where", ["by_label", "open_orders", "history", "trades"])
def test_one_positive_anywhere_is_presence(where: str) -> None:
    desk = ready()
    order = doubted(desk)
    report = report_of(order)
    found: dict[str, object] = {
        "by_label": {order.label: (report,)},
        "open_orders": (report,),
        "history": (report_of(order, state=OrderState.CANCELLED),),
        "trades": (fill_of(order, "0.1", trade="t-1"),),
    }
    desk.gather(**{where: found[where]})
    assert desk.phase(order) in ("OPEN", "CANCELLED", "FILLED")


@pytest.mark.rule("C-206")
def test_absence_is_not_proven_while_the_position_of_its_instrument_disagrees() -> None:
    # F18: the look-ups lag behind, and the position is the one that tells.
    desk = ready()
    order = doubted(desk)
    desk.gather(positions={CALL.name: Decimal("-0.1")})
    assert desk.phase(order) == "UNKNOWN"
    desk.reconcile(positions={CALL.name: Decimal("-0.1")})
    assert desk.phase(order) == "UNKNOWN"
    desk.reconcile(
        positions={CALL.name: Decimal("-0.1")}, trades=(fill_of(order, "0.1", trade="t-1"),)
    )
    assert desk.phase(order) == "FILLED"


@pytest.mark.rule("C-206")
def test_a_stranger_in_another_instrument_does_not_keep_an_order_in_doubt() -> None:
    desk = ready()
    order = doubted(desk)
    desk.gather(positions={PUT.name: Decimal(1)})
    assert desk.phase(order) == "ABSENT"


@pytest.mark.rule("C-206")
def test_outside_the_window_trades_and_position_must_prove_it() -> None:
    desk = ready()
    order = desk.open_one()
    late = restarted(desk)
    late.wait(31 * 60_000)
    late.connect()
    late.gather(positions={CALL.name: Decimal("-0.1")})
    assert late.phase(order) == "UNKNOWN"
    late.reconcile()
    assert late.phase(order) == "ABSENT"


@pytest.mark.rule("C-206")
@pytest.mark.rule("C-209")
def test_after_a_day_nothing_is_proven_before_the_historical_trades_are_joined() -> None:
    desk = ready()
    proven_ms = desk.state.durable.trades_to_ms
    order = desk.open_one()
    late = restarted(desk)
    late.wait(25 * 3_600_000)
    late.connect()
    assert late.asked().history_from_ms == proven_ms - 600_000
    late.gather()
    late.reconcile()
    assert late.phase(order) == "UNKNOWN"
    assert "reconciled" in [cause.proof for cause in late.state.proofs.causes]
    assert late.state.durable.trades_to_ms == proven_ms
    late.reconcile(has_history=True)
    assert late.phase(order) == "ABSENT"
    assert late.state.durable.trades_to_ms > proven_ms
    late.wait(15_000)
    late.quote()
    late.tick()
    assert late.asked().history_from_ms is None


@pytest.mark.rule("C-209")
def test_trades_that_cancel_out_in_a_long_absence_are_never_silently_left_out() -> None:
    # Bought and sold by hand while nobody listened: the position alone would not tell.
    desk = ready()
    late = restarted(desk)
    late.wait(25 * 3_600_000)
    late.connect()
    late.gather()
    assert not late.state.proofs.is_open
    assert all("trades of the last" in failure for failure in late.state.recon.failures)


@pytest.mark.rule("C-209")
@pytest.mark.parametrize(("hours", "is_asked"), [(22, False), (23, True)])
def test_the_historical_view_is_asked_for_what_the_recent_one_may_have_dropped(
    hours: int, is_asked: bool
) -> None:
    desk = ready()
    late = restarted(desk)
    late.wait(hours * 3_600_000)
    late.connect()
    assert (late.asked().history_from_ms is not None) is is_asked


@pytest.mark.rule("C-209")
def test_a_new_ledger_asks_for_no_history_and_one_that_died_at_once_asks_from_its_first_order() -> (
    None
):
    assert ready().asked().history_from_ms is None
    desk = ready()
    order = desk.open_one()
    unproven = msgspec.structs.replace(desk.state.durable, trades_to_ms=0)
    late = Desk(apply(unproven, started(desk.now_ms), seq=1), seq=1)
    late.now_ms = desk.now_ms + 25 * 3_600_000
    late.connect()
    assert late.asked().history_from_ms == order.intent.decided_ms - 600_000


@pytest.mark.rule("C-501")
def test_an_answer_of_another_connection_or_generation_proves_nothing() -> None:
    desk = ready()
    desk.feed(Garbled("user.orders", "bad"))
    desk.wait(1_000)
    desk.tick()
    old = desk.answer()
    desk.feed(Disconnected(1, "reset"))
    desk.connect(epoch=2)
    assert desk.asked().generation == old.generation + 1
    desk.feed(old)
    assert not desk.state.proofs.is_open
    desk.gather()
    assert desk.state.proofs.is_open


@pytest.mark.rule("C-504")
def test_a_mismatch_three_times_in_a_row_forces_reduce_only() -> None:
    desk = ready()
    wrong = {CALL.name: Decimal("-0.1")}
    for count in range(1, 4):
        assert Reason.POSITION_MISMATCH not in desk.state.durable.causes
        desk.reconcile(positions=wrong)
        assert not desk.state.proofs.is_open, f"mismatch {count} shuts the latch at once"
    assert Reason.POSITION_MISMATCH in desk.state.durable.causes
    assert desk.state.durable.mode is Mode.REDUCE_ONLY
    assert "ours 0 venue -0.1" in desk.state.durable.causes[Reason.POSITION_MISMATCH].detail


@pytest.mark.rule("C-504")
@pytest.mark.parametrize("what", ["fill", "move"])
def test_what_is_booked_between_question_and_answer_is_no_mismatch(what: str) -> None:
    desk = ready()
    order = desk.rest_one(place(amount="3.0"))
    report = report_of(order)
    for number in range(5):
        while desk.state.recon.asked_mono_ms is None:
            desk.wait(1_000)
            desk.quote()
            desk.tick()
        before = dict(desk.positions)
        if what == "fill":
            desk.fill(order, "0.1", trade=f"t-{number}")
        else:
            before[CALL.name] = Decimal(number + 1)
            filled = Amount(Decimal(number + 1) / 10)
            report = report_of(order, filled=filled, updated_ms=desk.now_ms)
            desk.feed(Reported(report))
        desk.gather(positions=before, by_label={order.label: (report,)})
        assert not desk.state.proofs.is_open, "it is shut until it is seen to agree"
    assert desk.state.durable.causes == {}
    for _ in range(3):  # and three real ones in a row trip all the same
        assert Reason.POSITION_MISMATCH not in desk.state.durable.causes
        desk.reconcile(positions={CALL.name: Decimal(7)}, by_label={order.label: (report,)})
    assert Reason.POSITION_MISMATCH in desk.state.durable.causes


@pytest.mark.rule("C-504")
def test_an_unanswered_movement_neither_counts_nor_starts_the_count_anew() -> None:
    desk = ready()
    order = desk.rest_one(place(amount="3.0"))
    wrong = {CALL.name: Decimal(7)}
    found = {order.label: (report_of(order),)}
    for _ in range(2):
        desk.reconcile(positions=wrong, by_label=found)
    desk.wait(1_000)
    desk.tick()
    asked = desk.answer(positions=wrong, by_label=found)
    desk.fill(order, "0.1", trade="t-1")
    desk.feed(asked)
    assert Reason.POSITION_MISMATCH not in desk.state.durable.causes
    desk.reconcile(positions=wrong, by_label=found)
    assert Reason.POSITION_MISMATCH in desk.state.durable.causes


@pytest.mark.rule("C-504")
def test_a_mismatch_that_heals_forces_nothing() -> None:
    desk = ready()
    for _ in range(3):
        for _ in range(2):
            desk.reconcile(positions={CALL.name: Decimal("-0.1")})
        desk.reconcile()
    assert desk.state.durable.causes == {}
    assert desk.state.proofs.is_open


@pytest.mark.rule("C-504")
def test_a_position_that_only_the_venue_has_is_a_difference() -> None:
    desk = ready()
    desk.reconcile(positions={InstrumentName("ETH-PERPETUAL"): Decimal(1)})
    assert desk.state.recon.differences == ("ETH-PERPETUAL ours 0 venue 1",)


@pytest.mark.rule("C-503")
def test_an_order_thought_live_that_is_gone_is_a_ghost_once_trades_prove_it() -> None:
    desk = ready()
    order = desk.rest_one()
    desk.wait(60_000)
    desk.reconcile()
    assert desk.phase(order) == "CANCELLED"
    assert any(isinstance(r, Anomaly) and r.code == "GHOST" for r in desk.records)


@pytest.mark.rule("C-503")
def test_a_look_up_that_lags_by_seconds_makes_no_ghost_of_a_fresh_order() -> None:
    # F18: stale by 3 s. Were it taken for gone, a later "open" would be old news for ever.
    desk = ready()
    order = desk.rest_one()
    desk.feed(Garbled("user.orders", "cut"))  # which makes it ask soon
    desk.wait(3_000)
    desk.tick()
    desk.gather()
    assert desk.asked().labels == (order.label,)
    assert desk.phase(order) == "OPEN"


@pytest.mark.rule("C-209")
def test_a_finished_order_whose_trades_are_missing_shuts_the_latch() -> None:
    desk = ready()
    order = desk.rest_one()
    done = report_of(order, state=OrderState.FILLED, filled=Amount(Decimal("0.1")))
    desk.reconcile(by_label={order.label: (done,)})
    assert [cause.proof for cause in desk.state.proofs.causes] == ["trades complete"]
    desk.reconcile(
        trades=(fill_of(order, "0.1", trade="t-1"),), positions={CALL.name: Decimal("-0.1")}
    )
    assert desk.state.proofs.is_open
    assert desk.phase(order) == "FILLED"


@pytest.mark.rule("C-502")
def test_a_failing_reconciliation_is_asked_again_after_a_pause_and_not_at_once() -> None:
    desk = ready()
    desk.wait(20_000)
    desk.quote()
    desk.tick()
    for _ in range(5):
        asked = sum(isinstance(e, Gather) for e in desk.effects)
        desk.gather(failures=("time: timeout",))
        desk.tick()
        assert sum(isinstance(e, Gather) for e in desk.effects) == asked
        desk.wait(1_000)
        desk.tick()
        assert sum(isinstance(e, Gather) for e in desk.effects) == asked + 1


@pytest.mark.rule("C-209")
def test_what_trades_are_proven_up_to_moves_on_while_all_is_well() -> None:
    desk = ready()
    began_ms = desk.state.durable.trades_to_ms
    for _ in range(8):
        desk.wait(300_000)
        desk.quote()
        desk.tick()
        desk.gather()
    assert desk.state.durable.trades_to_ms >= began_ms + 30 * 60_000
    assert sum(isinstance(r, ProofMade) for r in desk.records) <= 5


@pytest.mark.rule("C-501")
def test_nothing_is_reconciled_before_the_definitions_are_known() -> None:
    # A fill found at start could not be booked, and would be called a stranger's.
    desk = ready()
    order = desk.open_one()
    late = restarted(desk)
    late.wait(10_000)
    late.feed(Connected(1))
    late.tick()
    late.feed(Subscribed(1, ()))
    assert not any(isinstance(e, Gather) for e in late.effects)
    late.feed(Reported(fill_of(order, "0.1", trade="t-1")))
    assert late.state.durable.causes == {}
    late.connect()
    late.gather(
        trades=(fill_of(order, "0.1", trade="t-1"),), positions={CALL.name: Decimal("-0.1")}
    )
    assert late.phase(order) == "FILLED"
    assert late.state.durable.causes == {}


@pytest.mark.rule("C-501")
def test_every_unknown_label_is_asked_for_before_the_rest() -> None:
    desk = ready()
    order = desk.open_one()
    many = desk.state.durable
    known = many.orders[order.intent_id]
    orders = {
        IntentId(f"{n:064x}"): msgspec.structs.replace(
            known,
            intent_id=IntentId(f"{n:064x}"),
            label=Label(f"bd-4f1c09aa-{n:048x}"),
            phase=Phase.OPEN,
            order_id=OrderId(str(n)),
        )
        for n in range(150)
    }
    durable = msgspec.structs.replace(many, orders={**orders, order.intent_id: known})
    late = Desk(apply(durable, started(desk.now_ms), seq=1), seq=1)
    late.now_ms = desk.now_ms
    late.connect()
    assert order.label in late.asked().labels
    assert len(late.asked().labels) == 100


def test_a_hedge_in_the_perpetual_is_compared_in_dollars() -> None:
    desk = ready()
    desk.hold(PERPETUAL, Side.BUY, "100")
    desk.reconcile(positions={PERPETUAL.name: Decimal(100)})
    assert desk.state.proofs.is_open
    assert desk.state.recon.differences == ()


@pytest.mark.rule("C-114")
@pytest.mark.rule("C-305")
def test_an_order_taken_for_a_ghost_that_rests_after_all_counts_and_is_cancelled() -> None:
    desk = ready()
    order = desk.rest_one()
    desk.wait(60_000)
    desk.reconcile()
    assert desk.phase(order) == "CANCELLED"
    ended_ms = desk.state.durable.closed[order.intent_id].updated_ms
    desk.reconcile(began_ms=ended_ms + 10_000, open_orders=(report_of(order),))  # it may just lag
    assert desk.state.durable.mode is Mode.ACTIVE
    desk.reconcile(began_ms=ended_ms + 10_001, open_orders=(report_of(order),))
    assert desk.state.durable.mode is Mode.KILL
    assert option_totals(desk.state, of=CALL) == (Decimal("0.1"), Decimal("0.1"))
    assert [cancel.intent.order_id for cancel in desk.cancels()] == ["o-1"]
    desk.feed(Reported(report_of(order)))
    assert set(desk.state.foreign) == {"o-1"}
    desk.feed(Reported(report_of(order, state=OrderState.CANCELLED)))
    assert desk.state.foreign == {}


@pytest.mark.rule("C-206")
def test_a_doubt_that_has_passed_its_fence_is_looked_at_within_seconds() -> None:
    desk = ready()
    order = desk.open_one()
    desk.answer_order(order, Ambiguous("silence"))
    desk.reconcile()  # too early to prove anything
    assert desk.phase(order) == "UNKNOWN"
    for _ in range(13):  # 5 s to the fence, 5 s of margin, and the usual period is 15
        desk.wait(1_000)
        desk.quote()
        desk.tick()
        if desk.state.recon.asked_mono_ms is not None:
            desk.gather()
    assert desk.phase(order) == "ABSENT"


@pytest.mark.rule("C-504")
def test_the_first_good_proof_after_a_trade_is_written_down() -> None:
    desk = ready()
    desk.wait(1_000)
    desk.hold(CALL, Side.SELL, "0.1")
    before = sum(isinstance(record, ProofMade) for record in desk.records)
    desk.reconcile()
    desk.reconcile()
    after = [record for record in desk.records if isinstance(record, ProofMade)][before:]
    assert [proof.is_good for proof in after] == [True]


@pytest.mark.rule("C-206")
@pytest.mark.rule("C-209")
@pytest.mark.parametrize("off_ms", [3_600_000, 1_600, -3_600_000, -5_000])
def test_a_comparison_under_a_wrong_time_proves_nothing(off_ms: int) -> None:
    desk = ready()
    before = desk.state.durable.trades_to_ms
    desk.wait(15_000)
    desk.quote()
    desk.tick()
    desk.gather(began_ms=desk.now_ms + off_ms, is_wrong_time=True)
    assert desk.state.durable.trades_to_ms == before
    assert desk.state.recon.failures
    assert "RECON_FAILED" in [cause.reason.value for cause in desk.state.proofs.causes]
    desk.wait(1_000)
    desk.tick()
    desk.gather()
    assert desk.state.recon.failures == ()
