"""What can come of a call. The difference between NotSent and NoReply is money.

After the first byte may have left, silence is never NotSent: the order may be live [C-205].
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Call", "NoReply", "NotSent", "Ok", "OrderCall", "Refused", "Reply", "Still", "always"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ok:
    """A result, as raw JSON. `us_in` and `us_out` are the venue's clock in µs, where it says."""

    result: bytes
    us_in: int | None
    us_out: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An error answer with our id. What it proves about an order, `bot.venue.errors` says."""

    code: int
    message: str
    data: bytes | None = None  # raw JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class NoReply:
    """A byte may have left and no usable answer came: an order is in doubt."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """Surely nothing left: no connection, no credits, no room, or no time before the first byte."""

    why: str


Reply = Ok | Refused | NoReply | NotSent


Still = Callable[[], str | None]


def always() -> str | None:
    """Nothing stands against sending."""
    return None


class Call(Protocol):
    """Carry one request: the same for the WebSocket session and for HTTP."""

    async def __call__(
        self,
        method: str,
        params: Mapping[str, object],
        *,
        deadline_s: float,
        is_exit: bool = False,
    ) -> Reply:
        """Ask once and never again; `is_exit` may spend the credits kept for exits [C-506]."""
        ...


class OrderCall(Protocol):
    """Carry one request that can touch an order: the session's line of the matching engine."""

    async def __call__(
        self,
        method: str,
        params: Mapping[str, object],
        *,
        deadline_s: float,
        is_exit: bool = False,
        still: Still = always,
    ) -> Reply:
        """Ask once and never again.

        `still` is asked at the last moment before the first byte, when nothing else can come in
        between; a reason it gives is why the request is NotSent.
        """
        ...
