"""What one seed draws: how bad it gets, which faults there are, how fast things go."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, final

from bot.engine.pace import Pace
from bot.policy.reaction import OnKill
from bot.simulator.trouble.fault import FAULTS as VENUE_FAULTS
from drills.world.fault import FAULTS, HOPELESS
from drills.world.market.regimes import REGIMES

__all__ = ["Mood", "Profile", "Weather", "draw_weather"]


@final
class Profile(Enum):
    """What the line carries."""

    STORM = "storm"  # whole messages, handed over at the link's port
    WIRE = "wire"  # the bytes of WebSocket over a simulated TCP


@final
class Mood(Enum):
    """How bad it may get (RELIABILITY §4, swarm)."""

    CLEAR = "clear"  # no fault at all
    REPAIRABLE = "repairable"  # safety always, liveness after healing
    HOPELESS = "hopeless"  # damage that only a person can mend: safety alone


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """Everything that a seed decides before the first step."""

    seed: int
    hours: float
    profile: Profile
    mood: Mood
    regime: str
    rates: Mapping[str, float]  # fault → times an hour
    pace: Pace
    market_step_ms: int
    up_ms: float
    down_ms: float
    strategy: str  # chaos, churn, patient
    eager: float
    on_kill: OnKill = OnKill.HOLD
    script: tuple[tuple[int, str], ...] = ()  # ms since the start, and the venue's fault then

    def only(self, faults: tuple[str, ...]) -> "Weather":
        """Return the same weather with no other faults than these."""
        kept = {name: rate for name, rate in self.rates.items() if name in faults}
        return replace(self, rates=kept)


_VENUE_RATE: Final = (4.0, 40.0)
_SHARE: Final = 0.35  # of all faults, which a seed has at all
_SPANS_SHARE: Final = 0.25  # standing ones come more rarely: they cover minutes
_KILLS: Final = ("killed_at_step", "killed_at_act", "killed_starting")
# Damage that somebody must mend: once in a while is enough.
_RARE: Final = {"maintenance": 1.0, "locked": 2.0, "foreign_trade": 2.0, "long_absence": 1.0}


def draw_weather(seed: int, *, hours: float, profile: Profile | None = None) -> Weather:
    """Draw a seed's weather. Without a profile one seed in eight is on the wire."""
    draw = random.Random(f"weather/{seed}")  # noqa: S311  # no secrets
    drawn = Profile.WIRE if draw.random() < 0.125 else Profile.STORM
    mood = draw.choices(tuple(Mood), weights=(1, 7, 2))[0]
    up_ms, down_ms = draw.choice(((5.0, 5.0), (20.0, 20.0), (60.0, 60.0), (150.0, 5.0)))
    is_brisk = draw.random() < 0.05
    return Weather(
        seed=seed,
        hours=hours,
        profile=profile or drawn,
        mood=mood,
        regime=draw.choice(sorted(REGIMES)),
        rates=_rates(draw, mood),
        # One seed in twenty goes at the pace of production; the others look around less often, so
        # that many more hours are lived through.
        pace=(
            Pace(tick_s=0.1, publish_s=0.25, sample_s=1.0, observe_s=0.5, machine_s=5.0)
            if is_brisk
            else Pace(
                tick_s=draw.choice((1.0, 2.0, 5.0, 5.0)),
                publish_s=60.0,
                sample_s=20.0,
                observe_s=10.0,
                machine_s=20.0,
            )
        ),
        market_step_ms=1_000 if is_brisk else draw.choice((2_000, 5_000, 10_000)),
        up_ms=up_ms,
        down_ms=down_ms,
        strategy=draw.choice(("chaos", "chaos", "churn", "patient")),
        eager=draw.choice((0.1, 0.3, 0.6)),
        on_kill=draw.choice((OnKill.HOLD, OnKill.HOLD, OnKill.HEDGE, OnKill.FLATTEN)),
    )


def _rates(draw: random.Random, mood: Mood) -> dict[str, float]:
    if mood is Mood.CLEAR:
        return {}
    rates: dict[str, float] = {}
    for name, fault in FAULTS.items():
        if name in _KILLS or draw.random() < _SHARE:
            rates[name] = fault.rate * draw.uniform(0.5, 1.5)
    for name, known in VENUE_FAULTS.items():
        if draw.random() < _SHARE:
            rate = draw.uniform(*_VENUE_RATE)
            rate *= _SPANS_SHARE if known.span_s is not None else 1.0
            rates[name] = min(rate, _RARE.get(name, rate))
    if mood is Mood.HOPELESS:
        for name, fault in HOPELESS.items():
            if draw.random() < 0.5:
                rates[name] = fault.rate
    return rates
