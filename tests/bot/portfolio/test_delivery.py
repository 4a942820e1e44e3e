"""What expiry does to a position (DOMAIN §3.3, C-510)."""

import json
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest

from bot.domain.instrument import Instrument, Kind, OptionType
from bot.domain.money import Amount, Coin, Price
from bot.domain.ratio import ratio_of, ratio_text, shown
from bot.portfolio.delivery import deliver, option_value
from bot.portfolio.position import FLAT, Position, cash_moved, lot_value
from tests.bot.portfolio.listed import future, option
from tests.shared import shared

CALL, PUT = OptionType.CALL, OptionType.PUT


def price(text: str) -> Price:
    return Price(Decimal(text))


def held(instrument: Instrument, quantity: str, *, at: str) -> Position:
    amount = Amount(Decimal(quantity))
    cost = lot_value(amount, price=Decimal(at), of=instrument)
    return Position(quantity=amount, cost=ratio_text(cost))


def cash_of_delivery(before: Position, after: Position, instrument: Instrument) -> Fraction:
    fee = Fraction(after.fees) - Fraction(before.fees)
    return cash_moved(after, instrument) - cash_moved(before, instrument) + fee


@pytest.mark.rule("C-510")
@pytest.mark.parametrize(
    ("option_type", "strike", "quantity", "at", "cash", "fee"),
    [
        (CALL, "60000", "-1", "63000", "-0.04761905", "0.00015"),
        (CALL, "60000", "2.5", "57000", "0", "0"),
        (CALL, "100000", "1", "125000", "0.2", "0.00015"),
        (PUT, "60000", "-0.3", "57000", "-0.01578947", "0.000045"),
    ],
)
def test_an_option_is_paid_out_once_and_gone(
    option_type: OptionType, strike: str, quantity: str, at: str, cash: str, fee: str
) -> None:
    instrument = option(option_type, strike)
    before = held(instrument, quantity, at="0.02")
    after = deliver(before, instrument, delivery_price=price(at))
    assert (after.quantity, after.cost) == (Decimal(0), "0/1")
    assert shown(cash_of_delivery(before, after, instrument)) == Decimal(cash)
    assert after.fees == Decimal(fee)
    assert deliver(after, instrument, delivery_price=price(at)) == after


def test_a_delivered_option_realises_its_pay_out_against_its_average() -> None:
    instrument = option(CALL, "60000")
    after = deliver(held(instrument, "-1", at="0.02"), instrument, delivery_price=price("63000"))
    assert ratio_of(after.realised) == Fraction("0.02") - Fraction(1, 21)


def test_a_linear_option_is_paid_in_dollars() -> None:
    instrument = option(CALL, "60000", is_inverse=False)
    assert option_value(instrument, delivery_price=price("63000")) == 3000
    after = deliver(held(instrument, "2", at="900"), instrument, delivery_price=price("63000"))
    # min(0.00015 · 63000, 0.125 · 3000) = 9.45 a unit
    assert after.fees == Decimal("18.9")
    assert ratio_of(after.realised) == 2 * (3000 - 900)


def test_an_inverse_future_is_closed_at_the_delivery_price() -> None:
    dated = future(Kind.FUTURE)
    after = deliver(held(dated, "10000", at="50000"), dated, delivery_price=price("60000"))
    assert after.realised == "1/30"
    assert after.fees == Decimal("0.00004167")  # 0.00025 of 1/6 coin, up


def test_a_daily_option_is_delivered_free() -> None:
    instrument = option(CALL, "60000")
    after = deliver(
        held(instrument, "1", at="0.02"),
        instrument,
        delivery_price=price("63000"),
        fee_rate=Decimal(0),
    )
    assert after.fees == 0


def test_earlier_fees_stay() -> None:
    instrument = option(CALL, "60000")
    before = msgspec.structs.replace(held(instrument, "1", at="0.02"), fees=Coin(Decimal("0.0003")))
    after = deliver(before, instrument, delivery_price=price("63000"))
    assert after.fees == Decimal("0.00045")


def test_nothing_is_delivered_that_does_not_expire_or_at_no_price() -> None:
    perpetual, dated = future(), future(Kind.FUTURE)
    with pytest.raises(ValueError, match="does not expire"):
        deliver(held(perpetual, "10", at="50000"), perpetual, delivery_price=price("60000"))
    with pytest.raises(ValueError, match="must be above 0"):
        deliver(held(dated, "10", at="50000"), dated, delivery_price=price("0"))
    with pytest.raises(ValueError, match="is no option"):
        option_value(dated, delivery_price=price("60000"))
    assert deliver(FLAT, perpetual, delivery_price=price("60000")) == FLAT


def test_the_reference_deliveries_agree_to_the_last_digit() -> None:
    cases = json.loads(shared("vectors/pnl.json").read_text())["deliveries"]
    assert len(cases) == 6
    for case in cases:
        instrument = option(OptionType(case["kind"]), case["strike"])
        at = price(case["delivery_price"])
        value = option_value(instrument, delivery_price=at)
        assert value == Fraction(case["value_per_unit_exact"]), case["id"]
        before = held(instrument, case["position"], at="0.02")
        after = deliver(before, instrument, delivery_price=at)
        paid = cash_of_delivery(before, after, instrument)
        assert shown(paid) == Decimal(case["cash"]), case["id"]
        assert after.fees == Decimal(case["fee"]), case["id"]
        assert shown(paid) - after.fees == Decimal(case["cash_after_fee"]), case["id"]
