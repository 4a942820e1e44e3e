"""Which faults, how often, from which seed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

__all__ = ["Plan"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`rates` maps a fault's name to how often it strikes in an hour of exchange time.

    `at_ms` says what strikes besides, and when: exchange time since the start.
    """

    seed: int = 0
    rates: Mapping[str, float] = field(default_factory=dict)
    at_ms: tuple[tuple[int, str], ...] = ()
