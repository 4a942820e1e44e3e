"""The drills' home is one that the engine's own readers take."""

from pathlib import Path
from random import Random

import pytest

from bot.domain.mode import Environment
from bot.engine.config import params_of, read_config, read_policy, strategy_of
from drills.lively import CHURN, PATIENT, make_lively, somewhere


@pytest.mark.parametrize("strategy", [CHURN, PATIENT])
def test_policy_and_parameters_are_taken(tmp_path: Path, strategy: dict[str, str]) -> None:
    draw = Random(1)  # noqa: S311  # which legs, no secrets
    make_lively(tmp_path, strategy=somewhere(strategy, draw=draw))
    policy = read_policy(tmp_path, Environment.DEV)
    config = read_config(tmp_path, Environment.DEV)
    params = params_of(config, strategy_of(config, None))
    assert policy.execution.valid_until_ms_max == 1_000
    assert params["step_s"] == int(strategy["step_s"])
    assert 0.10 <= float(params["delta_target"]) <= 0.45
