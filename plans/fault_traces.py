"""The trace hash of every fault drill, one a line: two processes must agree [C-801].

`python -m plans.fault_traces`, with another PYTHONHASHSEED each time.
"""

import sys

from drills.faults.catalogue import DRILLS
from drills.faults.tally import SEED, tell
from drills.pool import open_pool


def trace(name: str) -> str:
    """Carry a drill out; return its line."""
    row = tell(name, SEED).row
    return f"{name} {row['trace_hash']} {row['verdict']}"


def main() -> int:
    """Print a line a drill."""
    with open_pool() as pool:
        for line in pool.map(trace, DRILLS):
            sys.stdout.write(line + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
