"""The share of a premium that closing now would keep (DOMAIN §9.1)."""

from decimal import Decimal

import pytest

from bot.strategy.captured import captured


@pytest.mark.parametrize(
    ("cost", "share"), [("0.0128", 0.5), ("0.0768", -2.0), ("0.02", 0.21875), ("0.0256", 0.0)]
)
def test_the_captured_share_is_what_closing_would_keep(cost: str, share: float) -> None:
    assert captured(premium=Decimal("0.0256"), cost=Decimal(cost)) == share
