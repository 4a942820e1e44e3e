"""The only way out: one durable permit, one request, one outcome [C-101, C-201, C-207]."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from bot.core.outcome import Acked, Ambiguous, Outcome, Rejected, Swept, Unsent
from bot.core.record import IntentRecorded
from bot.dispatch.dispatch import Dispatch
from bot.domain.ids import Currency, OrderId
from bot.domain.money import Amount
from bot.domain.order import OrderState, Role
from bot.intent.intent import CancelIntent, EditIntent, OrderIntent
from bot.venue.reply import NoReply, NotSent, Ok, Refused, Reply, Still, always
from ledger.ledger import Ledger
from ledger.recorded import Recorded
from tests.ledger.making import cancel, edit, intent, opened

BTC = Currency("BTC")
FIRST = OrderId("o-1")


class Line:
    """The link seam: keeps what was written, and answers as it is told."""

    def __init__(self, reply: Reply | None = None) -> None:
        """Answer every request with this, or with an order as it was asked for."""
        self.reply = reply
        self.asked: list[tuple[str, Mapping[str, object], bool]] = []

    async def __call__(
        self,
        method: str,
        params: Mapping[str, object],
        *,
        deadline_s: float,
        is_exit: bool = False,
        still: Still = always,
    ) -> Reply:
        """Take one request, if it may still leave."""
        assert 0 < deadline_s <= 10
        why = still()
        if why is not None:
            return NotSent(why=why)
        self.asked.append((method, params, is_exit))
        return self.reply or _shown(params)


def _shown(params: Mapping[str, object], **other: object) -> Ok:
    order = {
        "order_id": "o-1",
        "order_state": "open",
        "order_type": "limit",
        "instrument_name": "BTC-PERPETUAL",
        "direction": "buy",
        "amount": 100.0,
        "price": 60000.5,
        "creation_timestamp": 1790000000010,
        "last_update_timestamp": 1790000000010,
        "filled_amount": 0.0,
        "label": params.get("label", ""),
        "time_in_force": "good_til_cancelled",
        "post_only": True,
        "reduce_only": False,
        **other,
    }
    result = order if "order_id" in params else {"order": order, "trades": []}
    return Ok(result=json.dumps(result).encode(), us_in=None, us_out=None)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A real ledger."""
    with opened(tmp_path) as held:
        yield held


def permit(
    ledger: Ledger, number: int = 1, *, role: Role = Role.OPEN
) -> tuple[Recorded, OrderIntent]:
    """Commit an intent, and return its permit with it."""
    entry = intent(number, role=role)
    (recorded,) = ledger.commit([entry]).recorded
    assert isinstance(entry.record, IntentRecorded)
    assert isinstance(entry.record.intent, OrderIntent)
    return recorded, entry.record.intent


def _wish(
    ledger: Ledger, number: int = 1, *, order_id: OrderId | None = FIRST
) -> tuple[Recorded, CancelIntent]:
    """Commit a cancel of an order, and return its permit with it."""
    entry = cancel(100 + number, of=intent(200 + number), order_id=order_id)
    (recorded,) = ledger.commit([entry]).recorded
    assert isinstance(entry.record, IntentRecorded)
    assert isinstance(entry.record.intent, CancelIntent)
    return recorded, entry.record.intent


@pytest.mark.trio
@pytest.mark.rule("C-207")
async def test_a_permit_sends_once_and_never_again(ledger: Ledger) -> None:
    line = Line(NoReply(why="cut"))
    dispatch = Dispatch(
        call=line, still_held=lambda: True, still_alone=lambda: True, why_not_open=always
    )
    recorded, order = permit(ledger)
    assert isinstance(await dispatch.send(recorded, order), Ambiguous)
    with pytest.raises(AssertionError, match="was sent before"):
        await dispatch.send(recorded, order)
    with pytest.raises(AssertionError, match="was sent before"):
        await dispatch.cancel(recorded, _wish(ledger, 2)[1], currency=BTC)
    assert len(line.asked) == 1


@pytest.mark.trio
@pytest.mark.rule("C-201")
async def test_what_is_sent_is_the_intent_with_its_label_and_its_fence(ledger: Ledger) -> None:
    line = Line()
    recorded, order = permit(ledger)
    await Dispatch(
        call=line, still_held=lambda: True, still_alone=lambda: True, why_not_open=always
    ).send(recorded, order)
    ((method, params, is_exit),) = line.asked
    assert method == "private/buy"
    assert not is_exit
    params = json.loads(msgspec.json.encode(params), parse_float=str, parse_int=str)
    assert params["label"] == recorded.label
    assert params["valid_until"] == str(order.valid_until_ms)
    assert (params["amount"], params["price"]) == ("100", "60000.5")
    assert (params["type"], params["post_only"], params["reduce_only"]) == ("limit", True, False)


