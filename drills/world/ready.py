"""What the engines of a run start with: the lively policy, and a strategy to go with it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec

from bot.domain.mode import Environment
from bot.engine.home import make_home
from bot.engine.options import RunOptions
from bot.engine.start import Ready, settle
from bot.policy import policy_hash
from bot.policy.reaction import OnKill
from bot.strategy.interface import Params, Strategy
from drills.lively import CHURN, PATIENT, make_lively
from drills.world.chaos import CHAOS
from drills.world.weather import Weather

__all__ = ["ready_for", "with_strategy"]


def ready_for(weather: Weather, home: Path, *, token: Callable[[int], str]) -> Ready:
    """Write a home's configuration and read it as an engine does."""
    make_lively(home, strategy=PATIENT if weather.strategy == "patient" else CHURN)
    options = RunOptions(
        home=home,
        environment=Environment.DEV,
        seed=weather.seed,
        for_s=None,
        market=None,
        speed=1.0,
        strategy="strangle",
        live_confirmed=False,
        as_json=True,
    )
    ready = _under_kill(settle(options, make_home(home), token=token), weather.on_kill)
    if weather.strategy != "chaos":
        return ready
    params = {**CHAOS.defaults, "seed": weather.seed, "eager": weather.eager}
    return with_strategy(ready, CHAOS, params)


def _under_kill(ready: Ready, on_kill: OnKill) -> Ready:
    """Let KILL do this to positions."""
    settings = ready.settings
    guard = msgspec.structs.replace(settings.policy.guard, on_kill=on_kill)
    policy = msgspec.structs.replace(settings.policy, guard=guard)
    changed = replace(settings, policy=policy, policy_hash=policy_hash(policy))
    return replace(ready, settings=changed)


def with_strategy(ready: Ready, strategy: Strategy, params: Params) -> Ready:
    """Let another strategy trade, which the policy allows then and no other."""
    settings = ready.settings
    allowed = msgspec.structs.replace(settings.policy.allowed, strategies=(strategy.name,))
    policy = msgspec.structs.replace(settings.policy, allowed=allowed)
    changed = replace(
        settings,
        strategy=strategy,
        params=params,
        policy=policy,
        policy_hash=policy_hash(policy),
    )
    return replace(ready, settings=changed)
