"""JSON-RPC over one link: who asked what, what came back, and when it is over (PROTOCOL §2, §4)."""

from collections.abc import Iterator, Mapping
from typing import Final, final

import trio

from bot.venue.envelope import Envelope, Notification, decode_envelope, encode_request
from bot.venue.event import Garbled, Reported, Sink, Unmatched
from bot.venue.link import Link, LinkClosedError
from bot.venue.pending import IN_FLIGHT_MAX, Pending, Slot
from bot.venue.purse import Purse
from bot.venue.reply import NoReply, NotSent, Ok, Refused, Reply, Still, always
from bot.venue.undecodable import UndecodableError
from bot.venue.wire.notification import decode_notification

__all__ = ["HEARTBEAT_S", "SILENCE_S_MAX", "Conversation"]

HEARTBEAT_S: Final = 10  # the shortest that the venue takes
SILENCE_S_MAX: Final = 2.0 * HEARTBEAT_S  # no frame for two intervals is a dead link
_TEST_ANSWER_S: Final = 5.0
_TOO_MANY_REQUESTS: Final = 10028


@final
class Conversation:
    """One connection's requests, replies and notifications, from its opening to its end."""

    def __init__(
        self,
        *,
        link: Link,
        epoch: int,
        is_testnet: bool,
        purse: Purse,
        ids: Iterator[int],
        sink: Sink,
    ) -> None:
        """Take over a fresh link. `ids` go on over connections, so that none is used twice."""
        self._link = link
        self._epoch = epoch
        self._is_testnet = is_testnet
        self._purse = purse
        self._ids = ids
        self._sink = sink
        self._pending = Pending()
        self._sending = trio.Lock()
        self._heard_at = trio.current_time()
        self._test_due = trio.Event()  # a second test_request is answered by the same answer
        self.ended = trio.Event()
        self.why: str | None = None

    def end(self, why: str) -> None:
        """End it, once; everybody who waits learns whether a byte may have left."""
        if self.why is None:
            self.why = why
            self.ended.set()
            self._pending.fail_all(why)

    async def call(
        self,
        method: str,
        params: Mapping[str, object],
        *,
        deadline_s: float,
        is_exit: bool = False,
        still: Still = always,
    ) -> Reply:
        """Ask once. After the deadline: NotSent before the first byte, NoReply ever after."""
        deadline = trio.current_time() + deadline_s
        unpaid = await self._purse.pay(method, params=params, deadline=deadline, is_exit=is_exit)
        if unpaid is not None:
            return NotSent(why=unpaid)
        if self.why is not None:
            return NotSent(why=self.why)
        request_id = next(self._ids)
        try:
            frame = encode_request(method, params=params, request_id=request_id)
        except ValueError as fault:
            return NotSent(why=str(fault))
        slot = self._pending.open(request_id)
        if slot is None:
            return NotSent(why=f"{IN_FLIGHT_MAX} requests are already in flight")
        try:
            return await self._exchange(frame, slot=slot, deadline=deadline, still=still)
        finally:
            self._pending.close(request_id)

    async def read(self) -> None:
        """Take frames until the link closes. Decoding and applying happen here, without a hop."""
        try:
            while self.why is None:
                frame = await self._link.receive()
                self._heard_at = trio.current_time()
                self._take(frame)
        except LinkClosedError as closed:
            self.end(f"link closed: {closed}")

    @property
    def silence_ms(self) -> int:
        """How long ago the last frame came, whatever it was."""
        return int((trio.current_time() - self._heard_at) * 1000)

    async def answer_tests(self) -> None:
        """Answer each test_request: a miss closes the connection and cancels our orders."""
        while True:
            await self._test_due.wait()
            self._test_due = trio.Event()
            await self.call("public/test", {}, deadline_s=_TEST_ANSWER_S, is_exit=True)

    async def watch_silence(self) -> None:
        """End the conversation when nothing at all has come for SILENCE_S_MAX."""
        while True:
            quiet_until = self._heard_at + SILENCE_S_MAX
            if trio.current_time() >= quiet_until:
                self.end(f"no frame for {SILENCE_S_MAX:.0f} s")
                return
            await trio.sleep_until(quiet_until)

    async def _exchange(self, frame: bytes, *, slot: Slot, deadline: float, still: Still) -> Reply:
        with trio.CancelScope(deadline=deadline):
            async with self._sending:
                # Another frame may have held the line for seconds: the world is asked once more.
                why = self.why or still()
                if why is None:
                    await self._send(frame, slot=slot)
                else:
                    slot.fill(NotSent(why=why))
            await slot.filled.wait()
        if slot.reply is not None:
            return slot.reply
        if slot.has_left:
            return NoReply(why="no reply before the deadline")
        return NotSent(why="the deadline came before the first byte")

    async def _send(self, frame: bytes, *, slot: Slot) -> None:
        is_whole = False
        slot.has_left = True
        try:
            await self._link.send(frame)
            is_whole = True
        except LinkClosedError as closed:
            self.end(f"link closed: {closed}")
        finally:
            # Cancelled in the middle, half a frame may be out: nothing may follow it.
            if not is_whole:
                self.end("a send was cut short")

    def _take(self, frame: bytes) -> None:
        try:
            envelope = decode_envelope(frame)
        except UndecodableError as fault:
            self._sink(Garbled(epoch=self._epoch, channel=None, why=str(fault)))
            return
        if envelope.notification is not None:
            self._report(envelope.notification)
        elif envelope.beat is not None:
            self._beat(envelope.beat)
        else:
            self._match(envelope)

    def _report(self, notification: Notification) -> None:
        channel = notification.channel
        try:
            reports = decode_notification(channel, data=notification.data)
        except UndecodableError as fault:
            self._sink(Garbled(epoch=self._epoch, channel=channel, why=str(fault)))
            return
        for report in reports:
            self._sink(Reported(epoch=self._epoch, channel=channel, report=report))

    def _beat(self, kind: str) -> None:
        # An unknown kind is answered like a test: an answer too many costs half a credit.
        if kind != "heartbeat":
            self._test_due.set()

    def _match(self, envelope: Envelope) -> None:
        if envelope.is_testnet is not None and envelope.is_testnet is not self._is_testnet:
            self.end(f"the venue says testnet={envelope.is_testnet}, expected {self._is_testnet}")
            return
        reply: Reply
        if envelope.error is not None:
            error = envelope.error
            reply = Refused(code=error.code, message=error.message, data=error.data)
        else:
            reply = Ok(
                result=envelope.result or b"null", us_in=envelope.us_in, us_out=envelope.us_out
            )
        if not self._pending.fill(envelope.id, reply=reply):
            self._sink(Unmatched(epoch=self._epoch, request_id=envelope.id))
        if isinstance(reply, Refused) and reply.code == _TOO_MANY_REQUESTS:
            # The venue closes now; all others in flight are in doubt (PROTOCOL §16).
            self._purse.limited()
            self.end("too_many_requests")
