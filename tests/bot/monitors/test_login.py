"""A key that is refused three times in a row is lost (DOMAIN §8.2, drill 28)."""

import pytest

from bot.domain.reason import Reason
from bot.monitors.login import check
from tests.bot.monitors.quiet import POLICY, line, reason_of, sight


@pytest.mark.rule("C-006")
@pytest.mark.parametrize(
    ("refusals", "expected"), [(0, None), (2, None), (3, Reason.AUTH_LOST), (4, Reason.AUTH_LOST)]
)
def test_three_refusals_in_a_row_are_definite(refusals: int, expected: Reason | None) -> None:
    assert reason_of(check, line(refusals=refusals, refusal="13004")) is expected


@pytest.mark.rule("C-006")
def test_the_cause_tells_the_venue_s_words() -> None:
    cause = check(line(refusals=3, refusal="auth refused: 13004 invalid_credentials"), POLICY)
    assert cause is not None
    assert cause.detail == "auth refused: 13004 invalid_credentials"
    assert reason_of(check, sight(observed=None)) is None
