"""Old prices are no prices [C-709]: after 30 s it is a cause (DOMAIN §8.2, drill 9)."""

import msgspec
import pytest

from bot.domain.reason import Reason
from bot.monitors.prices import check
from tests.bot.monitors.quiet import POLICY, reason_of, sight


@pytest.mark.rule("C-709")
@pytest.mark.parametrize(
    ("age_ms", "expected"),
    [(0, None), (30_000, None), (30_001, Reason.DATA_STALE), (None, Reason.NO_PRICE)],
)
def test_an_index_that_is_silent_for_half_a_minute_shuts_opens(
    age_ms: int | None, expected: Reason | None
) -> None:
    assert reason_of(check, sight(index_age_ms=age_ms)) is expected


@pytest.mark.rule("C-709")
def test_a_policy_that_is_more_patient_is_obeyed() -> None:
    patient = msgspec.structs.replace(POLICY.execution, index_ms_max=40_000)
    policy = msgspec.structs.replace(POLICY, execution=patient)
    assert check(sight(index_age_ms=40_000), policy) is None
    assert check(sight(index_age_ms=40_001), policy) is not None
