"""The trace hash of each of a range of seeds, one a line: two processes must agree [C-801].

`python -m plans.traces FIRST LAST`, with another PYTHONHASHSEED each time.
"""

import sys

from drills.pool import open_pool
from drills.world.run import run_seed
from drills.world.weather import draw_weather

HOURS = 0.1


def trace(seed: int) -> str:
    """Run a seed; return its line."""
    outcome = run_seed(draw_weather(seed, hours=HOURS))
    return f"{seed} {outcome.trace_hash} {outcome.finding or ''}".rstrip()


def main(words: list[str]) -> int:
    """Print a line a seed."""
    first, last = map(int, words)
    with open_pool() as pool:
        for line in pool.map(trace, range(first, last + 1)):
            sys.stdout.write(line + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
