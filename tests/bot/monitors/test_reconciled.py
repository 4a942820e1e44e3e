"""Orders and positions are proven at the venue, on this very connection [C-303, C-501]."""

from typing import Any

import pytest

from bot.domain.reason import Reason
from bot.monitors.reconciled import check
from tests.bot.monitors.quiet import reason_of, sight


@pytest.mark.rule("C-303")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"differences": ("BTC-PERPETUAL: ours 10, theirs 0",)}, Reason.NOT_RECONCILED),
        ({"differences": ("x",), "is_delivering": True}, Reason.EXPIRY_WINDOW),
        ({"recon_failures": ("positions: no answer",)}, Reason.RECON_FAILED),
        ({"epoch": 4}, Reason.NOT_RECONCILED),  # a new connection voids the old proof
        ({"epoch": 2}, Reason.NOT_RECONCILED),
        ({"was_proven": False, "proven_epoch": 0}, Reason.STARTING),
        ({"was_proven": False, "proven_epoch": 0, "epoch": 0}, Reason.STARTING),
    ],
)
def test_only_a_good_comparison_of_this_connection_opens(
    changes: dict[str, Any], expected: Reason | None
) -> None:
    assert reason_of(check, sight(**changes)) is expected
