"""The fold, against the numbers of the domain and the reference vectors."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest

from bot.domain.instant import HOUR_MS
from bot.simulator.exchange.lot import FLAT, Lot, average, fold, unrealised
from bot.simulator.exchange.position import Position, funded
from bot.simulator.number import shown
from tests.shared import shared

D = Decimal


def folded(fills: list[tuple[str, str]], *, in_usd: bool) -> tuple[Lot, Fraction]:
    lot, realised = FLAT, Fraction(0)
    for signed, price in fills:
        lot, gained = fold(lot, signed=D(signed), price=D(price), in_usd=in_usd)
        realised += gained
    return lot, realised


@pytest.mark.parametrize(
    ("fills", "in_usd", "size", "mean", "realised"),
    [
        ([("10000", "50000"), ("10000", "100000")], True, "20000", "66666.66666667", "0"),
        ([("10000", "50000"), ("-15000", "40000")], True, "-5000", "40000", "-0.05"),
        ([("10000", "50000"), ("-10000", "60000")], True, "0", "0", "0.03333333"),
        ([("0.3", "0.05"), ("-0.5", "0.06")], False, "-0.2", "0.06", "0.003"),
        ([("-10", "91701.5"), ("10", "92037")], True, "0", "0", "-0.0000004"),
    ],
)
def test_fills_fold_as_in_the_domain_examples(
    fills: list[tuple[str, str]], in_usd: bool, size: str, mean: str, realised: str
) -> None:
    lot, gained = folded(fills, in_usd=in_usd)
    assert lot.quantity == D(size)
    assert shown(average(lot, in_usd=in_usd)) == D(mean)
    assert shown(gained, places=7 if realised == "-0.0000004" else 8) == D(realised)


def test_unrealised_of_the_flipped_option_is_the_example_s() -> None:
    lot, _ = folded([("0.3", "0.05"), ("-0.5", "0.06")], in_usd=False)
    assert unrealised(lot, mark=D("0.055"), in_usd=False) == Fraction(1, 1000)


def test_every_sequence_of_the_vectors_folds_to_its_printed_digits() -> None:
    for case in json.loads(shared("vectors/pnl.json").read_text())["cases"]:
        in_usd = case["kind"] == "future_inverse"
        seen: dict[str, tuple[str, str]] = {}
        for fill in case["fills"]:
            sign = "" if fill["side"] == "buy" else "-"
            seen.setdefault(fill["trade_id"], (sign + fill["amount"], fill["price"]))
        lot, realised = folded(list(seen.values()), in_usd=in_usd)
        out = case["out"]
        assert lot.quantity == D(out["size"]), case["id"]
        assert shown(average(lot, in_usd=in_usd)) == D(out["average_price"]), case["id"]
        assert shown(realised) == D(out["realised"]), case["id"]
        floating = unrealised(lot, mark=D(case["mark"]), in_usd=in_usd)
        assert shown(floating) == D(out["unrealised"]), case["id"]


def test_funding_of_the_vectors_is_charged_exactly() -> None:
    for case in json.loads(shared("vectors/pnl.json").read_text())["funding"]:
        span = Fraction(int(Fraction(case["hours"]) * HOUR_MS), 8 * HOUR_MS)
        running = Fraction(case["rate_8h"]) / Fraction(case["index"]) * span
        position = Position(
            instrument="BTC-PERPETUAL",  # type: ignore[arg-type]  # a name as good as any
            life=Lot(quantity=D(case["position_usd"]), cost=Fraction(1)),
        )
        assert shown(funded(position, running=running).funding) == D(case["cash_coin"]), case["id"]
