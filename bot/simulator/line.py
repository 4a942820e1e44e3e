"""One lasting connection to the exchange, whatever carries its messages.

What goes wrong on the way happens here, so that it is the same for each carrier. A carrier gives
every request to `hear`, runs `live` beside, and upon each `wake` of the peer sends what `take`
returns and then does what `ending` says.
"""

import math
from enum import Enum
from typing import Final, final

import trio

from bot.simulator.floor import Floor
from bot.simulator.peer import Peer
from bot.simulator.refusal import Refused, refuse
from bot.simulator.rpc.answer import Answer
from bot.simulator.rpc.dispatch import answer
from bot.simulator.trouble.inbound import Fate, Inbound
from bot.simulator.trouble.outbound import Outbound, spoilt_answer
from bot.simulator.wire import HEARTBEAT, TEST_REQUEST, Request, decode_request, reply

__all__ = ["Ending", "Line"]

_QUIET_S: Final = 1.0  # what a proxy that cuts idle connections calls idle
_MUTE_S: Final = 600.0  # PROTOCOL §1: so long a dead connection is kept


@final
class Ending(Enum):
    """How a carrier ends."""

    GOODBYE = "goodbye"  # say goodbye and close
    CUT = "cut"  # break off: no goodbye, and what is unsent is lost


