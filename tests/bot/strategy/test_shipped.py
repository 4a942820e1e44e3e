"""The strategies that ship [C-909]."""

import pytest

from bot.domain.mode import Mode
from bot.strategy.shipped import SHIPPED
from tests.bot.strategy.scene import NOW_MS, view


@pytest.mark.rule("C-909")
def test_each_is_found_by_its_own_name_and_takes_its_defaults() -> None:
    assert set(SHIPPED) == {"heartbeat", "strangle", "vertical"}
    for name, strategy in SHIPPED.items():
        assert strategy.name == name
        assert strategy.version
        strategy.check(strategy.defaults)


@pytest.mark.rule("C-101")
@pytest.mark.parametrize("mode", list(Mode))
def test_the_heartbeat_wants_nothing(mode: Mode) -> None:
    heartbeat = SHIPPED["heartbeat"]
    assert heartbeat.decide(view(mode=mode), heartbeat.defaults) == ()
    assert heartbeat.universe(view().instruments, NOW_MS, heartbeat.defaults) == frozenset()
