"""What the journal folds to, and what a restart makes of it [C-203, C-205, C-308]."""

from decimal import Decimal

import msgspec
import pytest

from bot.core.durable import day_start, decode_state, encode_state
from bot.core.event import Crashed, OperatorMode
from bot.core.fold import apply
from bot.core.outcome import Ambiguous
from bot.core.record import FillBooked, decode, encode, kind_of
from bot.domain.instant import HOUR_MS
from bot.domain.mode import Mode
from bot.domain.money import Amount
from bot.domain.order import OrderState
from bot.domain.reason import Reason
from bot.domain.side import Side
from tests.bot.core.desk import Desk, folded, ready, restarted, started
from tests.bot.core.market import CALL, NOON_MS, PERPETUAL
from tests.bot.core.words import place, report_of


def busy() -> Desk:
    """A desk that has lived: positions, live, doubted and finished orders, causes."""
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    desk.rest_one(place(CALL, Side.BUY, "0.1", "0.0110", is_exit=True), order_id="o-2")
    desk.answer_order(desk.open_one(), Ambiguous("silence"))
    desk.hold(PERPETUAL, Side.BUY, "10", trade="t-9")
    desk.feed(Crashed("x", "y"))
    return desk


@pytest.mark.rule("C-203")
def test_the_state_comes_back_from_its_bytes_as_it_was() -> None:
    desk = busy()
    body = encode_state(desk.state.durable)
    assert decode_state(body) == desk.state.durable
    assert encode_state(decode_state(body)) == body


@pytest.mark.rule("C-203")
def test_the_records_alone_give_the_state() -> None:
    desk = busy()
    assert folded(desk) == desk.state.durable
    assert {kind_of(record) for record in desk.records} >= {
        "intent", "moved", "fill", "cause", "proof", "account", "latch"
    }  # fmt: skip


@pytest.mark.rule("C-203")
def test_a_record_comes_back_from_its_bytes_as_it_was() -> None:
    for record in busy().records:
        assert decode(encode(record)) == record
        assert encode(decode(encode(record))) == encode(record)


@pytest.mark.rule("C-203")
def test_a_record_of_another_version_is_refused_and_not_guessed() -> None:
    for body in (b'{"type":"fill/2"}', b'{"type":"nothing/1"}', b"{}", b"[]"):
        with pytest.raises(msgspec.ValidationError):
            decode(body)


@pytest.mark.rule("C-203")
def test_a_snapshot_and_the_records_behind_it_give_the_whole_state() -> None:
    desk = busy()
    for cut in range(0, len(desk.records), 3):
        durable = desk.first
        for seq, record in enumerate(desk.records[:cut], 1):
            durable = apply(durable, record, seq=seq)
        durable = decode_state(encode_state(durable))
        for seq, record in enumerate(desk.records[cut:], cut + 1):
            durable = apply(durable, record, seq=seq)
        assert encode_state(durable) == encode_state(desk.state.durable)


@pytest.mark.rule("C-205")
@pytest.mark.parametrize(("is_sent", "phase"), [(False, "UNKNOWN"), (True, "UNKNOWN")])
def test_after_a_restart_what_was_recorded_or_sent_is_unknown(is_sent: bool, phase: str) -> None:
    desk = ready()
    desk.quote()
    desk.is_holding = not is_sent
    desk.tick(place(amount="0.3"))
    assert len(desk.sent()) == is_sent
    late = restarted(desk)
    (order,) = late.state.durable.orders.values()
    assert order.phase.value == phase
    assert order.remaining == Decimal("0.3"), "counted at worst case until it is proven"
    late.connect()
    late.tick()
    assert late.sent() == [], "and never sent again"
    assert late.asked().labels == (order.label,)


@pytest.mark.rule("C-205")
@pytest.mark.parametrize("filled", ["0", "0.1"])
def test_what_the_venue_had_shown_is_not_in_doubt_after_a_restart(filled: str) -> None:
    desk = ready()
    order = desk.open_one(place(amount="0.3"))
    desk.say_ack(order, filled=Amount(Decimal(filled)))
    late = restarted(desk)
    assert late.phase(order) == ("OPEN" if filled == "0" else "PARTIAL")


