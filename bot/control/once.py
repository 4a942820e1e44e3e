"""One request id, one act, one answer (UX §2.3).

Acts run in the server's own nursery: a client that goes away after asking for KILL does not take
the KILL with it. Only what was done is remembered; an act that failed may be asked for again.
"""

from collections import OrderedDict
from typing import Final, final

import msgspec
import trio

from bot.control import faults
from bot.control.errors import ErrorBody, UserError
from bot.control.port import Act, Acted, Engine, Rearm

__all__ = ["REMEMBERED_MAX", "Once"]

REMEMBERED_MAX: Final = 1_024


@final
class _Running:
    """An act on its way, and after `done` what became of it."""

    def __init__(self, act: Act) -> None:
        self.act = act
        self.content = msgspec.json.encode(act)
        self.done = trio.Event()
        self.outcome: Acted | ErrorBody | None = None


@final
class Once:
    """The memory of acts, shared by the socket and HTTP. Owned by the server's task."""

    def __init__(self, engine: Engine, *, nursery: trio.Nursery) -> None:
        self._engine = engine
        self._nursery = nursery
        self._acts: OrderedDict[str, _Running] = OrderedDict()

    async def act(self, act: Act) -> Acted:
        """Carry out an act at most once and return its answer.

        Raises UserError: CONFLICT, CHANGED, or what the engine answers. Cancelling the caller
        leaves the act running.
        """
        running = self._acts.get(act.request_id)
        if running is None:
            self._refuse_if_changed(act)
            running = _Running(act)
            self._remember(running)
            self._nursery.start_soon(self._carry_out, running)
        elif running.content != msgspec.json.encode(act):
            raise UserError.of(faults.conflict(act.request_id))
        await running.done.wait()
        match running.outcome:
            case Acted() as acted:
                return acted
            case ErrorBody() as body:
                raise UserError.of(body)
            case None:
                raise AssertionError("an act that is done has an outcome")

    def _refuse_if_changed(self, act: Act) -> None:
        if not isinstance(act, Rearm):
            return
        status = self._engine.view().status
        if status.rev != act.expect:
            raise UserError.of(faults.changed(status.lines, expected=act.expect, rev=status.rev))

    def _remember(self, running: _Running) -> None:
        self._acts[running.act.request_id] = running
        if len(self._acts) <= REMEMBERED_MAX:
            return
        for request_id, old in self._acts.items():
            if old.done.is_set():
                del self._acts[request_id]
                return

    async def _carry_out(self, running: _Running) -> None:
        try:
            running.outcome = await self._engine.act(running.act)
        except UserError as error:
            running.outcome = error.body
        except Exception as error:  # noqa: BLE001  # outermost: a bug becomes a cause [C-606]
            self._engine.fault(where="act", error=error)
            running.outcome = faults.internal(type(running.act).__name__)
        finally:
            if not isinstance(running.outcome, Acted):
                self._acts.pop(running.act.request_id, None)
                if running.outcome is None:  # cancelled: the engine is going down
                    running.outcome = faults.stopping(type(running.act).__name__)
            running.done.set()
