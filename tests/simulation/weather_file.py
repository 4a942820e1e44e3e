"""A run of the world written down whole: what was found, and the weather that found it."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from bot.engine.pace import Pace
from drills.world.weather import Mood, Profile, Weather

FOLDER = Path(__file__).parent / "regressions"


@dataclass(frozen=True)
class Found:
    """One bug that the world found: the invariant that broke, in which weather."""

    name: str
    invariant: str
    says: str
    weather: Weather


def read_found(path: Path) -> Found:
    """Read one file; nothing is drawn, so that it stays the same run."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    sky = document["weather"]
    pace = Pace(
        tick_s=sky["tick_s"],
        publish_s=60.0,
        sample_s=sky["sample_s"],
        observe_s=10.0,
        machine_s=20.0,
    )
    weather = Weather(
        seed=sky["seed"],
        hours=sky["hours"],
        profile=Profile(sky["profile"]),
        mood=Mood.REPAIRABLE,
        regime=sky["regime"],
        rates=document["rates"],
        pace=pace,
        market_step_ms=sky["market_step_ms"],
        up_ms=sky["up_ms"],
        down_ms=sky["down_ms"],
        strategy=sky["strategy"],
        eager=sky["eager"],
    )
    return Found(path.stem, document["invariant"], document["says"], weather)


def all_found() -> list[Found]:
    """Read every file."""
    return [read_found(path) for path in sorted(FOLDER.glob("*.toml"))]
