"""The policy's hash (C-004)."""

import hashlib
import json
from pathlib import Path

import pytest

from bot.policy import load, policy_hash
from bot.policy.outline import figures

TEXT = (Path(__file__).parents[3] / "config" / "trading_policy.yaml").read_text(encoding="utf-8")
HASH = policy_hash(load(TEXT, source="x"))


@pytest.mark.rule("C-004")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("delta_max: 2.0", "delta_max: 2"),
        ("premium_min: 0.0010", "premium_min: 0.001   # a remark"),
        ("currencies: [BTC, ETH]", "currencies: [ETH, BTC]"),
        ("currencies: [BTC, ETH]", "currencies:\n    - BTC\n    - ETH"),
        ("# One order.\n", ""),
    ],
)
def test_spelling_does_not_change_the_hash(old: str, new: str) -> None:
    assert old in TEXT
    assert policy_hash(load(TEXT.replace(old, new, 1), source="x")) == HASH


@pytest.mark.rule("C-004")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("delta_max: 2.0", "delta_max: 2.01"),
        ("on_kill: hold", "on_kill: hedge"),
        ("strategies: [heartbeat, strangle, vertical]", "strategies: [heartbeat]"),
        ("    delta_max: 0.10", "    delta_max: 0.11"),
    ],
)
def test_a_value_changes_the_hash(old: str, new: str) -> None:
    assert old in TEXT
    assert policy_hash(load(TEXT.replace(old, new, 1), source="x")) != HASH


def test_the_hash_is_sha_256_over_the_values_as_plain_json() -> None:
    rows = [[path, list(values)] for path, values in figures(load(TEXT, source="x"))]
    text = json.dumps(["bot.policy/1", rows], separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == HASH
