"""A real socket with a fake engine behind it, in a thread of its own: the cockpit is asyncio."""

import threading
from pathlib import Path

import trio

from bot.control.once import Once
from bot.control.place import Place, socket_place
from bot.control.socket import serve_socket
from tests.bot.control.fake_engine import FakeEngine


class Beside:
    """Serve a home's socket from a thread. Use as a context manager; may be entered again."""

    def __init__(self, home: Path, engine: FakeEngine) -> None:
        self.place: Place = socket_place(home)
        self.engine = engine
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None
        self._scope: trio.CancelScope | None = None
        self._token: trio.lowlevel.TrioToken | None = None

    def __enter__(self) -> "Beside":
        self._ready.clear()
        self._thread = threading.Thread(target=trio.run, args=(self._main,), daemon=True)
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._token is not None
        assert self._scope is not None
        assert self._thread is not None
        self._token.run_sync_soon(self._scope.cancel)
        self._thread.join(10)

    async def _main(self) -> None:
        with trio.CancelScope() as self._scope:
            async with trio.open_nursery() as nursery:
                once = Once(self.engine, nursery=nursery)

                async def start(task_status: trio.TaskStatus[None]) -> None:
                    await serve_socket(
                        self.place,
                        engine=self.engine,
                        once=once,
                        metrics=lambda: "",
                        holds_ledger_lock=True,
                        task_status=task_status,
                    )

                await nursery.start(start)
                self._token = trio.lowlevel.current_trio_token()
                self._ready.set()
