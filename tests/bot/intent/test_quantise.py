"""Prices and sizes on the grid (DOMAIN §5.4, C-105)."""

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.instrument import Instrument
from bot.domain.money import Amount, Price
from bot.domain.order import Role
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.domain.side import Side
from bot.intent.quantise import (
    GroupLeg,
    PriceBounds,
    quantise_group,
    quantise_price,
    quantise_size,
)
from tests.bot.portfolio.listed import future, listed
from tests.shared import shared

OPTION = listed()
PERPETUAL = future()
BUY, SELL = Side.BUY, Side.SELL


def code(answer: object) -> object:
    return answer.reason if isinstance(answer, Refusal) else answer


@pytest.mark.rule("C-105")
@pytest.mark.parametrize(
    ("price", "side", "is_aggressive", "expected"),
    [
        ("0.00512", BUY, False, "0.005"),
        ("0.00501", SELL, False, "0.0055"),
        ("0.00512", BUY, True, "0.0055"),
        ("0.00499", SELL, True, "0.0049"),
        ("0.00499", SELL, False, "0.005"),
        ("0.00009", BUY, False, Reason.PRICE_BELOW_TICK),
        ("0.00009", SELL, True, Reason.PRICE_BELOW_TICK),
        ("0", BUY, True, Reason.PRICE_BELOW_TICK),
        ("-0.01", BUY, True, Reason.PRICE_BELOW_TICK),
        ("0.005", BUY, False, "0.005"),
        ("0.0055", SELL, False, "0.0055"),
    ],
)
def test_a_price_goes_to_its_tick(
    price: str, side: Side, is_aggressive: bool, expected: str | Reason
) -> None:
    answer = quantise_price(
        Decimal(price), instrument=OPTION, side=side, is_aggressive=is_aggressive
    )
    assert code(answer) == (Decimal(expected) if isinstance(expected, str) else expected)


@pytest.mark.parametrize(
    ("price", "side", "low", "high", "expected"),
    [
        ("0.0349", BUY, "0.01", "0.0333", "0.0330"),
        ("0.0101", SELL, "0.0112", "0.05", "0.0115"),
        ("0.0301", BUY, "0.01", "0.05", "0.0305"),
        ("0.0301", BUY, "0.0311", "0.0314", Reason.PRICE_BAND),
    ],
)
def test_an_aggressive_exit_stays_inside_its_bounds(
    price: str, side: Side, low: str, high: str, expected: str | Reason
) -> None:
    answer = quantise_price(
        Decimal(price),
        instrument=OPTION,
        side=side,
        is_aggressive=True,
        bounds=PriceBounds(Price(Decimal(low)), Price(Decimal(high))),
    )
    assert code(answer) == (Decimal(expected) if isinstance(expected, str) else expected)


@pytest.mark.rule("C-105")
@pytest.mark.parametrize(
    ("instrument", "amount", "role", "quantity", "expected"),
    [
        (OPTION, "0.29999999", Role.OPEN, "0", "0.2"),
        (OPTION, "0.05", Role.OPEN, "0", Reason.SIZE_BELOW_MIN),
        (OPTION, "0.05", Role.CLOSE, "0.3", Reason.DUST),
        (OPTION, "0.19", Role.CLOSE, "0.3", "0.1"),
        (OPTION, "7", Role.CLOSE, "-5", "5"),
        (OPTION, "7", Role.CLOSE, "0.05", Reason.DUST),
        (PERPETUAL, "19.99", Role.HEDGE, "0", "10"),
        (PERPETUAL, "9", Role.HEDGE, "0", Reason.SIZE_BELOW_MIN),
        (PERPETUAL, "123456", Role.REDUCE, "-60", "60"),
        (PERPETUAL, "-20", Role.OPEN, "0", Reason.SIZE_BELOW_MIN),
    ],
)
def test_a_size_is_cut_and_never_raised(
    instrument: Instrument, amount: str, role: Role, quantity: str, expected: str | Reason
) -> None:
    answer = quantise_size(
        Decimal(amount), instrument=instrument, role=role, quantity=Amount(Decimal(quantity))
    )
    assert code(answer) == (Decimal(expected) if isinstance(expected, str) else expected)


def test_a_cancel_has_no_size() -> None:
    with pytest.raises(AssertionError):
        quantise_size(Decimal(1), instrument=OPTION, role=Role.CANCEL, quantity=Amount(Decimal(0)))


