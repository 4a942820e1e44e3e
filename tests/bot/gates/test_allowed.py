"""What the policy lets be opened at all [C-003]."""

from typing import Any

import msgspec
import pytest

from bot.domain.instant import DAY_MS
from bot.domain.reason import Reason
from bot.gates.allowed import check
from tests.bot.gates.world import (
    FUTURE,
    NOW_MS,
    OPEN,
    OPTION,
    PERPETUAL,
    POLICY,
    facts,
    intent,
    reason_of,
)


@pytest.mark.rule("C-003")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"currency": "USDC"}, Reason.INSTRUMENT_NOT_ALLOWED),
        ({"base": "SOL"}, Reason.INSTRUMENT_NOT_ALLOWED),
        ({"base": "ETH", "currency": "ETH"}, None),
        ({"expiry_ms": NOW_MS + 200 * DAY_MS}, None),
        ({"expiry_ms": NOW_MS + 200 * DAY_MS + 1}, Reason.INSTRUMENT_NOT_ALLOWED),
    ],
)
def test_only_named_coins_and_expiries_are_opened(
    changes: dict[str, Any], expected: Reason | None
) -> None:
    instrument = msgspec.structs.replace(OPTION, **changes)
    assert reason_of(check, OPEN, facts(instrument=instrument)) is expected


@pytest.mark.rule("C-003")
def test_a_kind_that_is_not_named_is_refused() -> None:
    assert reason_of(check, OPEN, facts(instrument=PERPETUAL)) is None
    assert reason_of(check, OPEN, facts(instrument=FUTURE)) is Reason.INSTRUMENT_NOT_ALLOWED


@pytest.mark.rule("C-003")
def test_a_strategy_that_is_not_named_is_refused() -> None:
    decision = {"strategy": "gamma", "strategy_version": "1", "config_hash": "c", "sequence": 1}
    assert reason_of(check, intent(decision=decision)) is Reason.STRATEGY_NOT_ALLOWED


@pytest.mark.rule("C-003")
def test_a_venue_that_is_not_named_is_refused() -> None:
    elsewhere = msgspec.structs.replace(POLICY.allowed, venues=("elsewhere",))
    policy = msgspec.structs.replace(POLICY, allowed=elsewhere)
    assert reason_of(check, policy=policy) is Reason.INSTRUMENT_NOT_ALLOWED
