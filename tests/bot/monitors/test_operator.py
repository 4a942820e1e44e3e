"""In LIVE the operator's own word is one of the proofs [C-303]."""

import pytest

from bot.domain.mode import Environment
from bot.domain.reason import Reason
from bot.monitors.operator import check
from tests.bot.monitors.quiet import reason_of, sight


@pytest.mark.rule("C-303")
@pytest.mark.parametrize("environment", list(Environment))
@pytest.mark.parametrize("confirmed", [False, True])
def test_only_live_waits_for_the_operator(environment: Environment, confirmed: bool) -> None:
    waits = environment is Environment.LIVE and not confirmed
    expected = Reason.STARTING if waits else None
    assert reason_of(check, sight(environment=environment, live_confirmed=confirmed)) is expected
