"""Opens stop before the disk is full, so that what is open can still be recorded [C-212, C-907]."""

from typing import Final

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["full", "low"]

_MB: Final = 1_000_000
# File entries: the ledger has a handful, its log and its copies a few more.
_ENTRIES_LOW: Final = 10_000
_ENTRIES_FULL: Final = 1_000


def low(sight: Sight, policy: Policy) -> Cause | None:
    """Shut opens below the soft mark, without an answer, and without a whole reserve file."""
    if sight.observed is None or sight.observed.machine is None:
        return None
    machine = sight.observed.machine
    if machine.reserve_fault is not None:
        return Cause(Reason.DISK_LOW, f"reserve: {machine.reserve_fault}")
    if machine.bytes_free is None:
        return Cause(Reason.DISK_LOW, "the disk does not say how much room it has")
    why = _short(sight, mb=policy.guard.disk_low_mb_min, entries=_ENTRIES_LOW)
    return None if why is None else Cause(Reason.DISK_LOW, why)


def full(sight: Sight, policy: Policy) -> Cause | None:
    """Force REDUCE_ONLY below the hard mark."""
    why = _short(sight, mb=policy.guard.disk_full_mb_min, entries=_ENTRIES_FULL)
    return None if why is None else Cause(Reason.DISK_FULL, why)


def _short(sight: Sight, *, mb: int, entries: int) -> str | None:
    if sight.observed is None or sight.observed.machine is None:
        return None
    machine = sight.observed.machine
    if machine.bytes_free is not None and machine.bytes_free < mb * _MB:
        return f"{machine.bytes_free // _MB} MB free, limit {mb} MB"
    if machine.entries_free is not None and machine.entries_free < entries:
        return f"{machine.entries_free} file entries free, limit {entries}"
    return None
