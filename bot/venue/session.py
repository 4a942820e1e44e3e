"""The session: one authenticated connection at a time, for ever (PROTOCOL §3, §4, §7, §14).

Over 300 lines, because a connection from its dial to its end is one story.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Final, NoReturn, Protocol, final

import trio

from bot.venue.backoff import Draw, wait_s
from bot.venue.conversation import HEARTBEAT_S, Conversation
from bot.venue.credits import ORDER_METHODS
from bot.venue.event import Connected, Disconnected, Protected, Sink, Subscribed
from bot.venue.grant import Denied, Granted, authenticate, refresh, refresh_after_s
from bot.venue.link import Dial, LinkClosedError
from bot.venue.protection import ARM, ask_whether_armed
from bot.venue.purse import Purse
from bot.venue.reply import NotSent, Ok, Refused, Reply, Still, always
from bot.venue.secret import Credentials
from bot.venue.subscription import CHANNELS_MAX, InDoubt, subscribe, unsubscribe
from bot.venue.undecodable import UndecodableError
from bot.venue.wire.platform import decode_time

__all__ = ["Session", "SessionClock", "Terms"]

_SETUP_S: Final = 10.0
_CONFIRM_AGAIN_S: Final = 5.0
_UNAUTHORIZED: Final = 13009
_COMPARE_S: Final = 3.0
_COMPARISONS_MAX: Final = 3  # of the clocks, before a login
_STEADY_S: Final = 30.0  # a connection that lived this long was a good one
_FAILURES_WHEN_REFUSED: Final = 7  # the longest wait at once: hammering gets a key banned


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Who we are and what we ask for. `scope` is the venue's text, `trade:read_write …`."""

    credentials: Credentials
    scope: str
    is_testnet: bool
    is_cancelled_on_disconnect: bool  # needs account:read_write; a reader has nothing to cancel


class SessionClock(Protocol):
    """What a session needs of the clocks: a login is signed with the venue's time."""

    def now_ms(self) -> int:
        """Return venue time by the best estimate."""
        ...

    def local_ms(self) -> int:
        """Return local time."""
        ...

    def take(self, *, asked_ms: int, answered_ms: int, venue_ms: int) -> object:
        """Take a round trip in local time around the venue's own."""
        ...

    @property
    def is_settled(self) -> bool:
        """True when two round trips agree, and the last contradicts none."""
        ...


