"""The shell's look-outs: what only it can measure goes to the core as figures, again and again.

A disk that hangs holds up its own look-out and nothing else; the figures grow old then, and their
age is what the core judges.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, final

import trio

from bot.core.event import Observed
from bot.engine.clock import Clock
from bot.engine.committer import WAITING_MAX, Blocking, Committer
from bot.engine.inbox import PRICES_MAX, Inbox
from bot.engine.pace import Pace
from bot.monitors.observed import Line, Machine, Observation, Queue
from bot.venue.purse import Purse
from bot.venue.session import Session

__all__ = ["Lookout", "Places"]

_TRIPS_KEPT: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the look-outs look. `machine` looks at disk, kernel and policy file, and may block."""

    session: Session
    purse: Purse
    inbox: Inbox
    committer: Committer
    machine: Callable[[], Machine]
    in_thread: Blocking


@final
class Lookout:
    """Keeps the last figures, and tells them at its own pace."""

    def __init__(self, places: Places, *, local: Clock) -> None:
        """Begin without any."""
        self._places = places
        self._local = local
        self._trips: deque[int] = deque(maxlen=_TRIPS_KEPT)
        self._machine: Machine | None = None
        self._machine_mono_ms = 0

    def note_trip(self, ms: int) -> None:
        """Take the round trip of one comparison of the clocks."""
        self._trips.append(ms)

    async def look_at_machine(self, pace: Pace) -> None:
        """Look at the machine for ever, one look at a time."""
        while True:
            self._machine = await self._places.in_thread(self._look)
            self._machine_mono_ms = self._local.mono_ms()
            await trio.sleep(pace.machine_s)

    async def tell(self, pace: Pace) -> None:
        """Tell the core for ever."""
        while True:
            self._places.committer.check_lock()
            self._places.inbox.put(Observed(self._now()))
            # Opens wait for the first look at the machine: it is told as soon as it is there.
            await trio.sleep(pace.observe_s if self._machine else min(pace.observe_s, 0.1))

    def _look(self) -> Machine:
        try:
            return self._places.machine()
        except Exception as error:  # noqa: BLE001  # C-606: a look that fails is the worst answer
            return Machine(
                age_ms=0,
                bytes_free=None,
                entries_free=None,
                reserve_fault=f"the look at the machine failed: {error!r}",
                kernel_clock=None,
                policy_hash=None,
            )

    def _now(self) -> Observation:
        places, machine = self._places, self._machine
        if machine is not None:
            machine = replace(machine, age_ms=self._local.mono_ms() - self._machine_mono_ms)
        refusals, refusal = places.session.refusals
        return Observation(
            line=Line(
                silence_ms=places.session.silence_ms,
                trips_ms=tuple(self._trips),
                limited_ms=places.purse.limited_ms(),
                refusals=refusals,
                refusal=refusal,
                is_in_maintenance=places.session.is_in_maintenance,
            ),
            machine=machine,
            queues=(
                # Beyond this prices are dropped: it is the bound that is met first.
                Queue(name="inbox", high=places.inbox.take_high(), bound=PRICES_MAX),
                Queue(name="ledger", high=places.committer.take_high(), bound=WAITING_MAX),
            ),
        )