@pytest.mark.trio
@pytest.mark.rule("C-201")
async def test_a_permit_is_good_for_its_own_order_only(ledger: Ledger) -> None:
    line = Line()
    dispatch = Dispatch(
        call=line, still_held=lambda: True, still_alone=lambda: True, why_not_open=always
    )
    recorded, order = permit(ledger)
    larger = msgspec.structs.replace(order, amount=Amount(Decimal(1_000)))
    with pytest.raises(AssertionError, match="permit of another order"):
        await dispatch.send(recorded, larger)
    assert line.asked == []


@pytest.mark.trio
@pytest.mark.rule("C-202")
async def test_a_lost_lock_stops_the_send_before_its_first_byte(ledger: Ledger) -> None:
    line = Line()
    held = [True, False, False]
    dispatch = Dispatch(
        call=line,
        still_held=lambda: held.pop(0),
        still_alone=lambda: held.pop(0),
        why_not_open=always,
    )
    first, second = (permit(ledger, number) for number in (1, 2))
    assert isinstance(await dispatch.send(*first), Acked)
    assert await dispatch.send(*second) == Unsent("the ledger's lock was lost")
    assert isinstance(await dispatch.cancel(*_wish(ledger, 3), currency=BTC), Unsent)
    assert len(line.asked) == 1


@pytest.mark.trio
@pytest.mark.rule("C-007")
@pytest.mark.rule("C-309")
async def test_at_the_last_moment_the_world_stops_an_open_and_never_an_exit(
    ledger: Ledger,
) -> None:
    line = Line()
    dispatch = Dispatch(
        call=line,
        still_held=lambda: True,
        still_alone=lambda: True,
        why_not_open=lambda: "the mode is KILL",
    )
    opening = permit(ledger, 1)
    assert await dispatch.send(*opening) == Unsent("the mode is KILL")
    assert line.asked == []
    await dispatch.send(*permit(ledger, 2, role=Role.HEDGE))
    assert len(line.asked) == 1


@pytest.mark.trio
@pytest.mark.rule("C-205")
@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (NoReply(why="no answer within 5 s"), Ambiguous),
        (NotSent(why="no connection"), Unsent),
        (Ok(result=b'{"order":{}}', us_in=None, us_out=None), Ambiguous),  # unreadable is no "no"
        (Ok(result=b"null", us_in=None, us_out=None), Ambiguous),
        (Refused(code=10009, message="not_enough_funds"), Rejected),
        (Refused(code=424242, message="a new word"), Ambiguous),  # a code nobody knows
    ],
)
async def test_each_reply_has_its_outcome(
    ledger: Ledger, reply: Reply, expected: type[Outcome]
) -> None:
    dispatch = Dispatch(
        call=Line(reply), still_held=lambda: True, still_alone=lambda: True, why_not_open=always
    )
    assert isinstance(await dispatch.send(*permit(ledger)), expected)


@pytest.mark.trio
@pytest.mark.rule("C-208")
async def test_a_refusal_by_the_fence_is_told_from_every_other(ledger: Ledger) -> None:
    late = Dispatch(
        call=Line(Refused(code=13888, message="timed_out")),
        still_held=lambda: True,
        still_alone=lambda: True,
        why_not_open=always,
    )
    poor = Dispatch(
        call=Line(Refused(code=10009, message="not_enough_funds")),
        still_held=lambda: True,
        still_alone=lambda: True,
        why_not_open=always,
    )
    fenced, other = await late.send(*permit(ledger, 1)), await poor.send(*permit(ledger, 2))
    assert isinstance(fenced, Rejected)
    assert isinstance(other, Rejected)
    assert (fenced.is_fence, other.is_fence) == (True, False)


@pytest.mark.trio
@pytest.mark.rule("C-213")
async def test_a_cancel_names_the_venue_s_order_and_tells_what_it_showed(ledger: Ledger) -> None:
    line = Line(_shown({"order_id": "o-9"}, order_id="o-9", order_state="cancelled"))
    recorded, wish = _wish(ledger, order_id=OrderId("o-9"))
    outcome = await Dispatch(
        call=line, still_held=lambda: True, still_alone=lambda: True, why_not_open=always
    ).cancel(recorded, wish, currency=BTC)
    assert line.asked[0][:2] == ("private/cancel", {"order_id": "o-9"})
    assert isinstance(outcome, Acked)
    assert outcome.order.state is OrderState.CANCELLED


@pytest.mark.trio
@pytest.mark.rule("C-206")
async def test_a_cancel_of_what_is_not_open_wants_a_look_up(ledger: Ledger) -> None:
    line = Line(Refused(code=11044, message="not_open_order"))
    recorded, wish = _wish(ledger, order_id=OrderId("o-9"))
    outcome = await Dispatch(
        call=line, still_held=lambda: True, still_alone=lambda: True, why_not_open=always
    ).cancel(recorded, wish, currency=BTC)
    assert isinstance(outcome, Rejected)
    assert outcome.needs_lookup


