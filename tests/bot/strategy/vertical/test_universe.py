"""What the vertical watches (DOMAIN §9.3)."""

import pytest

from bot.domain.instant import DAY_MS
from bot.domain.instrument import OptionType
from bot.strategy.vertical.params import DEFAULTS
from bot.strategy.vertical.universe import universe
from tests.bot.strategy.scene import EXPIRY_MS, listed, view


@pytest.mark.rule("C-909")
@pytest.mark.parametrize(("days", "watched"), [(14, True), (35, True), (13, False), (36, False)])
def test_the_universe_is_the_puts_of_the_wanted_expiry(days: int, watched: bool) -> None:
    known = view().instruments
    puts = {name for name in known if name.endswith("-P")}
    found = universe(known, EXPIRY_MS - days * DAY_MS, DEFAULTS)
    assert found == (puts if watched else frozenset())


@pytest.mark.rule("C-909")
def test_of_two_expiries_the_nearer_to_25_days_is_watched() -> None:
    near, far = listed(50000, OptionType.PUT, days=20), listed(50000, OptionType.PUT, days=34)
    found = universe({near.name: near, far.name: far}, EXPIRY_MS - 30 * DAY_MS, DEFAULTS)
    assert found == {near.name}