@pytest.mark.rule("C-205")
def test_an_unknown_from_before_the_restart_is_resolved_after_it() -> None:
    desk = ready()
    order = desk.open_one()
    late = restarted(desk)
    late.wait(10_000)
    late.connect()
    late.gather(by_label={order.label: (report_of(order, state=OrderState.OPEN),)})
    assert late.phase(order) == "OPEN"
    assert late.state.proofs.is_open


@pytest.mark.rule("C-209")
def test_the_fold_itself_books_a_trade_once_however_often_it_is_recorded() -> None:
    desk = busy()
    durable = desk.state.durable
    for record in desk.records:
        if isinstance(record, FillBooked):
            assert apply(durable, record, seq=1_000) == durable


@pytest.mark.rule("C-308")
def test_two_restarts_are_as_one() -> None:
    desk = busy()
    desk.feed(OperatorMode(request_id="k", mode=Mode.KILL, by="me", why="test"))
    once = restarted(desk)
    twice = restarted(once)
    assert twice.state.durable.orders.keys() == once.state.durable.orders.keys()
    for key, order in once.state.durable.orders.items():
        assert msgspec.structs.replace(twice.state.durable.orders[key], doubted_ms=None) == (
            msgspec.structs.replace(order, doubted_ms=None)
        )
    assert twice.state.durable.mode is Mode.KILL
    assert set(twice.state.durable.causes) == {Reason.INTERNAL, Reason.OPERATOR_KILL}


@pytest.mark.rule("C-115")
def test_a_restart_forgets_no_brake() -> None:
    desk = ready()
    for number in range(3):
        desk.wait(300)
        desk.rest_one(order_id=f"o-{number}")
    late = restarted(desk)
    assert late.state.durable.recent == desk.state.durable.recent
    assert len(late.state.durable.recent) == 3
    assert (late.state.durable.day.opens, late.state.durable.day.orders) == (3, 3)
    assert late.state.durable.sequence == desk.state.durable.sequence


@pytest.mark.rule("C-115")
def test_the_day_begins_at_eight_utc() -> None:
    assert day_start(NOON_MS) == NOON_MS - 4 * HOUR_MS
    assert day_start(NOON_MS - 4 * HOUR_MS) == NOON_MS - 4 * HOUR_MS
    assert day_start(NOON_MS - 4 * HOUR_MS - 1) == NOON_MS - 28 * HOUR_MS


@pytest.mark.rule("C-207")
def test_a_decision_after_a_restart_is_another_decision() -> None:
    desk = ready()
    first = desk.open_one()
    late = restarted(desk)
    late.wait(10_000)
    late.connect()
    late.gather()
    second = late.open_one()
    assert second.label != first.label
    assert second.intent.decision.sequence > first.intent.decision.sequence


@pytest.mark.rule("C-205")
def test_a_run_that_begins_is_not_ended_by_the_last_ones_end() -> None:
    durable = apply(busy().state.durable, started(NOON_MS), seq=99)
    assert durable.ended is None


@pytest.mark.rule("C-307")
def test_a_second_wish_of_an_operator_is_told_apart_from_the_first_and_a_second_crash_is_not() -> (
    None
):
    desk = ready()
    desk.feed(OperatorMode(request_id="k", mode=Mode.KILL, by="A", why="one"))
    first = desk.state.durable.causes[Reason.OPERATOR_KILL]
    desk.feed(OperatorMode(request_id="l", mode=Mode.KILL, by="B", why="two"))  # the same ms
    second = desk.state.durable.causes[Reason.OPERATOR_KILL]
    assert (second.by, second.detail, second.at_ms) == ("B", "two", first.at_ms + 1)
    desk.feed(Crashed("x", "y"))
    known = desk.state.durable.causes[Reason.INTERNAL]
    desk.wait(1_000)
    desk.feed(Crashed("x", "z"))
    assert desk.state.durable.causes[Reason.INTERNAL] == known