@pytest.mark.trio
@pytest.mark.rule("C-213")
async def test_a_cancel_without_an_order_goes_by_label_and_its_count_proves_nothing(
    ledger: Ledger,
) -> None:
    line = Line(Ok(result=b"1", us_in=None, us_out=None))
    dispatch = Dispatch(
        call=line, still_held=lambda: True, still_alone=lambda: True, why_not_open=always
    )
    recorded, wish = _wish(ledger, order_id=None)
    assert await dispatch.cancel(recorded, wish, currency=BTC) == Swept(1)
    assert line.asked == [
        ("private/cancel_by_label", {"label": wish.target_label, "currency": "BTC"}, True)
    ]


@pytest.mark.trio
@pytest.mark.rule("C-201")
async def test_a_permit_is_good_for_its_own_cancel_only(ledger: Ledger) -> None:
    line = Line()
    dispatch = Dispatch(
        call=line, still_held=lambda: True, still_alone=lambda: True, why_not_open=always
    )
    recorded, wish = _wish(ledger)
    other = msgspec.structs.replace(wish, order_id=OrderId("o-2"))
    with pytest.raises(AssertionError, match="permit of another cancel"):
        await dispatch.cancel(recorded, other, currency=BTC)
    assert line.asked == []


def _edit(
    ledger: Ledger, number: int = 1, *, role: Role = Role.OPEN
) -> tuple[Recorded, EditIntent]:
    """Commit an edit of an order, and return its permit with it."""
    entry = edit(300 + number, of=intent(200 + number), role=role)
    (recorded,) = ledger.commit([entry]).recorded
    assert isinstance(entry.record, IntentRecorded)
    assert isinstance(entry.record.intent, EditIntent)
    return recorded, entry.record.intent


@pytest.mark.trio
@pytest.mark.rule("C-213")
async def test_an_edit_goes_out_once_with_the_new_total_its_fence_and_no_label(
    ledger: Ledger,
) -> None:
    recorded, wish = _edit(ledger)
    shown = {"amount": 200.0, "price": 60001.5, "label": wish.target_label}
    order = json.loads(_shown({"order_id": "o-1"}, **shown).result)
    answer = json.dumps({"order": order, "trades": []}).encode()
    line = Line(Ok(result=answer, us_in=None, us_out=None))
    dispatch = Dispatch(
        call=line, still_held=lambda: True, still_alone=lambda: True, why_not_open=always
    )
    outcome = await dispatch.edit(recorded, wish)
    assert isinstance(outcome, Acked)
    assert outcome.order.amount == Decimal(200)
    ((method, params, is_exit),) = line.asked
    assert (method, is_exit) == ("private/edit", False)
    assert json.loads(msgspec.json.encode(params), parse_float=str, parse_int=str) == {
        "order_id": "o-1",
        "amount": "200",
        "price": "60001.5",
        "post_only": True,
        "reject_post_only": True,
        "reduce_only": False,
        "valid_until": str(wish.valid_until_ms),
    }
    with pytest.raises(AssertionError, match="was sent before"):
        await dispatch.edit(recorded, wish)
    assert len(line.asked) == 1


@pytest.mark.trio
@pytest.mark.rule("C-201")
async def test_a_permit_is_good_for_its_own_edit_only(ledger: Ledger) -> None:
    line = Line()
    dispatch = Dispatch(
        call=line, still_held=lambda: True, still_alone=lambda: True, why_not_open=always
    )
    recorded, wish = _edit(ledger)
    larger = msgspec.structs.replace(wish, amount=Amount(Decimal(1_000)))
    with pytest.raises(AssertionError, match="permit of another edit"):
        await dispatch.edit(recorded, larger)
    assert line.asked == []


@pytest.mark.trio
@pytest.mark.rule("C-007")
@pytest.mark.parametrize(
    ("role", "is_sent"), [(Role.OPEN, False), (Role.CANCEL, True), (Role.CLOSE, True)]
)
async def test_at_the_last_moment_the_world_stops_an_edit_that_may_raise_exposure(
    ledger: Ledger, role: Role, is_sent: bool
) -> None:
    line = Line(Refused(code=11054, message="post_only_reject"))
    dispatch = Dispatch(
        call=line,
        still_held=lambda: True,
        still_alone=lambda: True,
        why_not_open=lambda: "the mode is KILL",
    )
    outcome = await dispatch.edit(*_edit(ledger, role=role))
    assert len(line.asked) == is_sent
    if is_sent:
        # The order itself may be gone with such a refusal (PROTOCOL §10).
        assert isinstance(outcome, Rejected)
        assert outcome.needs_lookup
    else:
        assert outcome == Unsent("the mode is KILL")