@pytest.mark.rule("C-105")
@given(
    st.decimals("-1000", "1000", places=8),
    st.sampled_from([Role.OPEN, Role.REDUCE, Role.CLOSE, Role.HEDGE]),
    st.decimals("-1000", "1000", places=1),
    st.sampled_from([OPTION, PERPETUAL]),
)
def test_a_size_never_grows_and_a_second_pass_changes_nothing(
    amount: Decimal, role: Role, quantity: Decimal, instrument: Instrument
) -> None:
    once = quantise_size(amount, instrument=instrument, role=role, quantity=Amount(quantity))
    if not isinstance(once, Refusal):
        assert 0 < once <= abs(amount)
        assert once % instrument.amount_step == 0
        assert (
            quantise_size(once, instrument=instrument, role=role, quantity=Amount(quantity)) == once
        )


@pytest.mark.rule("C-105")
@given(
    st.decimals("0.00001", "0.2", places=7),
    st.sampled_from(Side),
    st.booleans(),
)
def test_a_legal_price_stays_as_it_is(price: Decimal, side: Side, is_aggressive: bool) -> None:
    once = quantise_price(price, instrument=OPTION, side=side, is_aggressive=is_aggressive)
    if not isinstance(once, Refusal):
        assert OPTION.ticks.is_legal(once)
        again = quantise_price(once, instrument=OPTION, side=side, is_aggressive=is_aggressive)
        assert again == once
        is_down = (side is BUY) != is_aggressive
        assert once <= price if is_down else once >= price


COARSE = listed(name="ETH-26JUN26-3000-C", base="ETH", currency="ETH", strike="3000",
                amount_min="1", amount_step="1")  # fmt: skip


@pytest.mark.parametrize(
    ("size", "legs", "expected"),
    [
        ("0.39", [(OPTION, "1"), (OPTION, "1")], ["0.3", "0.3"]),
        ("2.9", [(OPTION, "1"), (COARSE, "1")], ["2", "2"]),
        ("0.9", [(OPTION, "1"), (COARSE, "1")], Reason.SIZE_BELOW_MIN),
        ("0.5", [(OPTION, "1"), (OPTION, "2")], ["0.5", "1.0"]),
        # 1:1.5 on steps of 0.1 is exact at multiples of 0.2 only.
        ("0.5", [(OPTION, "1"), (OPTION, "1.5")], ["0.4", "0.6"]),
        ("0.1", [(OPTION, "1"), (OPTION, "1.5")], Reason.SIZE_BELOW_MIN),
        ("-1", [(OPTION, "1")], Reason.SIZE_BELOW_MIN),
    ],
)
def test_a_group_takes_the_coarsest_leg_and_keeps_its_ratios(
    size: str, legs: list[tuple[Instrument, str]], expected: list[str] | Reason
) -> None:
    answer = quantise_group(
        Decimal(size), legs=[GroupLeg(instrument, Decimal(ratio)) for instrument, ratio in legs]
    )
    if isinstance(expected, Reason):
        assert code(answer) is expected
    else:
        assert answer == tuple(Decimal(amount) for amount in expected)


@pytest.mark.parametrize("legs", [[], [GroupLeg(OPTION, Decimal(0))]])
def test_a_group_without_legs_or_ratio_is_our_bug(legs: list[GroupLeg]) -> None:
    with pytest.raises(ValueError, match="ratios are above 0"):
        quantise_group(Decimal(1), legs=legs)


def reference(case: Any) -> object:
    spec = case["spec"]
    instrument = msgspec.convert(
        {
            **msgspec.to_builtins(OPTION),
            "ticks": {
                "tick": spec["tick"],
                "steps": [{"above_price": above, "tick": tick} for above, tick in spec["steps"]],
            },
            "amount_min": spec["min"],
            "amount_step": spec["step"],
        },
        Instrument,
    )
    if case["what"] == "price":
        return quantise_price(
            Decimal(case["raw"]),
            instrument=instrument,
            side=Side(case["side"]),
            is_aggressive=case["aggressive_exit"],
        )
    return quantise_size(
        Decimal(case["raw"]),
        instrument=instrument,
        role=Role(case["class"]),
        quantity=Amount(Decimal(case["position"])),
    )


def test_the_reference_cases_agree_exactly() -> None:
    cases = json.loads(shared("vectors/quantise.json").read_text())["cases"]
    assert len(cases) == 105
    for case in cases:
        answer = reference(case)
        if case["reject"] is not None:
            assert code(answer) is Reason(case["reject"]), case["id"]
        else:
            assert answer == Decimal(case["out"]), case["id"]
