"""A method of the protocol: its name, parameters, scope, cost and what it does."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, final

import msgspec

from bot.domain.ids import AccountId
from bot.simulator.auth import Grant
from bot.simulator.exchange.venue import Venue
from bot.simulator.floor import Floor
from bot.simulator.limits import Bucket
from bot.simulator.peer import Peer
from bot.simulator.refusal import Refused
from bot.simulator.scope import Level

__all__ = ["NO_ANSWER", "Call", "Method", "Need", "NoParams"]


@final
class _NoAnswer:
    """The answer of a method that has none: logout."""


NO_ANSWER: Final = _NoAnswer()

Need = tuple[str, Level]  # an area of the scope, and how much of it


class NoParams(msgspec.Struct):
    """Parameters of a method that has none; others are ignored."""


@final
@dataclass(slots=True)
class Call:
    """One request in the hands of its method. `afterwards`: frames that follow the answer."""

    floor: Floor
    peer: Peer
    grant: Grant | None
    now_ms: int
    afterwards: list[bytes] = field(default_factory=list)
    seen: Venue | None = None

    @property
    def venue(self) -> Venue:
        """The exchange's state; `seen` when it is shown to this call otherwise than it is."""
        return self.floor.venue if self.seen is None else self.seen

    @property
    def account(self) -> AccountId:
        """Whose call it is. Only private methods ask, and those have a grant."""
        if self.grant is None:
            raise ValueError("a public call has no account")
        return self.grant.key.account


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One row of the table. `need` None is a public method.

    `act` takes the call and an instance of `params`, and returns what the wire shows as the
    result, or a Refused, or NO_ANSWER.
    """

    name: str
    params: type[Any]
    act: Callable[[Call, Any], Any | Refused]
    need: Need | None = None
    bucket: Bucket | Callable[[Any], Bucket] = Bucket.NON_MATCHING
    is_socket_only: bool = False
