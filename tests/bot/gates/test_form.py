"""Forms of order that are never sent [C-107]."""

import pytest

from bot.domain.reason import Reason
from bot.gates.form import check
from tests.bot.gates.world import NOW_MS, book, facts, intent, reason_of


@pytest.mark.rule("C-107")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"time_in_force": "immediate_or_cancel"}, None),
        ({"post_only": True, "price": "0.0140"}, None),
        ({"post_only": True, "time_in_force": "immediate_or_cancel"}, Reason.ILLEGAL_ORDER),
        ({"post_only": True, "time_in_force": "fill_or_kill"}, Reason.ILLEGAL_ORDER),
        ({"role": "CLOSE", "reduce_only": True}, None),
        ({"role": "CLOSE"}, Reason.ILLEGAL_ORDER),
        ({"role": "REDUCE"}, Reason.ILLEGAL_ORDER),
        ({"role": "HEDGE"}, None),  # a hedge may open its own instrument
        ({"role": "CANCEL"}, Reason.ILLEGAL_ORDER),
    ],
)
def test_illegal_combinations_are_refused(
    changes: dict[str, object], expected: Reason | None
) -> None:
    assert reason_of(check, intent(**changes)) is expected


@pytest.mark.rule("C-208")
@pytest.mark.parametrize(
    ("ahead_ms", "expected"),
    [
        (1, None),
        (5_000, None),
        (0, Reason.ILLEGAL_ORDER),
        (-1, Reason.ILLEGAL_ORDER),
        (5_001, Reason.ILLEGAL_ORDER),
    ],
)
def test_the_fence_stands_ahead_and_not_far(ahead_ms: int, expected: Reason | None) -> None:
    assert reason_of(check, intent(valid_until_ms=NOW_MS + ahead_ms)) is expected


@pytest.mark.rule("C-107")
@pytest.mark.parametrize(
    ("side", "price", "expected"),
    [
        ("sell", "0.0140", None),
        ("sell", "0.0135", Reason.POST_ONLY_WOULD_TAKE),
        ("sell", "0.0130", Reason.POST_ONLY_WOULD_TAKE),
        ("buy", "0.0140", None),
        ("buy", "0.0145", Reason.POST_ONLY_WOULD_TAKE),
        ("buy", "0.0150", Reason.POST_ONLY_WOULD_TAKE),
    ],
)
def test_post_only_never_takes(side: str, price: str, expected: Reason | None) -> None:
    assert reason_of(check, intent(side=side, price=price, post_only=True)) is expected
    assert reason_of(check, intent(side=side, price=price, post_only=False)) is None


def test_post_only_into_nothing_takes_nothing() -> None:
    maker = intent(post_only=True)
    for empty in (None, book(bids=())):
        assert reason_of(check, maker, facts(book=empty)) is None
