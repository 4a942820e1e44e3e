"""The process: listen on loopback, let time pass, save, stop when told or when nobody comes."""

import errno
import os
import secrets
import signal
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, final

import trio

from bot.simulator.fault import EXIT_CONFIG, EXIT_NOT_REACHABLE, ExchangeError
from bot.simulator.http import serve_connection
from bot.simulator.market.fault import MarketError
from bot.simulator.opening import Opened, open_exchange
from bot.simulator.state_folder import Endpoint, StateFolder
from bot.simulator.trouble.plan import Plan
from bot.simulator.websocket import PATH

__all__ = ["Settings", "serve"]

HOST: Final = "127.0.0.1"  # never anything else: the keys on disk are no protection from a network
_TICK_S: Final = 0.1
# A quote that stands is confirmed about once a second of exchange time, which is what limits on
# ages count; a machine does not confirm more often than this.
_CONFIRM_MS: Final = 1_000
_TICK_S_MIN: Final = 0.008
_SAVE_S: Final = 1.0
_CONNECTIONS_MAX: Final = 32  # PROTOCOL §1
_BACKLOG: Final = 64


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to run. `market` None is the model; `idle_s` 0 or below never ends by itself."""

    state: Path
    port: int = 0
    seed: int = 7
    market: Path | None = None
    speed: float = 1.0
    idle_s: float = 900.0
    plan: Plan = field(default_factory=Plan)


@final
class _Server:
    def __init__(self, opened: Opened, settings: Settings) -> None:
        self._opened = opened
        self._settings = settings
        self._open_count = 0
        self._empty_since_s = trio.current_time()
        self.exit_code = 0
        self.fault: MarketError | None = None

    async def accept(self, stream: trio.SocketStream) -> None:
        """Serve one connection from beginning to end."""
        stream.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
        )  # a reply must not wait for the next one
        self._open_count += 1
        try:
            async with stream:
                await serve_connection(
                    stream,
                    floor=self._opened.floor,
                    connection=secrets.token_hex(8),
                    is_full=self._open_count > _CONNECTIONS_MAX,
                )
        finally:
            self._open_count -= 1
            self._empty_since_s = trio.current_time()

    async def pass_time(self, scope: trio.CancelScope) -> None:
        """Tick, and save about each second; end everything when the market cannot go on."""
        step_s = _TICK_S
        if self._settings.market is not None:
            step_s = min(_TICK_S, max(_TICK_S_MIN, _CONFIRM_MS / 1_000 / self._settings.speed))
        due_s = save_s = trio.current_time()
        while True:
            try:
                self._opened.floor.tick()
            except MarketError as error:
                self.fault = error
                scope.cancel()
                return
            now_s = trio.current_time()
            if now_s - save_s >= _SAVE_S:
                save_s = now_s
                self._opened.save_market()
            due_s = max(due_s + step_s, now_s)  # behind its time it does not try to catch up
            await trio.sleep_until(due_s)

    async def watch_idle(self, scope: trio.CancelScope) -> None:
        """End everything when there has been no connection for so long."""
        limit_s = self._settings.idle_s
        while limit_s > 0:
            rest_s = self._empty_since_s + limit_s - trio.current_time()
            if self._open_count == 0 and rest_s <= 0:
                scope.cancel()
                return
            await trio.sleep(max(rest_s, 0.1) if self._open_count == 0 else limit_s)

    async def watch_signals(
        self,
        scope: trio.CancelScope,
        *,
        task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        """End everything upon SIGTERM (exit 0) and Ctrl-C (exit 130)."""
        with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
            task_status.started()
            async for number in signals:
                self.exit_code = 130 if number == signal.SIGINT else 0
                scope.cancel()
                return


async def serve(
    settings: Settings,
    *,
    announce: Callable[[Endpoint], None],
    sum_up: Callable[[Mapping[str, int]], None],
) -> int:
    """Run until stopped; return the exit code. Raises ExchangeError before it listens.

    At the end `sum_up` is given how often which fault of the plan has struck.
    """
    folder = StateFolder(settings.state)
    try:
        listeners = await _listen(settings.port)
        opened = open_exchange(
            folder,
            seed=settings.seed,
            market=settings.market,
            speed=settings.speed,
            plan=settings.plan,
        )
    except BaseException:
        folder.close()
        raise
    opened.floor.tick()
    server = _Server(opened, settings)
    port = listeners[0].socket.getsockname()[1]
    endpoint = Endpoint(
        port=port,
        pid=os.getpid(),
        http=f"http://{HOST}:{port}",
        ws=f"ws://{HOST}:{port}{PATH}",
        seed=settings.seed,
        speed=settings.speed,
    )
    try:
        async with trio.open_nursery() as nursery:
            scope = nursery.cancel_scope
            await nursery.start(server.watch_signals, scope)
            nursery.start_soon(server.pass_time, scope)
            nursery.start_soon(server.watch_idle, scope)
            nursery.start_soon(trio.serve_listeners, server.accept, listeners)
            folder.announce(endpoint)
            announce(endpoint)
    finally:
        opened.close()
    sum_up(opened.floor.trouble.injected)
    if server.fault is not None:
        raise ExchangeError(
            str(server.fault).rstrip("."),
            why="The market ends there, with all orders as they stand",
            next_step="Mend the file and start again on the same --state DIR",
            exit_code=EXIT_CONFIG,
            lead="Stopped",
        )
    return server.exit_code


async def _listen(port: int) -> list[trio.SocketListener]:
    try:
        return await trio.open_tcp_listeners(port, host=HOST, backlog=_BACKLOG)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise ExchangeError(
            f"port {port} is taken or not allowed",
            why="Another program listens there",
            next_step="Give another one, or 0 for any free one: --port 0",
            exit_code=EXIT_NOT_REACHABLE,
        ) from None
