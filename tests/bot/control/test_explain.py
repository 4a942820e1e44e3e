"""The life of an intent, told from what was written down and nothing else."""

from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest

from bot.control.explain import read_capsule, slippage, story_of
from bot.control.explain_text import book_lines, gate_lines, meaning_lines, story_lines
from bot.control.steps import Line
from bot.domain.ids import Currency, OrderId, RunId, TradeId
from bot.domain.instrument import Instrument
from bot.domain.money import Amount, Coin, Price
from bot.domain.order import Liquidity
from bot.domain.reason import Reason
from bot.domain.report import Fill
from bot.domain.side import Side
from tests.bot.control.told import bodies_of, filled_call, lines_of, story
from tests.bot.core.desk import place, ready, started
from tests.bot.core.editing import ack, edited
from tests.bot.core.market import CALL, PERPETUAL


@pytest.mark.rule("C-701")
def test_a_filled_order_is_told_from_wish_to_fill() -> None:
    told = story(filled_call())
    assert (told.state, told.side, told.size, told.price) == ("FILLED", "sell", "0.2", "0.012")
    assert (told.order_id, told.role, told.sent, told.filled) == ("o-9", "OPEN", 1, "0.2")
    assert [step.what for step in told.steps] == ["recorded", "sent", "acked", "fill", "fill"]
    assert told.saw is not None
    assert (told.saw.bid, told.saw.ask, told.saw.mark) == ("0.012", "0.013", "0.0125")
    assert (told.saw.mark_iv, told.saw.position, told.saw.index) == (0.6, "0", "60000")
    assert told.saw.bids == (("0.012", "25"),)
    assert {row.verdict for row in told.gates} == {"pass"}
    # Sold 0.2 at 0.0120 where the mid was 0.0125: 0.0005 a coin, on 0.2 coins.
    assert told.slippage == "0.0001"
    assert "trade t-1" in told.steps[3].text
    assert "0.0005 worse than mid 0.0125" in told.steps[3].text


def test_every_line_of_a_story_fits_a_terminal() -> None:
    told = story(filled_call())
    assert told.saw is not None
    lines = [*story_lines(told), *gate_lines(told.gates), *book_lines(told.saw)]
    assert max(len(line) for line in lines) <= 80
    assert lines[0] == "FILLED  SELL 0.2 BTC-26JUN26-70000-C @ 0.012  role OPEN"
    assert "  sent      once" in lines


def test_a_cancelled_order_names_who_asked() -> None:
    desk = ready()
    order = desk.rest_one(place(CALL, Side.SELL, "0.1", "0.0120"))
    cancel = lines_of(desk)[0].record
    told = story(desk)
    assert told.state == "OPEN"
    assert told.filled == "0"
    assert told.slippage is None
    assert told.intent_id == order.intent_id == getattr(cancel, "intent_id", None)


def test_a_restart_in_between_leaves_the_order_unknown() -> None:
    desk = ready()
    desk.open_one(place(CALL, Side.SELL, "0.1", "0.0120"))
    lines = lines_of(desk)
    run = Line(99, "f" * 64, desk.now_ms, RunId("run-2"), started(desk.now_ms))
    told = story_of([*lines, run], capsule=None, snapshot=None)
    assert told.state == "UNKNOWN"
    assert told.steps[-1].what == "restart"
    assert told.gates == ()


def test_a_story_begins_with_an_intent() -> None:
    desk = filled_call()
    with pytest.raises(TypeError, match="records no intent"):
        story_of(lines_of(desk)[1:], capsule=None, snapshot=None)


def test_a_capsule_of_another_version_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        read_capsule(b'{"type":"capsule/2"}')
    assert read_capsule(None) is None
    for body in bodies_of(filled_call()).values():
        assert body.content.startswith(b"{")


def fill(side: Side, amount: str, price: str, instrument: Instrument) -> Fill:
    """A trade whose price, size and side matter."""
    return Fill(
        instrument=instrument.name,
        trade_id=TradeId("1"),
        order_id=OrderId("1"),
        label=None,
        at_ms=0,
        side=side,
        price=Price(Decimal(price)),
        amount=Amount(Decimal(amount)),
        fee=Coin(Decimal(0)),
        fee_currency=Currency("BTC"),
        liquidity=Liquidity.TAKER,
        mark=Price(Decimal(1)),
        index=Price(Decimal(1)),
    )


@pytest.mark.rule("C-104")
@pytest.mark.parametrize(
    ("instrument", "side", "amount", "price", "mid", "cost"),
    [
        (CALL, Side.BUY, "0.3", "0.0130", "0.0125", Fraction(15, 100_000)),
        (CALL, Side.SELL, "0.3", "0.0130", "0.0125", Fraction(-15, 100_000)),
        # 50 000 USD bought at 50 000 is 1 BTC, at 40 000 it is 1.25: dearer coin is fewer coins.
        (PERPETUAL, Side.BUY, "50000", "50000", "40000", Fraction(1, 4)),
        (PERPETUAL, Side.SELL, "50000", "50000", "40000", Fraction(-1, 4)),
    ],
)
def test_slippage_is_what_the_mid_would_have_saved(
    instrument: Instrument, side: Side, amount: str, price: str, mid: str, cost: Fraction
) -> None:
    traded = fill(side, amount, price, instrument)
    assert slippage(traded, instrument, mid=Price(Decimal(mid))) == cost


@pytest.mark.parametrize("reason", list(Reason))
def test_every_code_has_a_meaning_and_an_entry_in_the_runbook(reason: Reason) -> None:
    lines = meaning_lines(reason)
    assert lines[0] == f"  code      {reason.value}"
    assert lines[-1] == f"  runbook   docs/runbook.md#{reason.value.lower()}"
    assert max(len(line) for line in lines) <= 80


def test_an_edit_is_told_by_itself_and_in_the_life_of_its_order() -> None:
    desk = ready()
    order = desk.rest_one()
    edit = edited(desk, order, "0.2", "0.0125")
    ack(desk, order, edit)
    life = story(desk)
    told = [(step.what, step.text) for step in life.steps]
    assert ("edit", f"to 0.2 @ 0.0125, asked for as intent {edit.label[-4:]}") in told
    assert ("edited", f"by intent {edit.label[-4:]}: the venue took it") in told
    own = [n for n in lines_of(desk) if getattr(n.record, "intent_id", None) == edit.intent_id]
    by_itself = story(desk, own)
    assert (by_itself.kind, by_itself.target) == ("edit", order.intent_id)
    lines = story_lines(by_itself)
    assert lines[0] == (f"RECORDED  EDIT of {order.intent_id[:12]} to 0.2 @ 0.0125  role OPEN")
    assert all(len(line) <= 80 for line in lines)
    assert by_itself.gates
