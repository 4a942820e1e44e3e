"""The venue as the watchdog reaches it: HTTP and a key of its own, to list and to cancel."""

import random
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, assert_never, final

import msgspec

from bot.domain.ids import Currency
from bot.domain.report import OrderReport
from bot.venue.cancel import CancelPort
from bot.venue.grant import Denied, Granted, authenticate
from bot.venue.http import HttpPort, open_http
from bot.venue.outcome import (
    Acked,
    Ambiguous,
    Cancelled,
    CancelOutcome,
    Outcome,
    Rejected,
)
from bot.venue.purse import Purse
from bot.venue.read import ReadFailed, ReadPort
from bot.venue.reply import NotSent, Reply
from bot.venue.secret import Credentials
from bot.watchdog.risk import ById, ByLabel, Everything, Step

__all__ = ["Reach", "VenueAway", "open_reach"]

# It must cancel, which the venue only knows as writing; it never moves money.
_SCOPE: Final = "trade:read_write account:read wallet:none"
_ANSWER_S: Final = 1.5  # of any one question: a round has to fit into what is left of the 10 s


class _Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    http: str


@dataclass(frozen=True, slots=True)
class VenueAway:
    """The venue's address is not known, or it does not answer."""

    why: str


@asynccontextmanager
async def open_reach(
    endpoint: Path, *, credentials: Credentials, currency: Currency, purse: Purse
) -> AsyncGenerator["Reach | VenueAway"]:
    """Open a way to the venue for one round; where it listens, it says itself in `endpoint`."""
    found = _found(endpoint)
    if found is None:
        yield VenueAway(f"nothing says where the venue listens ({endpoint.name})")
        return
    stamp = _Stamp()
    async with open_http(
        f"{found.http}/api/v2",
        credentials=credentials,
        is_testnet=True,
        purse=purse,
        draw=random.SystemRandom(),  # a nonce must be new in every process of ours
        now_ms=stamp.now_ms,
    ) as http:
        reach = Reach(http, credentials=credentials, currency=currency, stamp=stamp)
        at = await reach.read.get_time()
        if isinstance(at, ReadFailed):
            yield VenueAway(at.why)
            return
        stamp.set(at.at_ms)  # the venue takes a signature of its own time only
        yield reach


def _found(endpoint: Path) -> _Endpoint | None:
    try:
        return msgspec.json.decode(endpoint.read_bytes(), type=_Endpoint)
    except (OSError, msgspec.DecodeError):
        return None


@final
class _Stamp:
    """The venue's time, from the one answer that told it."""

    def __init__(self) -> None:
        self._at_ms, self._mono_s = time.time_ns() // 1_000_000, time.monotonic()

    def set(self, at_ms: int) -> None:
        self._at_ms, self._mono_s = at_ms, time.monotonic()

    def now_ms(self) -> int:
        return self._at_ms + int((time.monotonic() - self._mono_s) * 1_000)


@final
class Reach:
    """Lists what rests and takes it off; it can do nothing else."""

    def __init__(
        self, http: HttpPort, *, credentials: Credentials, currency: Currency, stamp: _Stamp
    ) -> None:
        """Use `open_reach`."""
        self._http = http
        self._credentials = credentials
        self._currency = currency
        self._stamp = stamp
        self.read = ReadPort(call=self._call)
        self._cancels = CancelPort(call=self._cancel)

    async def prove_key(self) -> Granted | Denied:
        """Have the venue say what the key may do: to cancel, and not to move money [C-006]."""
        return await authenticate(
            self._call,
            credentials=self._credentials,
            scope=_SCOPE,
            now_ms=self._stamp.now_ms,
            draw=random.SystemRandom(),
        )

    async def resting(self) -> tuple[OrderReport, ...] | ReadFailed:
        """List what rests, of whatever hand."""
        return await self.read.open_orders(self._currency)

    async def carry_out(self, step: Step) -> str | None:
        """Take one step; None when the venue has done it, else why not or why not surely.

        "Not open any more" is done: it is the list that proves, and it is read again.
        """
        outcome: Outcome | CancelOutcome
        match step:
            case ById(order_id):
                outcome = await self._cancels.cancel(order_id, deadline_s=_ANSWER_S)
            case ByLabel(label):
                outcome = await self._cancels.cancel_by_label(
                    label, currency=self._currency, deadline_s=_ANSWER_S
                )
            case Everything():
                outcome = await self._cancels.cancel_all_by_currency(
                    self._currency, deadline_s=_ANSWER_S
                )
            case _:
                assert_never(step)
        match outcome:
            case Acked() | Cancelled():
                return None
            case Rejected(code=code, message=message, needs_lookup=needs_lookup):
                return None if needs_lookup else f"{code} {message}"
            case Ambiguous(why=why) | NotSent(why=why):
                return why
            case _:
                assert_never(outcome)

    async def _call(
        self,
        method: str,
        params: Mapping[str, object],
        *,
        deadline_s: float,
        is_exit: bool = False,  # noqa: ARG002  # all that we ask is for getting out
    ) -> Reply:
        return await self._http.call(
            method, params, deadline_s=min(deadline_s, _ANSWER_S), is_exit=True
        )

    async def _cancel(
        self,
        method: str,
        params: Mapping[str, object],
        *,
        deadline_s: float,
        is_exit: bool = False,  # noqa: ARG002  # as above
    ) -> Reply:
        return await self._http.call_cancel(method, params, deadline_s=deadline_s, is_exit=True)
