"""The fold of fills (DOMAIN §3.2), against its own numbers and the reference sequences."""

import json
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.instrument import Instrument
from bot.domain.ratio import ratio_of, shown
from bot.domain.report import Fill
from bot.portfolio.position import (
    FLAT,
    Position,
    WrongFillError,
    average,
    book,
    cash_moved,
    fold,
    unrealised,
)
from tests.bot.portfolio.listed import KINDS
from tests.shared import shared

PERPETUAL = KINDS["future_inverse"]
OPTION = KINDS["option_inverse"]


def fill(
    instrument: Instrument, side: str, amount: str, price: str, *, fee: str = "0", trade: str = "1"
) -> Fill:
    return msgspec.convert(
        {
            "type": "fill",
            "instrument": instrument.name,
            "trade_id": trade,
            "order_id": f"o{trade}",
            "label": None,
            "at_ms": 1,
            "side": side,
            "price": price,
            "amount": amount,
            "fee": fee,
            "fee_currency": instrument.currency,
            "liquidity": "T",
            "mark": price,
            "index": "60000",
        },
        Fill,
    )


def booked(instrument: Instrument, *trades: tuple[str, str, str]) -> Position:
    return fold(
        [fill(instrument, *trade, trade=str(n)) for n, trade in enumerate(trades)], instrument
    )


def average_shown(position: Position, instrument: Instrument) -> Decimal:
    exact = average(position, instrument)
    return Decimal(0) if exact is None else shown(exact)


@pytest.mark.parametrize(
    ("instrument", "trades", "size", "entry", "realised"),
    [
        (PERPETUAL, [("buy", "10000", "50000"), ("buy", "10000", "100000")],
         "20000", "66666.66666667", "0"),
        (PERPETUAL, [("buy", "10000", "50000"), ("sell", "15000", "40000")],
         "-5000", "40000", "-0.05"),
        (PERPETUAL, [("buy", "10000", "50000"), ("sell", "10000", "60000")],
         "0", "0", "0.03333333"),
        (OPTION, [("buy", "0.3", "0.05"), ("sell", "0.5", "0.06")],
         "-0.2", "0.06", "0.003"),
        (OPTION, [("sell", "0.3", "0.02"), ("buy", "0.3", "0.02"), ("buy", "0.1", "0.03")],
         "0.1", "0.03", "0"),
    ],
)  # fmt: skip
def test_a_flip_closes_at_the_old_average_and_opens_at_the_new_price(
    instrument: Instrument,
    trades: list[tuple[str, str, str]],
    size: str,
    entry: str,
    realised: str,
) -> None:
    position = booked(instrument, *trades)
    assert position.quantity == Decimal(size)
    assert average_shown(position, instrument) == Decimal(entry)
    assert shown(ratio_of(position.realised)) == Decimal(realised)


def test_realised_keeps_the_quotient_whole() -> None:
    position = booked(PERPETUAL, ("buy", "10000", "50000"), ("sell", "10000", "60000"))
    assert (position.realised, position.cost) == ("1/30", "0/1")


def test_unrealised_is_the_gain_of_closing_at_the_mark() -> None:
    position = booked(OPTION, ("buy", "0.3", "0.05"), ("sell", "0.5", "0.06"))
    assert unrealised(position, mark=Decimal("0.055"), instrument=OPTION) == Fraction("0.001")
    assert unrealised(FLAT, mark=Decimal(0), instrument=PERPETUAL) == 0


def test_the_recorded_short_put_has_the_recorded_profit() -> None:
    position = booked(OPTION, ("sell", "0.3", "0.00966667"))
    total = unrealised(position, mark=Decimal("0.0003993"), instrument=OPTION)
    assert total == Fraction("0.002780211")
    settled = booked(OPTION, ("sell", "0.3", "0.00094622"))
    floating = unrealised(settled, mark=Decimal("0.0003993"), instrument=OPTION)
    assert floating == Fraction("0.000164076")


def test_the_recorded_perpetual_round_trip_loses_what_the_venue_shows() -> None:
    position = booked(PERPETUAL, ("sell", "10", "91701.5"), ("buy", "10", "92037"))
    realised = ratio_of(position.realised)
    assert str(shown(realised, places=12)).startswith("-3.975")
    assert realised == Fraction(10) / Fraction("92037") - Fraction(10) / Fraction("91701.5")
    assert shown(realised) == Decimal("-4.0e-7")


