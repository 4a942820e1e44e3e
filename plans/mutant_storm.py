"""Run seeds one after the other until one shows a finding; a line of JSON for each.

Started by plans/mutants.py inside a copy of the tree, so that the code which runs is the copy's.
The argument is a JSON list of runs: `seed`, `hours`, and perhaps `profile`, `strategy`,
`eager`, `tick_s`, `faults`.
"""

import json
import sys
import time
from dataclasses import replace
from typing import Any

from drills.world.run import run_seed
from drills.world.weather import Mood, Profile, Weather, draw_weather


def weather_of(run: dict[str, Any]) -> Weather:
    """Return the seed's own weather; named faults take the place of those that it drew.

    With them a run says the same about the code after the catalogue of faults has grown.
    """
    profile = Profile(run["profile"]) if "profile" in run else None
    weather = draw_weather(run["seed"], hours=run["hours"], profile=profile)
    if "strategy" in run:
        weather = replace(weather, strategy=run["strategy"])
    if "eager" in run:
        weather = replace(weather, eager=run["eager"])
    if "tick_s" in run:
        weather = replace(weather, pace=replace(weather.pace, tick_s=run["tick_s"]))
    if "faults" in run:
        weather = replace(weather, mood=Mood.REPAIRABLE, rates=dict(run["faults"]))
    return weather


def main() -> int:
    """Run; 1 after a finding."""
    for run in json.loads(sys.argv[1]):
        began_s = time.monotonic()
        outcome = run_seed(weather_of(run))
        row = {"run": run, "finding": outcome.finding, "seconds": time.monotonic() - began_s}
        sys.stdout.write(json.dumps(row) + "\n")
        sys.stdout.flush()
        if outcome.finding is not None and "--all" not in sys.argv:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
