"""What sizes an order is known and fresh [C-106] (DOMAIN §5.3)."""

import pytest

from bot.domain.reason import Reason
from bot.gates.metadata import check
from tests.bot.gates.world import OPEN, facts, reason_of


@pytest.mark.rule("C-106")
@pytest.mark.parametrize(
    ("fact", "limit_ms"),
    [
        ("instrument_age_ms", 3_600_000),
        ("index_age_ms", 2_000),
        ("account_age_ms", 10_000),
        ("mark_age_ms", 5_000),
    ],
)
def test_each_age_holds_to_its_limit_and_no_further(fact: str, limit_ms: int) -> None:
    assert reason_of(check, OPEN, facts(**{fact: limit_ms})) is None
    for bad in (limit_ms + 1, None):
        assert reason_of(check, OPEN, facts(**{fact: bad})) is Reason.SIZING_METADATA_STALE
