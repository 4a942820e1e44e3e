"""`bot run`: one engine from start to stop. Wiring only."""

import gc
import os
import random
from dataclasses import replace
from functools import partial
from typing import Any, Final

import trio

from bot.control.errors import Exit, UserError
from bot.control.guarded import guarded
from bot.control.http import serve_http
from bot.control.notify import notifier
from bot.control.once import Once
from bot.control.place import socket_place
from bot.control.render import status_screen
from bot.control.socket import serve_socket
from bot.control.token import http_token
from bot.engine.clock import LocalClock
from bot.engine.embedded import Endpoint, credentials, ensure_exchange, stop_exchange
from bot.engine.engine import Engine, open_engine
from bot.engine.figures import figures_of
from bot.engine.home import Home, make_home
from bot.engine.interrupts import Interrupts, interrupts
from bot.engine.metrics import metrics_text
from bot.engine.options import RunOptions
from bot.engine.port import EnginePort
from bot.engine.pulse import end_after, tell_unit
from bot.engine.seams import REAL, Seams
from bot.engine.shell import Shell
from bot.engine.start import Ready, open_for_run, settle
from bot.engine.tell import tell
from bot.venue.http import open_http
from bot.venue.purse import Purse
from bot.venue.read import ReadFailed, ReadPort
from ledger.ledger import Ledger

__all__ = ["RunOptions", "run_engine"]

SHOW_S: Final = 5.0


async def run_engine(options: RunOptions, seams: Seams = REAL) -> dict[str, Any]:
    """Run until stopped, and return the run's figures.

    Raises UserError for a start that is refused or ended by a signal, KeyboardInterrupt for an end
    at once.
    """
    try:
        async with interrupts() as stop:
            return await _run(options, seams, stop)
    except* (UserError, KeyboardInterrupt) as group:
        raise _first(group) from None


async def _run(options: RunOptions, seams: Seams, stop: Interrupts) -> dict[str, Any]:
    home = make_home(options.home)
    ready = settle(options, home, token=seams.token)
    ledger = open_for_run(ready, home.path, seams=seams)
    endpoint: Endpoint | None = None
    shell: Shell | None = None
    try:
        try:
            with stop.starting:
                endpoint = await trio.to_thread.run_sync(_exchange, home, options)
                if options.speed != 1.0:
                    clock = await _exchange_clock(home, endpoint, options.speed)
                    seams = replace(seams, clock=clock)
            if endpoint is not None and not stop.starting.cancelled_caught:
                shell = await _trade(options, home, ready, ledger, endpoint, seams, stop)
        finally:
            ledger.close()
    except* (UserError, KeyboardInterrupt, trio.Cancelled):
        # An end that somebody asked for; after a crash the exchange stays, as a venue does.
        await _end_exchange(home, endpoint)
        raise
    await _end_exchange(home, endpoint)
    if shell is None:
        raise stop.not_started()
    return await trio.to_thread.run_sync(figures_of, shell.state, home.path)


async def _end_exchange(home: Home, endpoint: Endpoint | None) -> None:
    if endpoint is not None:
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(stop_exchange, home, endpoint)


def _exchange(home: Home, options: RunOptions) -> Endpoint:
    return ensure_exchange(
        home,
        seed=options.seed,
        market=options.market,
        speed=options.speed,
        go_on=trio.from_thread.check_cancelled,
    )


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
    stop: Interrupts,
) -> Shell:
    """Live until stopped."""
    async with open_engine(
        ready,
        ledger,
        home=home.path,
        address=endpoint.ws,
        credentials=credentials(home, role="trade"),
        seed=options.seed,
        seams=seams,
    ) as engine:
        try:
            await _live(options, home, engine, ready.config.http_port, stop)
        finally:
            home.http_port.unlink(missing_ok=True)
    return engine.shell


async def _live(
    options: RunOptions, home: Home, engine: Engine, http_port: int, stop: Interrupts
) -> None:
    """Everything that lives while the run does, in one nursery."""
    shell, port = engine.shell, engine.port

    async with trio.open_nursery() as nursery:
        bound = await _listen(home, engine, http_port, nursery)
        # What lives from here to the end need not be looked through at each collection.
        gc.collect()
        gc.freeze()
        if not options.as_json:
            nursery.start_soon(partial(_show, port, bound, is_ascii=options.is_ascii))
        engine.start(nursery)
        stop.lives(shell)
        nursery.start_soon(tell_unit, shell, notifier(os.environ))
        if options.for_s is not None:
            nursery.start_soon(end_after, shell.inbox, options.for_s)
        await shell.stopped.wait()
        port.refresh()
        await trio.sleep(engine.seams.pace.publish_s)  # the last answers reach their sockets
        nursery.cancel_scope.cancel()


async def _listen(home: Home, engine: Engine, http_port: int, nursery: trio.Nursery) -> int:
    """Let watchers and operators in, behind guards; return the port of HTTP."""
    port = engine.port

    def metrics() -> str:
        return metrics_text(engine)

    once = Once(port, nursery=nursery)
    token = http_token(home.path)
    on_socket = partial(
        serve_socket,
        socket_place(home.path),
        engine=port,
        once=once,
        metrics=metrics,
        holds_ledger_lock=True,
    )
    on_http = partial(serve_http, http_port, engine=port, once=once, token=token, metrics=metrics)

    def tell_port(bound: int) -> None:
        home.http_port.write_text(f"{bound}\n")

    await nursery.start(partial(guarded, on_socket, engine=port, where="socket", on_up=str))
    bound: int = await nursery.start(
        partial(guarded, on_http, engine=port, where="http", on_up=tell_port)
    )
    return bound


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


def _health_line(port: EnginePort, http_port: int) -> str:
    health = port.view().health
    return (
        f"{'ok' if health.ok else 'starting'}  build {health.build_id}"
        f"  contract {health.contract_version}  {health.environment.value}"
        f"  {health.mode.value}  run {health.run_id}  http 127.0.0.1:{http_port}\n"
    )


async def _show(port: EnginePort, http_port: int, *, is_ascii: bool) -> None:
    """Show health, then the status again and again, as long as somebody can read it."""
    is_read = await tell(_health_line(port, http_port))
    while is_read:
        await trio.sleep(SHOW_S)
        view = port.view()
        lines = status_screen(
            view.status, held=view.positions, events=view.events_tail, is_ascii=is_ascii
        )
        is_read = await tell("\n".join(lines) + "\n\n")
    port.note("output closed")
