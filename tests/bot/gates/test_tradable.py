"""Only an open book that has not expired takes orders [C-107]."""

import msgspec
import pytest

from bot.domain.instrument import BookState
from bot.domain.reason import Reason
from bot.gates.tradable import check
from tests.bot.gates.world import EXPIRY_MS, OPEN, OPTION, POLICY, facts, intent, reason_of, ticker

SHUT = [state for state in BookState if state is not BookState.OPEN]


@pytest.mark.rule("C-107")
@pytest.mark.parametrize("state", SHUT)
@pytest.mark.parametrize("role", ["OPEN", "CLOSE"])
def test_a_book_that_is_not_open_takes_no_order(state: BookState, role: str) -> None:
    by_definition = facts(instrument=msgspec.structs.replace(OPTION, state=state))
    by_ticker = facts(ticker=ticker(state=state.value))
    for seen in (by_definition, by_ticker):
        answer = check(intent(role=role), seen, POLICY)
        assert answer is not None
        assert answer.reason is Reason.INSTRUMENT_NOT_OPEN
        assert answer.was == state.value


@pytest.mark.rule("C-107")
def test_an_open_book_takes_orders_with_or_without_a_ticker() -> None:
    assert reason_of(check) is None
    assert reason_of(check, OPEN, facts(ticker=None)) is None


@pytest.mark.rule("C-510")
@pytest.mark.parametrize(
    ("now_ms", "expected"),
    [(EXPIRY_MS - 1, None), (EXPIRY_MS, Reason.INSTRUMENT_NOT_OPEN)],
)
def test_the_venues_expiry_timestamp_decides(now_ms: int, expected: Reason | None) -> None:
    assert reason_of(check, OPEN, facts(now_ms=now_ms)) is expected
