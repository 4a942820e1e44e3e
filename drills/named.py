"""The drills by name: what each proves. `commands/drill.py` has a verb for each."""

from typing import Final, NamedTuple

__all__ = ["DRILLS", "Drill"]


class Drill(NamedTuple):
    """One drill. `minutes` is about what its usual size takes on two cores."""

    proves: str
    minutes: int


DRILLS: Final = {
    "crash-matrix": Drill(
        "killed at every named point, it neither doubles an order nor loses a fill", 3
    ),
    "groups": Drill(
        "every outcome of every leg of a group: it ends whole, empty, flat or hedged", 3
    ),
    "explore": Drill(
        "from every state with exposure an exit is permitted, and every group comes to an end", 4
    ),
    "faults": Drill(
        "each named fault ends where it should: contained in time, with its reason, back by rule", 1
    ),
    "points": Drill(
        "killed before every turn and every file act, it loses and doubles nothing", 10
    ),
    "reduce-only": Drill("under REDUCE_ONLY and KILL nothing opens or flips, and exits go", 1),
    "storm": Drill(
        "simulated hours under every fault, each step checked: nothing doubles, is lost or flips", 5
    ),
    "wal-order": Drill("each order's record is durable before its first byte leaves", 2),
}
