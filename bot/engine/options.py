"""What a run is asked for, on the command line."""

from dataclasses import dataclass
from pathlib import Path

from bot.domain.mode import Environment

__all__ = ["RunOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """`for_s` None runs until stopped; `speed` is exchange seconds per second."""

    home: Path
    environment: Environment
    seed: int
    for_s: float | None
    market: Path | None
    speed: float
    strategy: str | None
    live_confirmed: bool
    as_json: bool
    is_ascii: bool = False
