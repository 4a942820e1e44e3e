"""What can go wrong around the engine besides venue and line: its process, disk, clock, owner."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final, NamedTuple, final

from bot.simulator.trouble.fault import FAULTS as VENUE_FAULTS

__all__ = ["FAULTS", "HOPELESS", "Fault", "Group", "all_faults"]


@final
class Group(Enum):
    """Where a fault strikes."""

    PROCESS = "process"
    DISK = "disk"
    CLOCK = "clock"
    OPERATOR = "operator"


class Fault(NamedTuple):
    """One fault: where, in plain words, and how often an hour it may be drawn at most."""

    group: Group
    says: str
    rate: float = 4.0


FAULTS: Final[Mapping[str, Fault]] = MappingProxyType({
    # process
    "killed_at_step":  Fault(Group.PROCESS, "killed before any turn of any of its tasks", 16.0),
    "killed_at_act":   Fault(Group.PROCESS, "killed before any change of a file", 10.0),
    "killed_at_send":  Fault(Group.PROCESS, "killed right before an order's first byte", 6.0),
    "killed_starting": Fault(Group.PROCESS, "killed in its first turns", 8.0),
    "power_cut":       Fault(Group.PROCESS, "power is lost: files keep what they must", 8.0),
    "vanished":        Fault(Group.PROCESS, "the machine is cut off, its sockets stay open", 4.0),
    "rival":           Fault(Group.PROCESS, "a second engine starts on the same home", 4.0),
    "stalled":         Fault(Group.PROCESS, "stopped and continued: time went on without it", 4.0),
    "long_absence":    Fault(Group.PROCESS, "down for longer than the venue remembers orders", 1.0),
    # disk
    "disk_full":       Fault(Group.DISK, "no space left, for a while"),
    "disk_error_once": Fault(Group.DISK, "one act on a file fails"),
    "disk_errors":     Fault(Group.DISK, "every act on a file fails, for a while"),
    "disk_read_only":  Fault(Group.DISK, "mounted read-only, for a while"),
    "reserve_broken":  Fault(Group.DISK, "database and reserve both fail, for a while"),
    "barrier_slow":    Fault(Group.DISK, "barriers take up to five seconds, for a while"),
    "barrier_stuck":   Fault(Group.DISK, "a barrier takes longer than anybody waits"),
    "lock_stolen":     Fault(Group.DISK, "the lock file is deleted under a living engine", 2.0),
    "file_replaced":   Fault(Group.DISK, "another file takes the ledger's place a while", 2.0),
    # clock
    "drift":           Fault(Group.CLOCK, "the machine's clock runs up to 500 ppm wrong"),
    "wall_step":       Fault(Group.CLOCK, "somebody sets the wall clock by up to an hour"),
    "suspended":       Fault(Group.CLOCK, "the machine sleeps for up to ten minutes", 2.0),
    "venue_step":      Fault(Group.CLOCK, "the venue's clock steps by seconds", 2.0),
    # operator
    "owner_kill":      Fault(Group.OPERATOR, "the owner asks for KILL", 2.0),
    "owner_reduces":   Fault(Group.OPERATOR, "the owner asks for REDUCE_ONLY", 2.0),
    "owner_restarts":  Fault(Group.OPERATOR, "the owner stops it in order, and starts it", 3.0),
    "owner_flattens":  Fault(Group.OPERATOR, "the owner closes everything that is held", 0.7),
    "owner_recon":     Fault(Group.OPERATOR, "the owner asks for a comparison", 3.0),
})  # fmt: skip

# After these nobody can be expected to trade again by himself: only safety is asked for.
HOPELESS: Final[Mapping[str, Fault]] = MappingProxyType({
    "bit_flipped":     Fault(Group.DISK, "a bit of the ledger flips at rest", 8.0),
    "file_cut":        Fault(Group.DISK, "the ledger is cut short at rest", 8.0),
    "file_deleted":    Fault(Group.DISK, "the ledger is deleted under a living engine", 8.0),
    "file_restored":   Fault(Group.DISK, "an older copy of the ledger is put back", 8.0),
    "barriers_lie":    Fault(Group.DISK, "barriers return and cover nothing", 8.0),
})  # fmt: skip


def all_faults() -> dict[str, str]:
    """Return every fault's name with its plain words, the venue's and the line's included."""
    named = {name: fault.says for name, fault in VENUE_FAULTS.items()}
    named |= {name: fault.says for name, fault in (*FAULTS.items(), *HOPELESS.items())}
    return named
