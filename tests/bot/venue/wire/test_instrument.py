import json
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.instrument import BookState, Instrument, Kind, OptionType
from bot.venue.undecodable import UndecodableError
from bot.venue.wire.instrument import decode_instruments

OPTION: dict[str, Any] = {
    "instrument_name": "BTC-15SEP26-77000-C",
    "kind": "option",
    "state": "open",
    "price_index": "btc_usd",
    "maker_commission": 0.0003,
    "taker_commission": 0.0003,
    "instrument_type": "reversed",
    "expiration_timestamp": 1789459200000,
    "is_active": True,
    "contract_size": 1.0,
    "tick_size": 0.0001,
    "strike": 77000.0,
    "option_type": "call",
    "min_trade_amount": 0.1,
    "settlement_currency": "BTC",
    "settlement_period": "day",
    "base_currency": "BTC",
    "lot_size": 1,
    "tick_size_steps": [
        {"tick_size": 0.001, "above_price": 0.05},
        {"tick_size": 0.0005, "above_price": 0.005},
    ],
}
PERPETUAL: dict[str, Any] = {
    "instrument_name": "BTC-PERPETUAL",
    "kind": "future",
    "price_index": "btc_usd",
    "maker_commission": 0.0,
    "taker_commission": 0.0005,
    "instrument_type": "reversed",
    "expiration_timestamp": 32503708800000,
    "is_active": True,
    "contract_size": 10.0,
    "tick_size": 0.5,
    "min_trade_amount": 10.0,
    "settlement_currency": "BTC",
    "settlement_period": "perpetual",
    "base_currency": "BTC",
    "tick_size_steps": [],
}


def decoded(*rows: dict[str, Any]) -> tuple[Instrument, ...]:
    return decode_instruments(json.dumps(rows).encode())


def test_option_has_its_strike_its_step_and_its_ticks_in_order() -> None:
    (option,) = decoded(OPTION)
    assert (option.kind, option.option_type) == (Kind.OPTION, OptionType.CALL)
    assert option.strike == 77_000
    assert option.amount_step == Decimal("0.1")  # `lot_size` is 1 and is no step
    assert [step.above_price for step in option.ticks.steps] == [Decimal("0.005"), Decimal("0.05")]
    assert option.expiry_ms == 1_789_459_200_000


def test_perpetual_has_no_expiry_and_steps_by_the_contract() -> None:
    (perpetual,) = decoded(PERPETUAL | {"min_trade_amount": 20.0})
    assert perpetual.kind is Kind.PERPETUAL
    assert perpetual.expiry_ms is None
    assert perpetual.amount_min == Decimal(20)
    assert perpetual.amount_step == Decimal(10)
    assert perpetual.state is BookState.OPEN  # no `state` on test servers, but active


def test_linear_perpetual_steps_by_its_minimum() -> None:
    row = PERPETUAL | {"instrument_type": "linear", "min_trade_amount": 0.001, "contract_size": 1}
    (perpetual,) = decoded(row)
    assert perpetual.is_inverse is False
    assert perpetual.amount_step == Decimal("0.001")


@pytest.mark.parametrize(
    ("state", "is_active", "expected"),
    [
        ("open", True, BookState.OPEN),
        ("open", False, BookState.INACTIVE),
        ("settlement", True, BookState.SETTLEMENT),
        ("new word", True, BookState.UNKNOWN),
        (None, False, BookState.INACTIVE),
    ],
)
def test_book_is_open_only_where_both_fields_say_so(
    state: str | None, is_active: bool, expected: BookState
) -> None:
    (option,) = decoded(OPTION | {"state": state, "is_active": is_active})
    assert option.state is expected


def test_what_we_never_trade_is_left_out_unread() -> None:
    others = [
        {"kind": "spot", "instrument_name": "BTC_USDC"},
        {"kind": "option_combo", "instrument_type": "reversed"},
        {"kind": "perpetual_swaption", "instrument_type": "reversed"},
        {"kind": "future", "instrument_type": "quanto"},
    ]
    assert [one.name for one in decoded(*others, PERPETUAL)] == ["BTC-PERPETUAL"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"strike": None},
        {"option_type": "digital"},
        {"tick_size": 0},
        {"settlement_currency": None},
        {"contract_size": "NaN"},
    ],
)
def test_one_broken_definition_fails_the_whole_list(wrong: dict[str, Any]) -> None:
    with pytest.raises(UndecodableError):
        decoded(PERPETUAL, OPTION | wrong)
