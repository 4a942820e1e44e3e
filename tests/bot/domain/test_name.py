"""Instrument names (DOMAIN §1.3) and their agreement with the definition (§1.1)."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from bot.domain.ids import Currency, IndexName, InstrumentName
from bot.domain.instrument import BookState, Instrument, Kind, OptionType
from bot.domain.money import Amount
from bot.domain.name import (
    BadName,
    FutureName,
    Name,
    OptionName,
    PerpetualName,
    check_name,
    parse_name,
    print_name,
)
from bot.domain.tick import TickSchedule

CALL = OptionName(
    pair="BTC",
    expires=date(2026, 6, 5),
    strike=Decimal(70000),
    option_type=OptionType.CALL,
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("BTC-5JUN26-70000-C", CALL),
        (
            "XRP_USDC-30JUN26-0d625-C",
            OptionName(
                pair="XRP_USDC",
                expires=date(2026, 6, 30),
                strike=Decimal("0.625"),
                option_type=OptionType.CALL,
            ),
        ),
        (
            "BTC_USDC-26JUN26-70000-P",
            OptionName(
                pair="BTC_USDC",
                expires=date(2026, 6, 26),
                strike=Decimal(70000),
                option_type=OptionType.PUT,
            ),
        ),
        ("BTC-PERPETUAL", PerpetualName(pair="BTC")),
        ("SOL_USDC-PERPETUAL", PerpetualName(pair="SOL_USDC")),
        ("BTC-25DEC26", FutureName(pair="BTC", expires=date(2026, 12, 25))),
        ("ETH-29FEB28", FutureName(pair="ETH", expires=date(2028, 2, 29))),
    ],
)
def test_a_name_is_read_and_printed_again_to_the_same_text(text: str, name: Name) -> None:
    assert parse_name(text) == name
    assert print_name(name) == text


@pytest.mark.parametrize(
    "text",
    [
        "BTC-05JUN26-70000-C",
        "btc-5JUN26-70000-C",
        "BTC-31FEB26-70000-C",
        "BTC-29FEB26",
        "BTC-5JUN26-70000-X",
        "BTC-5JUN26-070000-C",
        "BTC-5JUN26-0-C",
        "BTC-5JUN26-0d0-C",
        "BTC-5JUN26-00d5-C",
        "BTC-5JUN26-0d-C",
        "BTC-5JUN26-70000",
        "BTC-5JUN26-70000-C ",
        "BTC-5JUN26-70000-C\n",
        "BTC-5JUNE26-70000-C",
        "BTC-5JUM26",
        "BTC-0JUN26",
        "BTC-32JAN26",
        "BTC-5JUN2026",
        "BTC_-PERPETUAL",
        "BTC_USDC_X-PERPETUAL",
        "BTC-perpetual",
        "BTC_USDC",
        "BTC-CS-26JUN26-70000_75000",
        "BTC-FS-26JUN26_PERP",
        "BTC-5JUN26-٧٠٠٠٠-C",
        "",
        "BTC-5JUN26-1" + "0" * 80 + "-C",
    ],
)
def test_a_name_outside_the_grammar_is_refused(text: str) -> None:
    answer = parse_name(text)
    assert isinstance(answer, BadName)
    assert len(answer.was) <= 64


def option(**changes: object) -> Instrument:
    fields: dict[str, object] = {
        "name": InstrumentName("BTC-5JUN26-70000-C"),
        "kind": Kind.OPTION,
        "is_inverse": True,
        "base": Currency("BTC"),
        "currency": Currency("BTC"),
        "index": IndexName("btc_usd"),
        "contract_size": Decimal(1),
        "amount_min": Amount(Decimal("0.1")),
        "amount_step": Amount(Decimal("0.1")),
        "ticks": TickSchedule(tick=Decimal("0.0001")),
        "maker_rate": Decimal("0.0003"),
        "taker_rate": Decimal("0.0003"),
        "state": BookState.OPEN,
        "expiry_ms": 1780646400000,  # 2026-06-05T08:00:00Z
        "strike": Decimal("70000.0"),
        "option_type": OptionType.CALL,
    }
    return msgspec.convert({**fields, **changes}, Instrument)


def test_a_definition_that_agrees_with_its_name_passes() -> None:
    assert check_name(option()) is None


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"name": "BTC-5JUN26-71000-C"}, "strike 71000"),
        ({"name": "BTC-5JUN26-70000-P"}, "type put"),
        ({"name": "BTC-6JUN26-70000-C"}, "expiry 2026-06-06"),
        ({"name": "ETH-5JUN26-70000-C"}, "coin ETH"),
        ({"name": "BTC_USDC-5JUN26-70000-C"}, "settles in USDC"),
        ({"name": "BTC_USDC-5JUN26-70000-C", "currency": "USDC"}, "inverse False"),
        ({"name": "BTC-5JUN26"}, "kind future"),
        ({"name": "BTC-PERPETUAL"}, "kind perpetual"),
    ],
)
def test_a_definition_that_contradicts_its_name_is_refused(
    changes: dict[str, object], what: str
) -> None:
    answer = check_name(option(**changes))
    assert isinstance(answer, BadName)
    assert answer.must.startswith(f"{what}, as ")


def test_a_definition_with_an_unreadable_name_is_refused() -> None:
    assert check_name(option(name="BTC-5JUN26-70000-X")) == BadName(
        was="BTC-5JUN26-70000-X", must="a name of the venue's grammar"
    )
