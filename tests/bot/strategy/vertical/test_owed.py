"""What a put spread owes, and the size that follows (DOMAIN §9.3)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money import Price
from bot.strategy.vertical.owed import owed, size_of
from bot.strategy.vertical.params import VerticalParams

HIGH, LOW = Decimal(56000), Decimal(52000)


@pytest.mark.rule("C-909")
@pytest.mark.parametrize(
    ("settled", "coin"),
    [
        ("30000", "0.13333333"),
        ("54000", "0.03703704"),
        ("56000", "0"),
        ("60000", "0"),
        ("52000", "0.07692308"),
    ],
)
def test_the_spread_owes_more_coin_the_lower_it_settles(settled: str, coin: str) -> None:
    found = owed(short=HIGH, long=LOW, settled=Decimal(settled))
    assert round(found, 8) == Decimal(coin)


@given(st.integers(1, 100_000), st.integers(1, 100_000))
def test_no_lower_index_owes_less(one: int, other: int) -> None:
    lower, higher = sorted((Decimal(one), Decimal(other)))
    assert owed(short=HIGH, long=LOW, settled=lower) >= owed(short=HIGH, long=LOW, settled=higher)


@pytest.mark.rule("C-909")
@pytest.mark.parametrize(
    ("index", "loss", "size"),
    [
        # The index halves to 30000, where one coin of the spread owes 2/15 of a coin.
        ("60000", "0.04", "0.3"),
        ("60000", "0.02", "0.15"),
        ("60000", "1", "0.5"),  # the most there may be
        # Halved to 54000 it owes 1/27 of a coin.
        ("108000", "0.01", "0.27"),
        ("120000", "0.01", "0.5"),  # even halved it owes nothing
    ],
)
def test_the_size_is_what_may_be_lost_when_the_index_halves(
    index: str, loss: str, size: str
) -> None:
    params = VerticalParams(size_max=Decimal("0.5"), loss_coin_max=Decimal(loss))
    found = size_of(params, short=HIGH, long=LOW, index=Price(Decimal(index)))
    assert round(found, 12) == Decimal(size)