@final
class Line:
    """Requests in, frames out; what its loss brings about is the floor's to know."""

    def __init__(self, floor: Floor, peer: Peer) -> None:
        """Take over a fresh peer; its `wake` tells the carrier to `take`, and look at `ending`."""
        self.floor = floor
        self.peer = peer
        self._outbound = Outbound(floor.trouble, peer)
        self._inbound = Inbound(floor.trouble)
        self._is_deaf = False
        self._is_lost = False
        self._is_called = False  # the carrier has been told of held frames that are due
        self._active_s = trio.current_time()
        self._mute_until_s = math.inf
        self._beat_changed = trio.Event()
        self._way_changed = trio.Event()

    @property
    def ending(self) -> Ending | None:
        """How the carrier ends now that it has sent what it took; None: it goes on."""
        if self.peer.is_cut:
            return Ending.CUT
        if self._outbound.is_mute or not self._outbound.is_empty or self.peer.outbox:
            return None
        return Ending.GOODBYE if self.peer.is_closing else None

    @property
    def is_silent(self) -> bool:
        """True while nothing at all may leave, be it only a carrier's own sign of life."""
        return self._outbound.is_mute or self._outbound.is_stalled(trio.current_time())

    def hear(self, body: bytes) -> None:
        """Serve one request; unless it is held, its answer waits before this returns.

        What comes after a request that ended the connection is not served.
        """
        self.floor.now()
        self._note_activity()
        if self._is_deaf or self.peer.is_closing:
            return
        if self.floor.trouble.take("deaf_both"):
            self._is_deaf = True
            self._outbound.mute()
            self._begin_mute()
            return
        fate = self._inbound.arrive(body, now_s=trio.current_time())
        match fate:
            case Fate.DROPPED:
                pass
            case Fate.HELD:
                self._way_changed.set()
            case Fate.CUT:
                self.peer.cut()
            case Fate.SERVED:
                self._serve(body)
            case Fate.CUT_AFTER:
                self._serve(body)
                self.peer.cut()

    def take(self) -> list[bytes]:
        """Return the frames that are to be sent now; `wake` is called when there are more."""
        now_s = trio.current_time()
        for frame in self.peer.take():
            self._note_activity()
            self._outbound.depart(frame, now_s=now_s)
        if self._outbound.is_mute:
            self._begin_mute()
            if self.peer.is_closing:
                self.lost()  # for the exchange it has ended; the client is not told
        frames = [] if self.peer.is_cut else self._outbound.arrived(now_s)
        self._is_called = False
        if not self._outbound.is_empty:
            self._way_changed.set()
        return frames

    def refuse_unread(self, code: int) -> None:
        """Answer what is no request at all."""
        if not self._is_deaf:
            self._refuse(refuse(code))

    async def live(self) -> None:
        """Beat, and let what is held on the way arrive in time; ends with the connection only."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._beat)
            nursery.start_soon(self._pace)

    def lost(self) -> None:
        """The connection is gone, however: orders may have to be cancelled."""
        if self._is_lost:
            return
        self._is_lost = True
        self.peer.is_closing = True
        self._inbound.clear()
        self.floor.lost(self.peer)

    def _serve(self, body: bytes) -> None:
        in_us = self.floor.now_us()
        request = decode_request(body)
        if isinstance(request, Refused):
            self._refuse(request)
            return
        if self._is_unheard(request):
            return
        beat_s = self.peer.heartbeat_s
        made = answer(self.floor, self.peer, method=request.method, params=request.params)
        if self.peer.heartbeat_s != beat_s:
            self._beat_changed.set()
        if made.later is not None:
            later = made.later
            self.floor.agenda.put(
                later.due_ms, lambda: self._answer(request.id, later.give(), in_us=in_us)
            )
        self._answer(request.id, made, in_us=in_us)

    def _answer(self, request_id: int | str | None, made: Answer, *, in_us: int) -> None:
        if made.is_silent:
            return
        out_us = self.floor.now_us()
        said = reply(request_id, result=made.result, in_us=in_us, out_us=out_us)
        self.peer.send(spoilt_answer(self.floor.trouble, said))
        for frame in made.afterwards:
            self.peer.send(frame)
        if isinstance(made.result, Refused) and made.result.code == 10028:
            self.peer.close()  # PROTOCOL §16: over the limit the connection is terminated

    def _is_unheard(self, request: Request) -> bool:
        return (
            self.peer.is_test_due
            and request.method == "public/test"
            and self.floor.trouble.take("test_unheard")
        )

    def _refuse(self, refused: Refused) -> None:
        """Answer without an id."""
        now_us = self.floor.now_us()
        self.peer.send(reply(None, result=refused, in_us=now_us, out_us=now_us))

    def _note_activity(self) -> None:
        """Something moves; a proxy may have cut the connection while nothing did."""
        now_s = trio.current_time()
        is_after_quiet = now_s - self._active_s > _QUIET_S and not self._outbound.is_mute
        if is_after_quiet and self.floor.trouble.take("idle_cut"):
            self.peer.cut()
        self._active_s = now_s

    def _begin_mute(self) -> None:
        if self._mute_until_s == math.inf:
            self._mute_until_s = trio.current_time() + _MUTE_S
            self._way_changed.set()

    async def _beat(self) -> None:
        """Follow what `set_heartbeat` has asked for, until a test request goes unanswered."""
        while True:
            self._beat_changed = trio.Event()
            interval_s = self.peer.heartbeat_s
            with trio.move_on_after(math.inf if interval_s is None else interval_s):
                await self._beat_changed.wait()
                continue
            if self.peer.is_test_due:
                self.peer.close()  # unanswered for a whole interval: taken for dead
                return
            self.peer.is_test_due = True
            self.peer.send(HEARTBEAT)
            self.peer.send(TEST_REQUEST)

    async def _pace(self) -> None:
        """Serve held requests and call the carrier for held frames, each at its time."""
        while not self.peer.is_cut:
            self._way_changed = trio.Event()
            # Once called, a carrier may take its time: its stream can be full.
            frames_s = math.inf if self._is_called else self._outbound.next_s
            with trio.move_on_at(min(frames_s, self._inbound.next_s, self._mute_until_s)):
                await self._way_changed.wait()
                continue
            now_s = trio.current_time()
            while (body := self._inbound.due(now_s)) is not None:
                if not self.peer.is_closing:
                    self._serve(body)
            if now_s >= self._mute_until_s:
                self.lost()
                self.peer.cut()
            elif now_s >= self._outbound.next_s:
                self._is_called = True
                self.peer.wake()
