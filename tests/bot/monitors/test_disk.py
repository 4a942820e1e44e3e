"""Watermarks of the disk: 512 MB shuts opens, 128 MB forces REDUCE_ONLY (the shipped policy)."""

import pytest

from bot.domain.reason import Reason
from bot.monitors.disk import full, low
from tests.bot.monitors.quiet import machine, reason_of, sight

MB = 1_000_000


@pytest.mark.rule("C-907")
@pytest.mark.parametrize(
    ("figures", "soft", "hard"),
    [
        ({"bytes_free": 512 * MB}, None, None),
        ({"bytes_free": 512 * MB - 1}, Reason.DISK_LOW, None),
        ({"bytes_free": 128 * MB}, Reason.DISK_LOW, None),
        ({"bytes_free": 128 * MB - 1}, Reason.DISK_LOW, Reason.DISK_FULL),
        ({"bytes_free": 0}, Reason.DISK_LOW, Reason.DISK_FULL),
        ({"bytes_free": None}, Reason.DISK_LOW, None),  # nobody knows
        ({"entries_free": 10_000}, None, None),
        ({"entries_free": 9_999}, Reason.DISK_LOW, None),
        ({"entries_free": 1_000}, Reason.DISK_LOW, None),
        ({"entries_free": 999}, Reason.DISK_LOW, Reason.DISK_FULL),
        ({"entries_free": None}, None, None),  # a file system without such a count
        ({"reserve_fault": "the file is gone"}, Reason.DISK_LOW, None),
    ],
)
def test_each_probe_has_a_soft_and_a_hard_mark(
    figures: dict[str, int | str | None], soft: Reason | None, hard: Reason | None
) -> None:
    seen = machine(**figures)
    assert (reason_of(low, seen), reason_of(full, seen)) == (soft, hard)


@pytest.mark.rule("C-907")
def test_that_nobody_has_looked_is_another_cause() -> None:
    assert reason_of(low, sight(observed=None)) is None
    assert reason_of(full, sight(observed=None)) is None
