"""An edit in doubt ends by a look-up begun after its fence, and by nothing less [C-205, C-206]."""

from decimal import Decimal

import pytest

from bot.core.effect import SendEdit, SendOrder
from bot.core.outcome import Ambiguous
from bot.domain.order import OrderState
from bot.domain.reason import Reason
from tests.bot.core.desk import Desk, folded, ready, restarted
from tests.bot.core.editing import LATER_MS, answer, ask_edit, edited, edits, known, outcomes, shown


def doubted(amount: str = "0.2", price: str = "0.0125") -> tuple[Desk, SendOrder, SendEdit]:
    """A desk with an edit whose answer never came."""
    desk = ready()
    order = desk.rest_one()
    edit = edited(desk, order, amount, price)
    answer(desk, edit, Ambiguous("silence"))
    return desk, order, edit


def look(desk: Desk, order: SendOrder, amount: str, price: str, **fields: object) -> None:
    """Have the next look-up show the order with these terms."""
    report = shown(desk, order, amount, price, **fields)
    if desk.state.recon.asked_mono_ms is None:
        for _ in range(20):
            desk.wait(1_000)
            desk.quote()
            desk.tick()
            if desk.state.recon.asked_mono_ms is not None:
                break
    assert order.label in desk.asked().labels
    is_live = report.state is OrderState.OPEN
    desk.gather(
        by_label={**dict.fromkeys(desk.asked().labels, ()), order.label: (report,)},
        open_orders=(report,) if is_live else (),
    )


@pytest.mark.rule("C-206")
def test_the_old_terms_before_the_fence_prove_nothing_and_after_it_all() -> None:
    desk, order, _ = doubted()
    look(desk, order, "0.1", "0.0120")
    assert outcomes(desk) == []
    desk.wait(LATER_MS)
    look(desk, order, "0.1", "0.0120")
    assert outcomes(desk) == [False]
    assert known(desk, order).remaining == Decimal("0.1")
    assert folded(desk) == desk.state.durable


@pytest.mark.rule("C-206")
def test_the_fence_and_its_margin_are_counted_to_the_millisecond() -> None:
    desk, order, edit = doubted()
    fence_ms = edit.intent.valid_until_ms + 5_000  # the policy's absence margin
    for began_ms, expected in ((fence_ms, []), (fence_ms + 1, [False])):
        desk.wait(1_000)
        desk.quote()
        while desk.state.recon.asked_mono_ms is None:
            desk.wait(1_000)
            desk.quote()
            desk.tick()
        report = shown(desk, order, "0.1", "0.0120")
        desk.gather(by_label={order.label: (report,)}, open_orders=(report,), began_ms=began_ms)
        assert outcomes(desk) == expected


@pytest.mark.rule("C-206")
def test_the_new_terms_prove_it_at_any_time() -> None:
    desk, order, _ = doubted()
    look(desk, order, "0.2", "0.0125")
    assert outcomes(desk) == [True]
    assert known(desk, order).terms.price == Decimal("0.0125")


@pytest.mark.rule("C-206")
def test_a_look_up_that_failed_proves_nothing() -> None:
    desk, order, _ = doubted()
    desk.wait(LATER_MS)
    desk.reconcile(failures=("orders by label: timeout",))
    assert outcomes(desk) == []
    assert known(desk, order).edit is not None


def test_neither_terms_are_a_changed_order_and_the_worst_case_stays() -> None:
    desk, order, _ = doubted()
    desk.wait(LATER_MS)
    look(desk, order, "0.2", "0.0130")
    assert Reason.ORDER_CHANGED in desk.state.durable.causes
    assert known(desk, order).edit is not None


@pytest.mark.rule("C-205")
def test_after_a_restart_an_edit_is_in_doubt_until_it_is_looked_up() -> None:
    for amount, price, applied in (("0.1", "0.0120", False), ("0.2", "0.0125", True)):
        old, order, _ = doubted()
        desk = restarted(old)
        assert known(desk, order).remaining == Decimal("0.2")
        desk.connect()
        look(desk, order, "0.1", "0.0120")
        assert outcomes(desk) == []
        assert ask_edit(desk, order, "0.3", "0.0120") is None
        desk.wait(LATER_MS)
        look(desk, order, amount, price)
        assert outcomes(desk) == [applied]
        assert known(desk, order).terms.amount == Decimal(amount)
        assert edits(desk) == [], "nothing of the last run is sent by this one"


@pytest.mark.rule("C-205")
def test_an_edit_that_was_recorded_and_perhaps_not_sent_is_in_doubt_after_a_restart() -> None:
    old = ready()
    order = old.rest_one()
    old.wait(1_000)
    old.quote()
    old.is_holding = True
    ask_edit(old, order)
    assert edits(old) == []
    desk = restarted(old)
    assert known(desk, order).edit is not None


@pytest.mark.rule("C-205")
def test_an_edit_in_doubt_for_too_long_shuts_opens() -> None:
    desk, order, _ = doubted()
    for _ in range(25):
        desk.wait(1_000)
        desk.quote()
        desk.tick()
        if desk.state.recon.asked_mono_ms is not None:
            desk.gather(failures=("orders by label: timeout",))
    reasons = {cause.reason for cause in desk.state.proofs.causes}
    assert Reason.UNKNOWN_ORDER in reasons
    assert known(desk, order).edit is not None


def test_an_order_that_is_found_cancelled_with_the_edit_is_done() -> None:
    desk, order, _ = doubted()
    look(desk, order, "0.1", "0.0120", state=OrderState.CANCELLED)
    assert (outcomes(desk), desk.phase(order)) == ([False], "CANCELLED")
