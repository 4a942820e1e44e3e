"""The fee model (DOMAIN §3.4)."""

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest

from bot.domain.instrument import Kind, OptionType
from bot.domain.money import Amount, Coin, Price
from bot.domain.order import Liquidity
from bot.domain.report import Fill
from bot.portfolio.fee import delivery_fee, expected_fee, is_fee_as_expected
from tests.bot.portfolio.listed import KINDS, future, option
from tests.shared import shared


def amount(text: str) -> Amount:
    return Amount(Decimal(text))


def price(text: str) -> Price:
    return Price(Decimal(text))


@pytest.mark.parametrize(
    ("paid", "size", "fee"),
    [
        ("0.0001", "1", "0.0000125"),
        ("0.0315", "1", "0.0003"),
        ("0.0024", "1", "0.0003"),
        ("0.0023", "1", "0.0002875"),
    ],
)
def test_the_option_fee_is_capped_at_an_eighth_of_the_price(paid: str, size: str, fee: str) -> None:
    assert expected_fee(
        KINDS["option_inverse"], amount=amount(size), price=price(paid), liquidity=Liquidity.TAKER
    ) == Decimal(fee)


@pytest.mark.parametrize(
    ("liquidity", "fee"), [(Liquidity.TAKER, "0.00025"), (Liquidity.MAKER, "-0.00005")]
)
def test_the_perpetual_fee_goes_by_who_was_there_first(liquidity: Liquidity, fee: str) -> None:
    rebated = future(maker_rate="-0.0001")
    assert expected_fee(
        rebated, amount=amount("50000"), price=price("100000"), liquidity=liquidity
    ) == Decimal(fee)


def test_a_linear_option_without_an_index_has_no_fee() -> None:
    with pytest.raises(ValueError, match="needs the index"):
        expected_fee(
            KINDS["option_linear"],
            amount=amount("1"),
            price=price("900"),
            liquidity=Liquidity.TAKER,
        )


@pytest.mark.parametrize(
    ("paid", "fee", "is_expected"),
    [
        ("91701.5", "6.0e-8", True),
        ("92037", "5.0e-8", True),
        ("92037", "4.0e-8", False),
        ("92037", "8.0e-8", False),
        ("92037", "-6.0e-8", False),
    ],
)
def test_the_recorded_fees_are_as_expected_and_others_are_not(
    paid: str, fee: str, is_expected: bool
) -> None:
    fill = msgspec.convert(
        {
            "type": "fill",
            "instrument": "BTC-PERPETUAL",
            "trade_id": "1",
            "order_id": "1",
            "label": None,
            "at_ms": 1,
            "side": "buy",
            "price": paid,
            "amount": "10",
            "fee": fee,
            "fee_currency": "BTC",
            "liquidity": "T",
            "mark": paid,
            "index": paid,
        },
        Fill,
    )
    assert is_fee_as_expected(fill, KINDS["future_inverse"]) is is_expected


def test_a_future_is_delivered_for_a_part_of_its_coins() -> None:
    dated = future(Kind.FUTURE)
    at = price("50000")
    paid = delivery_fee(dated, amount=amount("10000"), value=Fraction(at), delivery_price=at)
    assert paid == Decimal("0.00005")  # 10000 USD are 0.2 coin
    free = delivery_fee(
        dated, amount=amount("10000"), value=Fraction(at), delivery_price=at, rate=Decimal(0)
    )
    assert free == 0


def reference_fee(case: Any) -> Coin:
    size, paid = amount(case["amount"]), price(case["price"])
    index = price(case["index"]) if "index" in case else None
    if case["kind"].startswith("delivery_option"):
        is_inverse = case["kind"].endswith("inverse")
        return delivery_fee(
            option(OptionType.CALL, "60000", is_inverse=is_inverse),
            amount=size,
            value=Fraction(paid),
            delivery_price=index or price("1"),
            rate=Decimal(case["rate"]),
        )
    charged = msgspec.structs.replace(KINDS[case["kind"]], taker_rate=Decimal(case["rate"]))
    return expected_fee(charged, amount=size, price=paid, liquidity=Liquidity.TAKER, index=index)


def test_the_reference_fees_agree_to_the_last_digit() -> None:
    cases = json.loads(shared("vectors/fees.json").read_text())["cases"]
    assert len(cases) == 74
    for case in cases:
        assert reference_fee(case) == Decimal(case["fee"]), case["id"]
