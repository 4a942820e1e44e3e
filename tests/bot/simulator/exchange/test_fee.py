"""Fees, against the domain's numbers and the reference vectors."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest

from bot.domain.order import Liquidity
from bot.simulator.exchange.fee import delivery_fee, fill_fee
from bot.simulator.exchange.settlement import option_payout
from bot.simulator.number import shown
from tests.bot.simulator.stage import CALL, LINEAR, PERPETUAL, PUT, instrument
from tests.shared import shared

D = Decimal
LINEAR_OPTION = "BTC_USDC-25DEC26-60000-C"
NAMES = {
    "option_inverse": CALL,
    "option_linear": LINEAR_OPTION,
    "future_inverse": PERPETUAL,
    "future_linear": LINEAR,
}


@pytest.mark.parametrize(
    ("name", "price", "amount", "liquidity", "rate", "fee"),
    [
        (CALL, "0.0001", "1", Liquidity.TAKER, "0.0003", "0.0000125"),
        (CALL, "0.0315", "1", Liquidity.TAKER, "0.0003", "0.0003"),
        (CALL, "0.0024", "1", Liquidity.MAKER, "0.0003", "0.0003"),
        (PERPETUAL, "100000", "50000", Liquidity.TAKER, "0.0005", "0.00025"),
        (PERPETUAL, "100000", "50000", Liquidity.MAKER, "-0.0001", "-0.00005"),
    ],
)
def test_a_fill_costs_what_the_domain_says(
    name: str, price: str, amount: str, liquidity: Liquidity, rate: str, fee: str
) -> None:
    traded = instrument(name, maker_rate=D(rate), taker_rate=D(rate))
    assert fill_fee(
        traded, price=D(price), amount=D(amount), index=D(60_000), liquidity=liquidity
    ) == D(fee)


def test_every_fill_of_the_vectors_costs_its_printed_fee() -> None:
    seen = 0
    for case in json.loads(shared("vectors/fees.json").read_text())["cases"]:
        if case["kind"] not in NAMES:
            continue
        traded = instrument(NAMES[case["kind"]], taker_rate=D(case["rate"]))
        fee = fill_fee(
            traded,
            price=D(case["price"]),
            amount=D(case["amount"]),
            index=D(case.get("index", "0")),
            liquidity=Liquidity.TAKER,
        )
        assert fee == D(case["fee"]), case["id"]
        seen += 1
    assert seen > 50


def test_every_delivery_of_the_vectors_pays_and_costs_its_printed_amounts() -> None:
    for case in json.loads(shared("vectors/pnl.json").read_text())["deliveries"]:
        held = instrument(CALL if case["kind"] == "call" else PUT, strike=D(case["strike"]))
        price, size = D(case["delivery_price"]), D(case["position"])
        unit = option_payout(held, delivery=price)
        assert unit == Fraction(case["value_per_unit_exact"])
        assert shown(Fraction(size) * unit) == D(case["cash"]), case["id"]
        fee = delivery_fee(held, size=size, delivery=price, value=unit, period="month")
        assert fee == D(case["fee"]), case["id"]
