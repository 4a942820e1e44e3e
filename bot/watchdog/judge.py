"""When the engine is to be taken for dead: its beats in, what to do out [C-505]. Pure."""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

__all__ = ["DEAD_MS", "SILENT_MS", "Beat", "Do", "Watch", "judge"]

SILENT_MS: Final = 5_000  # then it is asked to stop opening
DEAD_MS: Final = 6_000  # then its orders come off; the rest of the 10 s is for the venue
_STEP_MS_MAX: Final = 2_000  # between two looks; more than this was our own sleep


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """A run of the engine, and how often its core has looked around in it."""

    run_id: str
    count: int


class Do(Enum):
    """What a look leads to."""

    NOTHING = "nothing"
    REDUCE_ONLY = "reduce_only"
    TAKE_OFF = "take_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is known of the engine. `silent_ms` is how long its beat has not moved."""

    beat: Beat | None = None
    looked_ms: int | None = None
    silent_ms: int = 0
    is_reduced: bool = False  # it was asked for REDUCE_ONLY in this silence


def judge(watch: Watch, *, heard: Beat | None, now_ms: int) -> tuple[Watch, Do]:
    """Take one look at the engine; `heard` is None when no usable answer came.

    `now_ms` is our own monotonic time. An answer with the beat of the last one is as good as none:
    whoever gave it, the core did not move. Time in which we did not look, because we were stopped
    ourselves, is never counted as the engine's silence.
    """
    if heard is not None and heard != watch.beat:
        return Watch(beat=heard, looked_ms=now_ms), Do.NOTHING
    since_ms = 0 if watch.looked_ms is None else now_ms - watch.looked_ms
    silent_ms = watch.silent_ms + min(max(since_ms, 0), _STEP_MS_MAX)
    after = replace(watch, looked_ms=now_ms, silent_ms=silent_ms)
    if silent_ms < SILENT_MS:
        return after, Do.NOTHING
    if not watch.is_reduced:
        return replace(after, is_reduced=True), Do.REDUCE_ONLY
    return after, Do.TAKE_OFF if silent_ms >= DEAD_MS else Do.NOTHING
