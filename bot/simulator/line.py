"""One lasting connection to the exchange, whatever carries its messages."""

from typing import Final, final

import trio

from bot.simulator.floor import Floor
from bot.simulator.peer import Peer
from bot.simulator.refusal import Refused, refuse
from bot.simulator.rpc.answer import Answer
from bot.simulator.rpc.dispatch import answer
from bot.simulator.wire import decode_request, encode, reply

__all__ = ["Line"]

_HEARTBEAT: Final = encode(
    {"jsonrpc": "2.0", "method": "heartbeat", "params": {"type": "heartbeat"}}
)
_TEST_REQUEST: Final = encode(
    {"jsonrpc": "2.0", "method": "heartbeat", "params": {"type": "test_request"}}
)


@final
class Line:
    """Requests in, frames out; what its loss brings about is the floor's to know."""

    def __init__(self, floor: Floor, peer: Peer) -> None:
        """Take over a fresh peer; its `wake` tells the carrier that frames wait."""
        self.floor = floor
        self.peer = peer
        self._beat_changed = trio.Event()

    def hear(self, body: bytes) -> None:
        """Serve one request; the answer waits at the peer before this returns."""
        in_us = self.floor.now_us()
        request = decode_request(body)
        if isinstance(request, Refused):
            self.refuse(request)
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
        self.peer.send(reply(request_id, result=made.result, in_us=in_us, out_us=out_us))
        for frame in made.afterwards:
            self.peer.send(frame)
        if isinstance(made.result, Refused) and made.result.code == 10028:
            self.peer.close()  # PROTOCOL §16: over the limit the connection is terminated

    def refuse_unread(self, code: int) -> None:
        """Answer what is no request at all."""
        self.refuse(refuse(code))

    def refuse(self, refused: Refused) -> None:
        """Answer without an id."""
        now_us = self.floor.now_us()
        self.peer.send(reply(None, result=refused, in_us=now_us, out_us=now_us))

    async def beat(self) -> None:
        """Follow what `set_heartbeat` has asked for, until a test request goes unanswered."""
        while True:
            self._beat_changed = trio.Event()
            interval_s = self.peer.heartbeat_s
            with trio.move_on_after(float("inf") if interval_s is None else interval_s):
                await self._beat_changed.wait()
                continue
            if self.peer.is_test_due:
                self.peer.close()  # unanswered for a whole interval: taken for dead
                return
            self.peer.is_test_due = True
            self.peer.send(_HEARTBEAT)
            self.peer.send(_TEST_REQUEST)

    def lost(self) -> None:
        """The connection is gone, however: orders may have to be cancelled."""
        self.peer.is_closing = True
        self.floor.lost(self.peer)
