"""Asking for channels and reading what was really given (PROTOCOL §7, §20 row 17)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, assert_never

import msgspec

from bot.venue.event import Missing
from bot.venue.reply import Call, NoReply, NotSent, Ok, Refused

__all__ = ["CHANNELS_MAX", "InDoubt", "Subscription", "batches", "subscribe", "unsubscribe"]

CHANNELS_MAX: Final = 4_000  # all that one connection may ask for
_CALL_CHANNELS_MAX: Final = 500
_CALL_BYTES_MAX: Final = 24_000  # well inside the 32 kB of a frame
_SUBSCRIBE_S: Final = 10.0

_NAMES: Final = msgspec.json.Decoder(tuple[str, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What came of asking."""

    channels: tuple[str, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InDoubt:
    """Nobody knows what this connection now carries: it must be replaced."""

    why: str


async def subscribe(call: Call, channels: Iterable[str]) -> Subscription | InDoubt:
    """Subscribe, one call a class: one refused channel refuses its whole call.

    An unknown channel is silently left out by the venue, so that answer and question are compared.
    """
    got: list[str] = []
    missing: list[Missing] = []
    for batch in batches(channels):
        scope = "private" if batch[0].startswith("user.") else "public"
        reply = await call(
            f"{scope}/subscribe", {"channels": list(batch)}, deadline_s=_SUBSCRIBE_S, is_exit=True
        )
        match reply:
            case Ok(result=result):
                try:
                    given = frozenset(_NAMES.decode(result))
                except msgspec.MsgspecError as fault:
                    return InDoubt(why=f"subscribe: {fault}")
                got += [channel for channel in batch if channel in given]
                missing += [
                    Missing(channel=channel, why="left out of the answer")
                    for channel in batch
                    if channel not in given
                ]
            case Refused(code=code, message=message):
                missing += [Missing(channel=c, why=f"{code} {message}") for c in batch]
            case NoReply(why=why) | NotSent(why=why):
                return InDoubt(why=f"subscribe: {why}")
            case _:
                assert_never(reply)
    return Subscription(channels=tuple(got), missing=tuple(missing))


async def unsubscribe(call: Call, channels: Iterable[str]) -> InDoubt | None:
    """Unsubscribe; anything but a clear answer leaves the connection in doubt."""
    for batch in batches(channels):
        scope = "private" if batch[0].startswith("user.") else "public"
        reply = await call(
            f"{scope}/unsubscribe", {"channels": list(batch)}, deadline_s=_SUBSCRIBE_S, is_exit=True
        )
        if not isinstance(reply, Ok):
            return InDoubt(why=f"unsubscribe: {reply}")
    return None


def batches(channels: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Group channels into calls: sorted, of one class each, within the venue's limits.

    The class is the channel's first word, and whether it is raw: raw is what may be refused.
    """
    found: list[list[str]] = []
    size = 0
    last: tuple[str, bool] | None = None
    for channel in sorted(set(channels), key=lambda name: (_class_of(name), name)):
        size += len(channel) + len('"",')
        is_full = found and (len(found[-1]) >= _CALL_CHANNELS_MAX or size > _CALL_BYTES_MAX)
        if is_full or _class_of(channel) != last:
            found.append([])
            size = len(channel) + len('"",')
            last = _class_of(channel)
        found[-1].append(channel)
    return tuple(tuple(batch) for batch in found)


def _class_of(channel: str) -> tuple[str, bool]:
    return channel.partition(".")[0], channel.endswith(".raw")
