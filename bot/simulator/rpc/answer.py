"""What becomes of a request: its answer, now or later."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, final

from bot.simulator.rpc.method import NO_ANSWER, Call, Method

__all__ = ["Answer", "Later", "carry_out"]


@final
@dataclass(frozen=True, slots=True)
class Answer:
    """The result or Refused of a request, and what follows it on the same connection.

    With `later` there is none now: it is found when it is due.
    """

    result: Any
    afterwards: tuple[bytes, ...] = ()
    later: "Later | None" = None

    @property
    def is_silent(self) -> bool:
        """True when nothing is said now: of the one method that is not answered, or in trouble."""
        return self.result is NO_ANSWER


@final
@dataclass(frozen=True, slots=True)
class Later:
    """An answer that is put off to an exchange time, and perhaps the judgement with it."""

    due_ms: int
    give: Callable[[], Answer]


def carry_out(call: Call, row: Method, asked: Any) -> Answer:
    """Act, write down, tell; return the answer."""
    result = row.act(call, asked)
    call.floor.commit()
    return Answer(result, tuple(call.afterwards))
