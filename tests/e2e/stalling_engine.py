"""A real engine whose core stops looking around after some seconds, while all else lives on.

Run as a program: `HOME SECONDS`. HTTP answers, the connection is kept, orders rest: only the beat
stands still.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path

import trio

from bot.domain.mode import Environment
from bot.engine.pace import Pace
from bot.engine.run import RunOptions, run_engine
from bot.engine.seams import REAL


class Stalling(Pace):
    """The real pace, until it is over."""

    def __getattribute__(self, name: str) -> float:
        """Stretch the tick without end once the time has come."""
        if name == "tick_s" and time.monotonic() > STALLS_AT:
            return 10_000.0
        return super().__getattribute__(name)


STALLS_AT = time.monotonic() + float(sys.argv[2])

options = RunOptions(
    home=Path(sys.argv[1]),
    environment=Environment.DEV,
    seed=7,
    for_s=None,
    market=None,
    speed=1.0,
    strategy=None,
    live_confirmed=False,
    as_json=True,
)
pace = Stalling(tick_s=0.1, publish_s=0.25, sample_s=1.0, observe_s=0.5, machine_s=5.0)
trio.run(run_engine, options, replace(REAL, pace=pace))