@final
class Session:
    """Dials, authenticates, arms, subscribes, refreshes, and dials again when it ends."""

    def __init__(
        self,
        *,
        dial: Dial,
        terms: Terms,
        sink: Sink,
        purse: Purse,
        draw: Draw,
        clock: SessionClock,
    ) -> None:
        """Take the seams; nothing happens before `run`."""
        self._dial = dial
        self._terms = terms
        self._sink = sink
        self._purse = purse
        self._draw = draw
        self._clock = clock
        self._ids = count(1)
        self._epoch = 0
        self._wanted: tuple[str, ...] = ()
        self._carried: frozenset[str] = frozenset()
        self._aligning = trio.Lock()
        self._live: Conversation | None = None  # set only while calls may go out
        self._is_refused = False
        self._refusals = 0
        self._refusal = ""
        self._is_in_maintenance = False

    @property
    def silence_ms(self) -> int | None:
        """How long the line that is up has said nothing; None without one."""
        return None if self._live is None else self._live.silence_ms

    @property
    def refusals(self) -> tuple[int, str]:
        """How often in a row the venue has refused the key, and its last words."""
        return self._refusals, self._refusal

    @property
    def is_in_maintenance(self) -> bool:
        """True when the last login was put off for a maintenance."""
        return self._is_in_maintenance

    async def run(self) -> NoReturn:
        """Keep a connection until cancelled. Waits between attempts grow to 30 s."""
        failures = 0
        while True:
            began_at = trio.current_time()
            self._is_refused = False
            why = await self._live_once()
            self._sink(Disconnected(epoch=self._epoch, why=why))
            is_steady = trio.current_time() - began_at >= _STEADY_S
            failures = 0 if is_steady else failures + 1
            if self._is_refused:
                failures = max(failures, _FAILURES_WHEN_REFUSED)
            await trio.sleep(wait_s(failures, draw=self._draw))

    async def call(
        self,
        method: str,
        params: Mapping[str, object],
        *,
        deadline_s: float,
        is_exit: bool = False,
    ) -> Reply:
        """Carry a request that cannot touch an order. NotSent while there is no connection.

        Raises AssertionError for a method of the matching engine: those have one door [C-101].
        """
        if method in ORDER_METHODS:
            raise AssertionError(f"{method} goes through call_order")
        return await self._call(method, params, deadline_s=deadline_s, is_exit=is_exit)

    async def call_order(
        self,
        method: str,
        params: Mapping[str, object],
        *,
        deadline_s: float,
        is_exit: bool = False,
        still: Still = always,
    ) -> Reply:
        """Carry a request of the matching engine; for the write and cancel ports alone [C-101]."""
        if method not in ORDER_METHODS:
            raise AssertionError(f"{method} goes through call")
        return await self._call(method, params, deadline_s=deadline_s, is_exit=is_exit, still=still)

    async def want(self, channels: Iterable[str]) -> None:
        """Set the channels that every connection carries; aligns the present one before returning.

        Raises ValueError beyond CHANNELS_MAX.
        """
        wanted = tuple(sorted(set(channels)))
        if len(wanted) > CHANNELS_MAX:
            raise ValueError(f"{len(wanted)} channels wanted, at most {CHANNELS_MAX}")
        self._wanted = wanted
        if self._live is not None:
            await self._align(self._live)

    async def renew(self, channels: Iterable[str]) -> None:
        """Ask for snapshots of carried channels; a second subscribe alone sends none (§7.1)."""
        live = self._live
        if live is None:
            return
        async with self._aligning:
            stale = self._carried & frozenset(channels)
            doubt = await unsubscribe(live.call, sorted(stale))
            if doubt is not None:
                live.end(doubt.why)
                return
            if self._live is live:
                self._carried -= stale
        await self._align(live)

    async def _call(
        self,
        method: str,
        params: Mapping[str, object],
        *,
        deadline_s: float,
        is_exit: bool,
        still: Still = always,
    ) -> Reply:
        live = self._live
        if live is None:
            await trio.lowlevel.checkpoint()
            return NotSent(why="no connection")
        reply = await live.call(method, params, deadline_s=deadline_s, is_exit=is_exit, still=still)
        if isinstance(reply, Refused) and reply.code == _UNAUTHORIZED:
            # What the login protected is gone with it: a new connection logs in and arms anew.
            live.end("the login is not valid any more")
        return reply

    async def _live_once(self) -> str:
        try:
            async with self._dial() as link:
                conversation = Conversation(
                    link=link,
                    epoch=self._epoch + 1,
                    is_testnet=self._terms.is_testnet,
                    purse=self._purse,
                    ids=self._ids,
                    sink=self._sink,
                )
                try:
                    async with trio.open_nursery() as nursery:
                        nursery.start_soon(conversation.read)
                        nursery.start_soon(conversation.answer_tests)
                        nursery.start_soon(conversation.watch_silence)
                        nursery.start_soon(self._hold, conversation, nursery)
                        await conversation.ended.wait()
                        nursery.cancel_scope.cancel()
                finally:
                    # Also when we are cancelled: whoever waits must learn that it is in doubt.
                    self._live = None
                    self._carried = frozenset()
                    conversation.end("session closed")
        except LinkClosedError as closed:
            return f"no link: {closed}"
        return conversation.why or "ended"

    async def _hold(self, conversation: Conversation, nursery: trio.Nursery) -> None:
        granted = await self._greet(conversation)
        if isinstance(granted, Denied):
            self._refuse(conversation, granted)
            return
        self._refusals, self._refusal, self._is_in_maintenance = 0, "", False
        self._epoch += 1
        self._live = conversation
        self._sink(Connected(epoch=self._epoch))
        if self._terms.is_cancelled_on_disconnect:
            nursery.start_soon(self._confirm_protection, conversation)
        await self._align(conversation)
        while True:
            await trio.sleep(refresh_after_s(granted))
            granted = await self._renew_grant(conversation, held=granted)
            if isinstance(granted, Denied):
                self._refuse(conversation, granted)
                return

    def _refuse(self, conversation: Conversation, denied: Denied) -> None:
        self._is_refused = denied.is_refused
        self._is_in_maintenance = denied.is_maintenance
        if denied.is_about_key:
            self._refusals, self._refusal = self._refusals + 1, denied.why
        conversation.end(denied.why)

    async def _greet(self, conversation: Conversation) -> Granted | Denied:
        await self._compare_clocks(conversation)
        granted = await self._authenticate(conversation)
        if isinstance(granted, Denied):
            return granted
        steps: list[tuple[str, dict[str, object]]] = [
            ("public/set_heartbeat", {"interval": HEARTBEAT_S})
        ]
        if self._terms.is_cancelled_on_disconnect:
            steps.append(ARM)
        for method, params in steps:
            reply = await conversation.call(method, params, deadline_s=_SETUP_S, is_exit=True)
            # Without these a half-open link would leave orders behind: better no connection.
            if not (isinstance(reply, Ok) and reply.result == b'"ok"'):
                return Denied(why=f"{method}: {reply}", is_refused=False)
        return granted

    async def _confirm_protection(self, conversation: Conversation) -> None:
        """Have the venue say that the net is there; until then arm it again, for this connection.

        "Ok" to the arming is a promise and not a state. A connection without the net stays all the
        same: exits need it, and opens wait for the word.
        """
        method, params = ARM
        while not await ask_whether_armed(conversation.call):
            await trio.sleep(_CONFIRM_AGAIN_S)
            await conversation.call(method, params, deadline_s=_SETUP_S, is_exit=True)
        self._sink(Protected(epoch=self._epoch))

    async def _compare_clocks(self, conversation: Conversation) -> None:
        """Ask for the venue's time before the first signature, which an hour's error would spoil:
        a machine whose clock is wrong must still reach its orders.

        A login never waits for it: what cannot be known is signed with the best estimate, and the
        venue decides. That opens need a proven clock is the latch's to say.
        """
        for _ in range(_COMPARISONS_MAX):
            asked_ms = self._clock.local_ms()
            reply = await conversation.call(
                "public/get_time", {}, deadline_s=_COMPARE_S, is_exit=True
            )
            answered_ms = self._clock.local_ms()
            if not isinstance(reply, Ok):
                return
            try:
                venue_ms = decode_time(reply.result)
            except UndecodableError:
                return
            self._clock.take(asked_ms=asked_ms, answered_ms=answered_ms, venue_ms=venue_ms)
            if self._clock.is_settled:
                return

    async def _authenticate(self, conversation: Conversation) -> Granted | Denied:
        return await authenticate(
            conversation.call,
            credentials=self._terms.credentials,
            scope=self._terms.scope,
            now_ms=self._clock.now_ms,
            draw=self._draw,
        )

    async def _renew_grant(self, conversation: Conversation, *, held: Granted) -> Granted | Denied:
        renewed = await refresh(conversation.call, held=held, scope=self._terms.scope)
        if isinstance(renewed, Granted):
            return renewed
        return await self._authenticate(conversation)

    async def _align(self, conversation: Conversation) -> None:
        async with self._aligning:
            if self._live is not conversation:
                return  # the next connection aligns itself
            lacking = [c for c in self._wanted if c not in self._carried]
            outcome = await subscribe(conversation.call, lacking)
            if isinstance(outcome, InDoubt):
                conversation.end(outcome.why)
                return
            self._carry(conversation, self._carried.union(outcome.channels))
            surplus = sorted(self._carried.difference(self._wanted))
            doubt = await unsubscribe(conversation.call, surplus)
            if doubt is not None:
                conversation.end(doubt.why)
                return
            self._carry(conversation, self._carried.difference(surplus))
            self._sink(
                Subscribed(epoch=self._epoch, channels=outcome.channels, missing=outcome.missing)
            )

    def _carry(self, conversation: Conversation, carried: frozenset[str]) -> None:
        if self._live is conversation:
            self._carried = carried
