"""20 trades a minute on one side of one instrument [C-115]."""

import pytest

from bot.domain.ids import InstrumentName
from bot.domain.reason import Reason
from bot.domain.recent import Recent
from bot.domain.side import Side
from bot.gates.repeated import check
from tests.bot.gates.world import NOW_MS, OPEN, facts, reason_of

ELSEWHERE = InstrumentName("BTC-1JAN27-1-C")


def happened(
    count: int,
    *,
    age_ms: int = 1_000,
    side: Side = OPEN.side,
    instrument: InstrumentName = OPEN.instrument,
) -> tuple[Recent, ...]:
    return (Recent(NOW_MS - age_ms, instrument, side),) * count


@pytest.mark.rule("C-115")
@pytest.mark.parametrize(
    ("lately", "expected"),
    [
        ((), None),
        (happened(19), None),
        (happened(20), Reason.REPEATED_EXECUTION),
        (happened(20, age_ms=59_999), Reason.REPEATED_EXECUTION),
        (happened(20, age_ms=60_000), None),  # a minute ago no longer counts
        (happened(20, side=OPEN.side.opposite), None),
        (happened(20, instrument=ELSEWHERE), None),
    ],
)
def test_a_minute_of_one_side_of_one_instrument_has_its_number(
    lately: tuple[Recent, ...], expected: Reason | None
) -> None:
    assert reason_of(check, OPEN, facts(executions=lately)) is expected
