"""`bot watchdog`: look at the engine each second, and act in its stead when it is silent [C-505].

A process of its own with a key of its own. It decides in `judge` and `risk`; this is the shell.
"""

import signal
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, final

import trio

from bot.domain.ids import Currency
from bot.venue.grant import Denied
from bot.venue.purse import Purse
from bot.venue.secret import Credentials
from bot.watchdog.diary import Diary
from bot.watchdog.judge import DEAD_MS, Do, Watch, judge
from bot.watchdog.patient import Patient, Tell
from bot.watchdog.reach import VenueAway, open_reach
from bot.watchdog.take_off import Hands, take_off

__all__ = ["Ended", "KeyRefusedError", "Post", "watch"]

_LOOK_S: Final = 1.0
_PROVE_S: Final = 60.0  # a key is revoked without a word
_PROVE_AGAIN_S: Final = 2.0


class KeyRefusedError(Exception):
    """The venue refused the key, or it cannot do what is needed. Its text says what was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Where it stands guard. `endpoint` is the file in which the venue says where it listens."""

    home: Path
    endpoint: Path
    credentials: Credentials
    currency: Currency


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a watch came to: `by` is the signal's name."""

    by: str
    looks: int
    silences: int
    cancels: int


@final
@dataclass(slots=True)
class _Guard:
    post: Post
    diary: Diary
    tell_unit: Callable[[str], None]
    watch: Watch = field(default_factory=Watch)
    is_key_proven: bool = False
    by: str = ""
    looks: int = 0
    silences: int = 0
    cancels: int = 0
    _acted_in: int = 0

    def is_dead(self) -> bool:
        return self.watch.silent_ms >= DEAD_MS

    def _is_at_work(self) -> bool:
        return self.is_key_proven and self.is_dead()

    async def look_on(self, nursery: trio.Nursery) -> None:
        """Look each second, for ever."""
        patient = Patient(self.post.home)
        due = trio.current_time()
        while True:
            mono_ms = time.monotonic_ns() // 1_000_000
            heard = await patient.look(mono_ms=mono_ms if self.is_key_proven else None)
            before = self.watch
            now_ms = int(trio.current_time() * 1_000)
            self.watch, do = judge(before, heard=heard, now_ms=now_ms)
            self.looks += 1
            self.tell_unit("WATCHDOG=1")
            if before.is_reduced and not self.watch.is_reduced and heard is not None:
                self.diary.note("heard", f"the engine answers again, run {heard.run_id}")
            match do:
                case Do.REDUCE_ONLY:
                    self.silences += 1
                    nursery.start_soon(self._ask_reduce_only, patient)
                case Do.TAKE_OFF if self._acted_in != self.silences:
                    self._acted_in = self.silences  # when all is done the silence may go on
                    nursery.start_soon(self._take_off)
                case Do.TAKE_OFF | Do.NOTHING:
                    pass
            if heard is not None and self.diary.tell is not None:
                await self._own_up(patient, self.diary.tell)
            due = max(due + _LOOK_S, trio.current_time())
            await trio.sleep_until(due)

    async def prove_key(self) -> None:
        """Have the venue say again and again that the key is good. Raises KeyRefusedError."""
        purse = Purse()
        while True:
            async with open_reach(
                self.post.endpoint,
                credentials=self.post.credentials,
                currency=self.post.currency,
                purse=purse,
            ) as reach:
                proof = reach if isinstance(reach, VenueAway) else await reach.prove_key()
            # In the middle of a silence it is not the time to leave: a ban looks the same.
            if isinstance(proof, Denied) and proof.is_refused and not self._is_at_work():
                self.diary.note("key_refused", f"the venue refuses the key: {proof.why}")
                raise KeyRefusedError(proof.why)
            is_proven = not isinstance(proof, Denied | VenueAway)
            if is_proven and not self.is_key_proven:
                self.is_key_proven = True
                self.diary.note("key_proven", "the venue knows the key; it can cancel")
                self.tell_unit("READY=1")
            await trio.sleep(_PROVE_S if is_proven else _PROVE_AGAIN_S)

    async def _ask_reduce_only(self, patient: Patient) -> None:
        seconds = f"{self.watch.silent_ms / 1_000:.1f} s"
        self.diary.note("silent", f"the engine is silent for {seconds}: REDUCE ONLY is asked for")
        tell = Tell(request_id=str(uuid.uuid4()), reason=f"watchdog: silent for {seconds}")
        is_done = await patient.ask_reduce_only(tell)
        answer = "it is REDUCE ONLY" if is_done else "it does not answer to that either"
        self.diary.note("reduce_only", answer, done=is_done)

    async def _take_off(self) -> None:
        post = self.post
        hands = Hands(
            endpoint=post.endpoint,
            credentials=post.credentials,
            currency=post.currency,
            purse=Purse(),
        )
        silence = self.silences
        is_told = False

        def on_act() -> None:
            nonlocal is_told
            if not is_told:
                is_told = True
                self._remember_to_tell()

        def is_dead() -> bool:
            return self.is_dead() and self.silences == silence

        try:
            self.cancels += await take_off(hands, diary=self.diary, is_dead=is_dead, on_act=on_act)
        except Exception as error:  # noqa: BLE001  # outermost: our bug, at the worst of moments
            self.diary.note("fault", f"a fault of our own, it begins again: {error!r}"[:300])
            self._acted_in = 0

    def _remember_to_tell(self) -> None:
        """Keep it before the first cancel leaves: also a watchdog that dies now has it told."""
        if self.diary.tell is not None:
            return
        reason = f"silent for {self.watch.silent_ms / 1_000:.1f} s: its orders were taken off"
        self.diary.keep(Tell(request_id=str(uuid.uuid4()), reason=reason))

    async def _own_up(self, patient: Patient, tell: Tell) -> None:
        if await patient.own_up(tell):
            self.diary.keep(None)
            self.diary.note("told", "the engine knows that its orders were taken off: KILL")


async def watch(
    post: Post, *, show: Callable[[str], None], tell_unit: Callable[[str], None]
) -> Ended:
    """Stand guard until SIGINT or SIGTERM. `tell_unit` speaks to the service manager.

    Raises KeyRefusedError when the venue will not have the key: a watchdog that could not act must
    not look as if it could.
    """
    diary = Diary(post.home, show=show)
    guard = _Guard(post=post, diary=diary, tell_unit=tell_unit)
    diary.note("start", f"watching the engine of {post.home}")
    refused = ""
    try:
        async with trio.open_nursery() as nursery, _signals(guard, nursery):
            nursery.start_soon(guard.prove_key)
            await guard.look_on(nursery)
    except* KeyRefusedError as group:
        refused = str(group.exceptions[0])
    finally:
        tell_unit("STOPPING=1")
        diary.note("stop", "nobody watches the engine any more", by=guard.by or "fault")
        diary.close()
    if refused:
        raise KeyRefusedError(refused)
    return Ended(by=guard.by, looks=guard.looks, silences=guard.silences, cancels=guard.cancels)


@asynccontextmanager
async def _signals(guard: _Guard, nursery: trio.Nursery) -> AsyncIterator[None]:
    """End in order by Ctrl-C or SIGTERM."""
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as received:

        async def listen() -> None:
            async for number in received:
                guard.by = signal.Signals(number).name
                nursery.cancel_scope.cancel()

        nursery.start_soon(listen)
        yield
