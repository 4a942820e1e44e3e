"""The venue itself may have stopped trading [C-508]."""

import pytest

from bot.domain.reason import Reason
from bot.monitors.platform import check
from tests.bot.monitors.quiet import line, reason_of, sight


@pytest.mark.rule("C-508")
@pytest.mark.parametrize(("locked", "expected"), [(False, None), (True, Reason.VENUE_LOCKED)])
def test_a_locked_platform_shuts_opens(locked: bool, expected: Reason | None) -> None:
    assert reason_of(check, sight(is_locked=locked)) is expected


@pytest.mark.rule("C-508")
@pytest.mark.parametrize("locked", [False, True])
def test_maintenance_is_named_as_what_it_is(locked: bool) -> None:
    seen = sight(is_locked=locked, is_in_maintenance=True)
    assert reason_of(check, seen) is Reason.VENUE_MAINTENANCE


@pytest.mark.rule("C-508")
@pytest.mark.parametrize(("put_off", "expected"), [(False, None), (True, Reason.VENUE_MAINTENANCE)])
def test_a_login_that_was_put_off_for_a_maintenance_says_so(
    put_off: bool, expected: Reason | None
) -> None:
    assert reason_of(check, line(is_in_maintenance=put_off)) is expected
