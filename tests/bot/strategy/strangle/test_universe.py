"""What the strangle watches (DOMAIN §9.1)."""

import pytest

from bot.domain.instrument import OptionType
from bot.strategy.strangle.params import DEFAULTS
from bot.strategy.strangle.universe import universe
from tests.bot.strategy.scene import NOW_MS, listed, view


@pytest.mark.rule("C-909")
def test_the_universe_is_the_options_of_the_wanted_expiry() -> None:
    other = listed(72000, OptionType.CALL, days=44)
    known = view().instruments
    watched = universe({**known, other.name: other}, NOW_MS, DEFAULTS)
    assert watched == {name for name, known in known.items() if known.strike is not None}
    assert universe({}, NOW_MS, DEFAULTS) == frozenset()
