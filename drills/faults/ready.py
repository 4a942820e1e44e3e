"""What the engines of a drill start with: its weather, its script, and values of the policy."""

import random
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec

from bot.engine.pace import Pace
from bot.engine.start import Ready
from bot.policy import policy_hash
from bot.policy.reaction import OnKill
from bot.strategy.interface import Strategy
from drills.faults.drill import Drill
from drills.world.fault import FAULTS, HOPELESS
from drills.world.ready import ready_for, with_strategy
from drills.world.weather import Mood, Profile, Weather

__all__ = ["ready_of", "weather_of"]

# Nothing is drawn: what strikes, strikes by the drill's own script.
_CALM: Final = Weather(
    seed=1,
    hours=0.0,
    profile=Profile.STORM,
    mood=Mood.REPAIRABLE,
    regime="calm",
    rates={},
    pace=Pace(tick_s=0.25, publish_s=60.0, sample_s=5.0, observe_s=1.0, machine_s=5.0),
    market_step_ms=500,
    up_ms=5.0,
    down_ms=5.0,
    strategy="script",
    eager=0.0,
)


def weather_of(drill: Drill, *, seed: int) -> Weather:
    """Return a calm market with the drill's own faults in it."""
    known = {*FAULTS, *HOPELESS}
    return replace(
        _CALM,
        seed=seed,
        hours=drill.seconds / 3_600,
        # Named, so that the invariants know what to allow for; by themselves they never strike.
        rates={act.name: 0.0 for act in drill.acts if act.name in known},
        pace=replace(_CALM.pace, tick_s=drill.tick_s),
        market_step_ms=drill.market_step_ms,
        script=drill.venue,
    )


def ready_of(drill: Drill, strategy: Strategy) -> Ready:
    """Return what each life of a drill starts with."""
    return _with_values(with_strategy(_lively(), strategy, {}), drill.policy)


@lru_cache(maxsize=1)
def _lively() -> Ready:
    """Read the lively policy once a process: it is the same for all."""
    names = random.Random(_CALM.seed)  # noqa: S311  # no secrets
    with tempfile.TemporaryDirectory() as home:
        return ready_for(_CALM, Path(home), token=lambda count: names.randbytes(count).hex())


def _with_values(ready: Ready, values: Mapping[str, Decimal | int | OnKill]) -> Ready:
    policy: Any = ready.settings.policy
    for path, value in values.items():
        block, _, field = path.partition(".")
        changed = msgspec.structs.replace(getattr(policy, block), **{field: value})
        policy = msgspec.structs.replace(policy, **{block: changed})
    settings = replace(ready.settings, policy=policy, policy_hash=policy_hash(policy))
    return replace(ready, settings=settings)
