"""Roles at worst case (DOMAIN §6, C-108)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money import Amount
from bot.domain.order import Role
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.domain.side import Side
from bot.intent.classify import Classified, Pending, Reach, classify, reach
from bot.intent.hedge import HedgeProof
from tests.bot.portfolio.listed import future, listed

OPTION = listed()
BUY, SELL = Side.BUY, Side.SELL


def amount(text: str) -> Amount:
    return Amount(Decimal(text))


def orders(*pairs: tuple[Side, str]) -> list[Pending]:
    return [Pending(side, amount(remaining)) for side, remaining in pairs]


@pytest.mark.rule("C-108")
@pytest.mark.parametrize(
    ("quantity", "pending", "side", "size", "may_open", "expected"),
    [
        ("1", [], SELL, "1", True, (Role.CLOSE, "1")),
        ("1", [], SELL, "0.4", True, (Role.REDUCE, "0.4")),
        ("1", [], SELL, "1.2", False, (Role.CLOSE, "1")),
        ("1", [], SELL, "1.2", True, (Role.OPEN, "1.2")),
        ("1", [], BUY, "0.1", True, (Role.OPEN, "0.1")),
        ("1", [], BUY, "0.1", False, Reason.NOTHING_TO_EXIT),
        ("1", [(SELL, "0.6")], SELL, "0.4", True, (Role.REDUCE, "0.4")),
        ("1", [(SELL, "0.6")], SELL, "0.5", False, (Role.REDUCE, "0.4")),
        ("1", [(SELL, "0.6")], SELL, "0.5", True, (Role.OPEN, "0.5")),
        # An UNKNOWN order counts like a resting one.
        ("1", [(SELL, "1")], SELL, "0.1", False, Reason.NOTHING_TO_EXIT),
        ("1", [(SELL, "3")], SELL, "0.1", False, Reason.NOTHING_TO_EXIT),
        ("0", [(BUY, "1")], SELL, "1", True, (Role.OPEN, "1")),
        ("0", [(BUY, "1")], SELL, "1", False, Reason.NOTHING_TO_EXIT),
        ("-2", [(SELL, "1")], BUY, "2", True, (Role.CLOSE, "2")),
        ("-2", [(BUY, "0.5"), (BUY, "0.5")], BUY, "2", False, (Role.REDUCE, "1")),
        # What is left to exit is less than the venue trades.
        ("0.05", [], SELL, "1", False, Reason.NOTHING_TO_EXIT),
        # A cut lies on the step.
        ("0.25", [], SELL, "1", False, (Role.REDUCE, "0.2")),
    ],
)
def test_an_order_is_an_exit_only_if_it_cannot_flip_the_position(
    quantity: str,
    pending: list[tuple[Side, str]],
    side: Side,
    size: str,
    may_open: bool,
    expected: tuple[Role, str] | Reason,
) -> None:
    answer = classify(
        side,
        amount=amount(size),
        instrument=OPTION,
        quantity=amount(quantity),
        pending=orders(*pending),
        may_open=may_open,
    )
    if isinstance(expected, Reason):
        assert isinstance(answer, Refusal)
        assert answer.reason is expected
    else:
        assert answer == Classified(expected[0], amount(expected[1]))


SIZES = st.integers(1, 50).map(lambda steps: Amount(Decimal(steps) / 10))


@pytest.mark.rule("C-108")
@given(
    st.integers(-50, 50).map(lambda steps: Amount(Decimal(steps) / 10)),
    st.lists(st.builds(Pending, st.sampled_from(Side), SIZES), max_size=4),
    st.sampled_from(Side),
    SIZES,
    st.booleans(),
)
def test_an_exit_never_flips_nor_grows_a_position_at_worst_case(
    quantity: Amount, pending: list[Pending], side: Side, size: Amount, may_open: bool
) -> None:
    answer = classify(
        side,
        amount=size,
        instrument=OPTION,
        quantity=quantity,
        pending=pending,
        may_open=may_open,
    )
    if isinstance(answer, Classified) and answer.role in {Role.CLOSE, Role.REDUCE}:
        same = [order for order in pending if order.side is side]
        ends = reach(quantity, pending=[*same, Pending(side, answer.amount)])
        # Even if everything on its side fills first, the sign stays and nothing grew.
        assert quantity != 0
        assert ends.low >= 0 if quantity > 0 else ends.high <= 0
        assert ends.worst == abs(quantity)
        assert answer.amount <= size


@pytest.mark.rule("C-114")
def test_the_reach_is_every_position_that_fills_can_lead_to() -> None:
    ends = reach(amount("-1"), pending=orders((BUY, "0.4"), (SELL, "0.3"), (SELL, "0.3")))
    assert ends == Reach(amount("-1.6"), amount("-0.6"))
    assert ends.worst == amount("1.6")


@pytest.mark.parametrize("size", ["0", "-1", "NaN", "Infinity"])
def test_an_order_of_nothing_is_our_bug(size: str) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        classify(
            SELL,
            amount=amount(size),
            instrument=OPTION,
            quantity=amount("1"),
            pending=[],
            may_open=True,
        )


PERPETUAL = future()
PROOF = HedgeProof(
    instrument=PERPETUAL.name, delta=0.30, pending=(-0.20,), per_unit=1 / 60000, band=0.5
)


@pytest.mark.rule("C-109")
@pytest.mark.parametrize(
    ("size", "may_open", "expected"),
    [
        ("6000", True, (Role.HEDGE, "6000")),  # −0.10: ends at 0.20 and 0.00
        ("12000", True, (Role.OPEN, "12000")),  # −0.20: the lower end 0.10 becomes −0.10
        ("12000", False, (Role.HEDGE, "6000")),  # cut to −0.10
    ],
)
def test_a_hedge_holds_whatever_becomes_of_the_pending_order(
    size: str, may_open: bool, expected: tuple[Role, str]
) -> None:
    answer = classify(
        SELL,
        amount=amount(size),
        instrument=PERPETUAL,
        quantity=amount("0"),
        pending=[],
        may_open=may_open,
        hedge=PROOF,
    )
    assert answer == Classified(expected[0], amount(expected[1]))


@pytest.mark.rule("C-109")
def test_without_greeks_nothing_is_a_hedge() -> None:
    answer = classify(
        SELL,
        amount=amount("3000"),
        instrument=PERPETUAL,
        quantity=amount("0"),
        pending=[],
        may_open=True,
        hedge=None,
    )
    assert answer == Classified(Role.OPEN, amount("3000"))


def test_the_larger_of_exit_and_hedge_is_kept_when_cutting() -> None:
    answer = classify(
        SELL,
        amount=amount("12000"),
        instrument=PERPETUAL,
        quantity=amount("3000"),
        pending=[],
        may_open=False,
        hedge=PROOF,
    )
    assert answer == Classified(Role.HEDGE, amount("6000"))
