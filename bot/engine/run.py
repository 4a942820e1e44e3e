"""`bot run`: one engine from start to stop. Wiring only."""

import gc
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Final

import trio

from bot.control.errors import Exit, UserError
from bot.control.http import serve_http
from bot.control.once import Once
from bot.control.place import socket_place
from bot.control.render import status_screen
from bot.control.socket import serve_socket
from bot.control.token import http_token
from bot.core.event import OperatorDown
from bot.engine.clock import LocalClock
from bot.engine.embedded import Endpoint, credentials, ensure_exchange, stop_exchange
from bot.engine.engine import Engine, open_engine
from bot.engine.figures import figures_of
from bot.engine.home import Home, make_home
from bot.engine.metrics import metrics_text
from bot.engine.options import RunOptions
from bot.engine.port import EnginePort
from bot.engine.pulse import end_after
from bot.engine.seams import REAL, Seams
from bot.engine.shell import Shell
from bot.engine.start import Ready, open_for_run, settle
from bot.venue.http import open_http
from bot.venue.purse import Purse
from bot.venue.read import ReadFailed, ReadPort
from ledger.ledger import Ledger

__all__ = ["RunOptions", "run_engine"]

SHOW_S: Final = 5.0


async def run_engine(options: RunOptions, seams: Seams = REAL) -> dict[str, Any]:
    """Run until stopped, and return the run's figures. Raises UserError for a refused start."""
    home = make_home(options.home)
    ready = settle(options, home, token=seams.token)
    ledger = open_for_run(ready, home.path, seams=seams)
    try:
        endpoint = await trio.to_thread.run_sync(
            lambda: ensure_exchange(
                home, seed=options.seed, market=options.market, speed=options.speed
            )
        )
        try:
            shell = await _trade(options, home, ready, ledger, endpoint, seams)
        except* (UserError, KeyboardInterrupt) as group:
            # An end that somebody asked for; after a crash the exchange stays, as a venue does.
            await trio.to_thread.run_sync(stop_exchange, home, endpoint)
            raise _first(group) from None
    finally:
        ledger.close()
    await trio.to_thread.run_sync(stop_exchange, home, endpoint)
    return await trio.to_thread.run_sync(figures_of, shell.state, home.path)


def _first(group: BaseExceptionGroup[UserError | KeyboardInterrupt]) -> BaseException:
    """Return the first of the errors that nurseries have wrapped."""
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


async def _trade(
    options: RunOptions,
    home: Home,
    ready: Ready,
    ledger: Ledger,
    endpoint: Endpoint,
    seams: Seams,
) -> Shell:
    """Live until stopped."""
    if options.speed != 1.0:
        seams = replace(seams, clock=await _exchange_clock(home, endpoint, options.speed))
    async with open_engine(
        ready,
        ledger,
        home=home.path,
        address=endpoint.ws,
        credentials=credentials(home, role="trade"),
        seed=options.seed,
        seams=seams,
    ) as engine:
        await _live(options, home, engine, ready.config.http_port)
    return engine.shell


async def _live(options: RunOptions, home: Home, engine: Engine, http_port: int) -> None:
    """Everything that lives while the run does, in one nursery."""
    shell, port = engine.shell, engine.port

    def metrics() -> str:
        return metrics_text(engine)

    async with trio.open_nursery() as nursery, _interrupts(shell):
        once = Once(port, nursery=nursery)
        token = http_token(home.path)
        place = socket_place(home.path)
        await nursery.start(
            partial(
                serve_socket, place, engine=port, once=once, metrics=metrics, holds_ledger_lock=True
            )
        )
        bound = await nursery.start(
            partial(serve_http, http_port, engine=port, once=once, token=token, metrics=metrics)
        )
        home.http_port.write_text(f"{bound}\n")
        # What lives from here to the end need not be looked through at each collection.
        gc.collect()
        gc.freeze()
        if not options.as_json:
            _say_health(port, bound)
            nursery.start_soon(partial(_show, port, is_ascii=options.is_ascii))
        engine.start(nursery)
        if options.for_s is not None:
            nursery.start_soon(end_after, shell.inbox, options.for_s)
        await shell.stopped.wait()
        port.refresh()
        await trio.sleep(engine.seams.pace.publish_s)  # the last answers reach their sockets
        nursery.cancel_scope.cancel()
    home.http_port.unlink(missing_ok=True)


async def _exchange_clock(home: Home, endpoint: Endpoint, speed: float) -> LocalClock:
    """On a recording, local time is the exchange's own and runs at its speed."""
    async with open_http(
        f"{endpoint.http}/api/v2",
        credentials=None,
        is_testnet=True,
        purse=Purse(),
        draw=random.Random(0),  # noqa: S311  # nothing is drawn for one unsigned question
        now_ms=LocalClock(speed=1.0).now_ms,
    ) as http:
        at = await ReadPort(call=http.call).get_time()
    if isinstance(at, ReadFailed):
        raise UserError(
            "EXCHANGE",
            exit=Exit.VENUE,
            what=f"Cannot start: the embedded exchange does not tell the time ({at.why}).",
            why="A recording runs on its own clock. Nothing was sent.",
            next=f"Read what it says: {home.log / 'exchange.log'}",
        )
    return LocalClock(speed=speed, start_ms=at.at_ms)


@asynccontextmanager
async def _interrupts(shell: Shell) -> AsyncIterator[None]:
    """Ctrl-C or SIGTERM once stops in order; the second time at once, saying what is left."""
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as received:
        async with trio.open_nursery() as nursery:

            async def listen() -> None:
                count = 0
                async for number in received:
                    count += 1
                    name = signal.Signals(number).name
                    if count > 1:
                        left = len(shell.state.durable.orders)
                        sys.stderr.write(f"Stopped at once; {left} orders may rest at the venue.\n")
                        raise KeyboardInterrupt
                    sys.stderr.write("Stopping in order. Once more to stop at once.\n")
                    shell.inbox.put(
                        OperatorDown(request_id=None, by="owner", why=name, cancel_opens=True)
                    )

            nursery.start_soon(listen)
            yield
            nursery.cancel_scope.cancel()


def _say_health(port: EnginePort, http_port: int) -> None:
    health = port.view().health
    sys.stdout.write(
        f"{'ok' if health.ok else 'starting'}  build {health.build_id}"
        f"  contract {health.contract_version}  {health.environment.value}"
        f"  {health.mode.value}  run {health.run_id}  http 127.0.0.1:{http_port}\n"
    )
    sys.stdout.flush()


async def _show(port: EnginePort, *, is_ascii: bool) -> None:
    while True:
        await trio.sleep(SHOW_S)
        view = port.view()
        lines = status_screen(view.status, events=view.events_tail, is_ascii=is_ascii)
        sys.stdout.write("\n".join(lines) + "\n\n")
        sys.stdout.flush()
