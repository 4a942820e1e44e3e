"""Nothing is opened beside an exit of the guard's."""

import pytest

from bot.domain.reason import Reason
from bot.monitors.closing import check
from tests.bot.core.desk import POLICY
from tests.bot.monitors.quiet import sight


@pytest.mark.rule("C-402", "C-403")
def test_a_closing_shuts_opens_and_a_group_s_excess_is_named_as_such():
    assert check(sight(), POLICY) is None
    cause = check(sight(closings=("buy 0.1 C",)), POLICY)
    assert cause is not None
    assert (cause.reason, cause.detail) == (Reason.CLOSING, "buy 0.1 C")
    broken = check(sight(closings=("buy 0.1 C",), broken_groups=("buy 0.2 P",)), POLICY)
    assert broken is not None
    assert (broken.reason, broken.detail) == (Reason.GROUP_BROKEN, "buy 0.2 P")
