"""The hedge proof (DOMAIN §6, C-109)."""

from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import InstrumentName
from bot.domain.money import Amount
from bot.domain.side import Side
from bot.intent.hedge import HedgeProof, hedge_proves, largest_hedge
from tests.bot.portfolio.listed import future

PERPETUAL = future()
BUY, SELL = Side.BUY, Side.SELL
PROOF = HedgeProof(
    instrument=PERPETUAL.name, delta=0.30, pending=(-0.20,), per_unit=1 / 60000, band=0.5
)


def proves(proof: HedgeProof, side: Side, size: str) -> bool:
    return hedge_proves(proof, side=side, amount=Amount(Decimal(size)), instrument=PERPETUAL)


def most(proof: HedgeProof, side: Side, size: str) -> Decimal:
    return largest_hedge(proof, side=side, amount=Amount(Decimal(size)), instrument=PERPETUAL)


@pytest.mark.rule("C-109")
@pytest.mark.parametrize(
    ("change", "side", "size", "is_hedge"),
    [
        ({}, SELL, "6000", True),
        ({}, SELL, "12000", False),
        ({}, BUY, "10", False),
        ({"band": 0.19}, SELL, "6000", False),  # 0.20 is left if the pending order never fills
        ({"band": 0.21}, SELL, "6000", True),
        ({"pending": ()}, SELL, "18000", True),
        ({"pending": ()}, SELL, "18009", True),  # past zero by less than a step
        ({"pending": ()}, SELL, "18020", False),  # by two steps
        ({"pending": (-0.40,)}, SELL, "600", False),  # the low end is below zero already
        ({"pending": (-0.40, 0.5)}, BUY, "600", False),
        ({"delta": -0.3, "pending": (0.2,)}, BUY, "6000", True),
        ({"delta": 0.0, "pending": ()}, SELL, "10", False),
        ({"delta": float("nan")}, SELL, "6000", False),
        ({"pending": (float("inf"),)}, SELL, "6000", False),
        ({"pending": (float("nan"),)}, SELL, "6000", False),
        ({"band": float("inf")}, SELL, "6000", False),
        ({"per_unit": float("nan")}, SELL, "6000", False),
        ({"per_unit": 0.0}, SELL, "6000", False),
        ({"instrument": InstrumentName("ETH-PERPETUAL")}, SELL, "6000", False),
    ],
)
def test_a_hedge_is_proven_at_both_ends_or_not_at_all(
    change: dict[str, object], side: Side, size: str, is_hedge: bool
) -> None:
    assert proves(replace(PROOF, **change), side, size) is is_hedge  # type: ignore[arg-type]  # rows differ in type


@pytest.mark.rule("C-109")
@pytest.mark.parametrize(
    ("change", "side", "size", "expected"),
    [
        ({}, SELL, "12000", "6000"),
        ({}, SELL, "3000", "3000"),
        ({}, BUY, "3000", "0"),
        ({"pending": (-0.40,)}, SELL, "600", "0"),
        ({"delta": 0.37, "pending": ()}, SELL, "99999", "22200"),  # DOMAIN §10.4
        ({"delta": 0.37, "pending": (), "per_unit": 1 / 60001.7}, SELL, "99999", "22200"),
        ({"delta": 0.0001, "pending": ()}, SELL, "99999", "0"),  # 6 USD are below the step
        ({"band": 0.01, "pending": ()}, SELL, "99999", "18000"),
        ({"band": 0.01}, SELL, "99999", "0"),
        ({"delta": float("nan")}, SELL, "600", "0"),
    ],
)
def test_a_hedge_is_cut_to_zero_delta_at_the_nearer_end(
    change: dict[str, object], side: Side, size: str, expected: str
) -> None:
    assert most(replace(PROOF, **change), side, size) == Decimal(expected)  # type: ignore[arg-type]  # rows differ in type


DELTAS = st.floats(-2, 2).map(lambda value: round(value, 3))


@pytest.mark.rule("C-109")
@given(
    DELTAS,
    st.lists(DELTAS, max_size=4).map(tuple),
    st.sampled_from(Side),
    st.integers(1, 20_000).map(lambda steps: Amount(Decimal(steps * 10))),
)
def test_no_corner_of_fills_sees_delta_rise_past_a_step(
    delta: float, pending: tuple[float, ...], side: Side, size: Amount
) -> None:
    proof = HedgeProof(
        instrument=PERPETUAL.name, delta=delta, pending=pending, per_unit=1 / 60000, band=1.0
    )
    cut = largest_hedge(proof, side=side, amount=size, instrument=PERPETUAL)
    assert cut <= size
    for hedged in (cut, size if hedge_proves_of(proof, side, size) else Decimal(0)):
        change = side.sign * float(hedged) / 60000
        if change == 0:
            continue
        for fills in product((0, 1), repeat=len(pending)):
            before = delta + sum(f * d for f, d in zip(fills, pending, strict=True))
            for part in (0.5, 1.0):
                after = before + part * change
                assert abs(after) <= abs(before) + 1e-9
            assert abs(before + change) <= 1.0 + 1e-9


def hedge_proves_of(proof: HedgeProof, side: Side, size: Amount) -> bool:
    return hedge_proves(proof, side=side, amount=size, instrument=PERPETUAL)
