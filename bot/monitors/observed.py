"""What the shell has measured of line, machine and queues: figures, not verdicts."""

from dataclasses import dataclass

__all__ = ["KernelClock", "Line", "Machine", "Observation", "Queue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The line to the venue.

    `silence_ms` is how long a line that is up has said nothing, None without one; `trips_ms` the
    last round trips, oldest first; `limited_ms` how long ago the venue said that we ask too much,
    the last times; `refusals` how often in a row it has refused the key, `refusal` why;
    `is_in_maintenance` whether it put the last login off for a maintenance.
    """

    silence_ms: int | None
    trips_ms: tuple[int, ...]
    limited_ms: tuple[int, ...]
    refusals: int
    refusal: str
    is_in_maintenance: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelClock:
    """What the kernel says of its own clock: is it steered, and how far off may it be."""

    is_synced: bool
    error_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine at one look, `age_ms` ago.

    Free room in bytes and file entries, None where nobody can tell (`entries_free` also on a file
    system that has no such count); `reserve_fault` why the reserve file is not whole; the hash of
    the policy that a start would read now, None for a file that cannot be read.
    """

    age_ms: int
    bytes_free: int | None
    entries_free: int | None
    reserve_fault: str | None
    kernel_clock: KernelClock | None
    policy_hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A bounded queue, and the most that has waited in it since it was last looked at."""

    name: str
    high: int
    bound: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """All of it; `machine` is None until it has been looked at once."""

    line: Line
    machine: Machine | None
    queues: tuple[Queue, ...]
