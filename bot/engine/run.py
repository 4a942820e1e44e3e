"""`bot run`: one engine from start to stop. Wiring only."""

import gc
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
from bot.core.event import (
    Connected,
    Disconnected,
    Garbled,
    OperatorDown,
    Reported,
    Subscribed,
)
from bot.dispatch.dispatch import Dispatch
from bot.engine.clock import LocalClock, VenueClock
from bot.engine.committer import Committer, Disk
from bot.engine.embedded import Endpoint, credentials, ensure_exchange, stop_exchange
from bot.engine.figures import figures_of
from bot.engine.home import Home, make_home
from bot.engine.inbox import Inbox
from bot.engine.log import Log
from bot.engine.metrics import metrics_text
from bot.engine.options import RunOptions
from bot.engine.port import EnginePort
from bot.engine.pulse import PUBLISH_S, end_after, publish, sample_clock, tick
from bot.engine.seams import REAL, Seams
from bot.engine.shell import Ports, Shell
from bot.engine.start import Ready, begin, open_for_run, settle
from bot.venue import event as venue
from bot.venue.backoff import Draw
from bot.venue.http import open_http
from bot.venue.link import Dial
from bot.venue.purse import Purse
from bot.venue.read import ReadFailed, ReadPort
from bot.venue.session import Session, Terms
from ledger.ledger import Ledger

__all__ = ["RunOptions", "run_engine"]

SHOW_S: Final = 5.0
SCOPE: Final = "session:engine trade:read_write account:read_write wallet:none"


async def run_engine(options: RunOptions, seams: Seams = REAL) -> dict[str, Any]:
    """Run until stopped, and return the run's figures. Raises UserError for a refused start."""
    home = make_home(options.home)
    ready = settle(options, home)
    ledger = open_for_run(ready, home, vfs=seams.vfs)
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
    """Put the parts together, and live until stopped."""
    local = await _local_clock(home, endpoint, speed=options.speed)
    ended_badly = ledger.state.run is not None and ledger.state.ended is None
    state = begin(ledger, ready.settings, now_ms=local.now_ms(), mono_ms=LocalClock.mono_ms())
    run_id = ready.settings.run_id
    log = Log(home.log / "engine.jsonl", run_id=run_id)
    try:
        clock = VenueClock(local)
        inbox = Inbox(venue=clock)
        shell = Shell(state, inbox=inbox, log=log)
        port = EnginePort(shell, log=log, home=home.path)
        async with seams.open_writer(ledger) as writer:
            # Each run draws its own: the venue takes a nonce of a login once, for ever.
            draw = random.Random(f"{options.seed}/{run_id}")  # noqa: S311  # nonces, no secrets
            dial = seams.dial(endpoint.ws)
            purse = Purse()
            if ended_badly:
                purse.empty()  # the venue may still count what the last run spent [C-506]
            session = _session(home, dial, clock, inbox, purse, draw=draw)
            ports = Ports(
                session=session,
                read=ReadPort(call=session.call),
                dispatch=Dispatch(
                    call=session.call_order,
                    still_held=ledger.still_held,
                    still_alone=ledger.still_alone,
                    why_not_open=shell.why_not_open,
                ),
                committer=Committer(
                    Disk(writer=writer, reserve=ledger.reserve.commit, poison=ledger.poison_with),
                    inbox=inbox,
                    run_id=run_id,
                ),
            )
            await _live(
                options, home, shell, port, ports, clock, local, log, ready.config.http_port
            )
    finally:
        log.close()
    return shell


async def _live(
    options: RunOptions,
    home: Home,
    shell: Shell,
    port: EnginePort,
    ports: Ports,
    clock: VenueClock,
    local: LocalClock,
    log: Log,
    http_port: int,
) -> None:
    """Everything that lives while the run does, in one nursery."""

    def metrics() -> str:
        return metrics_text(shell, log)

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
        nursery.start_soon(shell.run, ports)
        nursery.start_soon(ports.session.run)
        nursery.start_soon(tick, shell.inbox)
        nursery.start_soon(sample_clock, ports.read, clock, local, shell.inbox)
        nursery.start_soon(publish, port)
        if options.for_s is not None:
            nursery.start_soon(end_after, shell.inbox, options.for_s)
        await shell.stopped.wait()
        port.refresh()
        await trio.sleep(PUBLISH_S)  # the last answers reach their sockets
        nursery.cancel_scope.cancel()
    home.http_port.unlink(missing_ok=True)


async def _local_clock(home: Home, endpoint: Endpoint, *, speed: float) -> LocalClock:
    """On a recording, local time is the exchange's own and runs at its speed."""
    if speed == 1.0:
        return LocalClock(speed=1.0)
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


def _session(
    home: Home, dial: Dial, clock: VenueClock, inbox: Inbox, purse: Purse, *, draw: Draw
) -> Session:
    def sink(event: venue.VenueEvent) -> None:
        match event:
            case venue.Connected():
                inbox.put(Connected(epoch=event.epoch))
            case venue.Disconnected():
                inbox.put(Disconnected(epoch=event.epoch, why=event.why))
            case venue.Subscribed():
                missing = tuple(channel.channel for channel in event.missing)
                inbox.put(Subscribed(epoch=event.epoch, missing=missing))
            case venue.Reported():
                inbox.put(Reported(report=event.report))
            case venue.Garbled():
                inbox.put(Garbled(channel=event.channel or "unknown", why=event.why))
            case venue.Unmatched():
                inbox.put(Garbled(channel="reply", why=f"nobody waits for {event.request_id}"))

    return Session(
        dial=dial,
        terms=Terms(
            credentials=credentials(home, role="trade"),
            scope=SCOPE,
            is_testnet=True,
            is_cancelled_on_disconnect=True,
        ),
        sink=sink,
        purse=purse,
        draw=draw,
        now_ms=clock.now_ms,
    )


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