@pytest.mark.rule("C-209")
def test_a_trade_told_twice_is_booked_once() -> None:
    one = fill(OPTION, "buy", "1", "0.04", fee="0.0003", trade="a")
    two = fill(OPTION, "sell", "0.4", "0.05", fee="0.00012", trade="b")
    assert fold([one, two, two, one], OPTION) == fold([one, two], OPTION)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"instrument": "ETH-PERPETUAL"}, "is not of"),
        ({"fee_currency": "USDC"}, "fee is in USDC"),
        ({"amount": "0"}, "amount is 0"),
        ({"amount": "-1"}, "amount is -1"),
        ({"price": "0"}, "price is 0"),
        ({"price": "-1"}, "price is -1"),
        ({"amount": "NaN"}, "amount is NaN"),
    ],
)
def test_a_fill_that_cannot_be_ours_is_not_booked(change: dict[str, str], what: str) -> None:
    good = msgspec.to_builtins(fill(PERPETUAL, "buy", "10", "50000"))
    with pytest.raises(WrongFillError, match=what):
        book(FLAT, msgspec.convert({**good, **change}, Fill), PERPETUAL)


def test_money_of_forty_digits_is_not_rounded() -> None:
    many = "1234567890123456789012345678.901234567891"
    position = booked(OPTION, ("buy", many, "0.05"), ("sell", many, "0.05"))
    assert (position.quantity, position.realised) == (Decimal(0), "0/1")
    short = booked(OPTION, ("sell", many, "0.05"))
    assert str(short.quantity) == f"-{many}"


@pytest.mark.rule("C-104")
def test_a_position_is_written_and_read_without_loss() -> None:
    position = booked(PERPETUAL, ("buy", "10", "91701.5"), ("buy", "20", "92037"))
    written = msgspec.json.encode(position)
    assert msgspec.json.decode(written, type=Position) == position
    assert b'"cost":"' in written


@pytest.mark.parametrize(
    "text",
    [
        '{"quantity":"1","cost":"0.5"}',
        '{"quantity":"0","cost":"1/2"}',
        '{"quantity":"1","cost":"-1/2"}',
        '{"quantity":"NaN"}',
        '{"quantity":"1","cost":"1/2","extra":"1"}',
    ],
)
def test_a_position_that_contradicts_itself_is_not_read(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=Position)


TRADES = st.lists(
    st.tuples(
        st.sampled_from(["buy", "sell"]),
        st.integers(1, 400),
        st.integers(1, 200),
    ),
    min_size=1,
    max_size=5,
)


@pytest.mark.rule("C-209")
@settings(max_examples=60, deadline=None)
@given(TRADES, st.sampled_from(sorted(KINDS)), st.integers(1, 300))
def test_any_order_of_the_same_fills_ends_in_the_same_size_and_total(
    trades: list[tuple[str, int, int]], kind: str, mark: int
) -> None:
    instrument = KINDS[kind]
    tick = instrument.ticks.tick
    fills = [
        fill(
            instrument,
            side,
            str(count * instrument.amount_step),
            str(price * tick),
            fee="0.00000001",
            trade=str(n),
        )
        for n, (side, count, price) in enumerate(trades)
    ]
    ends = set()
    for order in permutations(fills):
        position = fold(order, instrument)
        total = ratio_of(position.realised) + unrealised(
            position, mark=mark * tick, instrument=instrument
        )
        ends.add((str(position.quantity), str(position.fees), total))
    assert len(ends) == 1


def sequences() -> list[Any]:
    cases: list[Any] = json.loads(shared("vectors/pnl.json").read_text())["cases"]
    return cases


def test_the_reference_sequences_agree_to_the_last_digit() -> None:
    cases = sequences()
    assert len(cases) == 87
    for case in cases:
        instrument = KINDS[case["kind"]]
        fills = [
            fill(
                instrument, one["side"], one["amount"], one["price"],
                fee=one["fee"], trade=one["trade_id"],
            )
            for one in case["fills"]
        ]  # fmt: skip
        for count, size in enumerate(case["size_after_each"], start=1):
            assert fold(fills[:count], instrument).quantity == Decimal(size), case["id"]
        position, out = fold(fills, instrument), case["out"]
        gain = unrealised(position, mark=Decimal(case["mark"]), instrument=instrument)
        assert position.cost == out["cost_exact"], case["id"]
        assert position.realised == out["realised_exact"], case["id"]
        assert position.fees == Decimal(out["fees"]), case["id"]
        assert average_shown(position, instrument) == Decimal(out["average_price"]), case["id"]
        assert shown(gain) == Decimal(out["unrealised"]), case["id"]
        moved = shown(cash_moved(position, instrument))
        assert moved == Decimal(out["cash_change"]), case["id"]


def test_thousands_of_prices_leave_a_figure_that_fits_and_the_same_eight_places() -> None:
    # Each new price of an inverse future brings a denominator of its own to the exact sum.
    position, exact = FLAT, Fraction(0)
    for number in range(3_000):
        price = Decimal(50_000) + Decimal(number) / 2
        side = "buy" if number % 2 == 0 else "sell"
        position = book(position, fill(PERPETUAL, side, "10", str(price)), PERPETUAL)
        exact += Fraction(10, 1) / Fraction(price) * (1 if side == "buy" else -1)
    assert position.quantity == 0
    assert position.cost == "0/1"
    assert len(position.realised) < 140
    assert shown(ratio_of(position.realised)) == shown(exact)
