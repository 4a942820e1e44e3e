"""The engine put together: the same parts for a run on real things and for one in virtual time."""

import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, final

import trio

from bot.core.event import (
    Connected,
    Disconnected,
    Garbled,
    Protected,
    Reported,
    Subscribed,
)
from bot.dispatch.dispatch import Dispatch
from bot.domain.mode import Environment
from bot.engine.clock import VenueClock
from bot.engine.committer import Committer, Disk
from bot.engine.inbox import Inbox
from bot.engine.log import Log
from bot.engine.lookout import Lookout, Places
from bot.engine.port import EnginePort
from bot.engine.pulse import publish, sample_clock, tick
from bot.engine.seams import Seams
from bot.engine.shell import Ports, Shell
from bot.engine.start import Ready, begin
from bot.monitors.observed import Machine
from bot.venue import event as venue
from bot.venue.purse import Purse
from bot.venue.read import ReadPort
from bot.venue.secret import Credentials
from bot.venue.session import Session, Terms
from ledger.ledger import Ledger

__all__ = ["Engine", "open_engine"]

_SCOPE: Final = "session:engine trade:read_write account:read_write wallet:none"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One run's parts, ready to live."""

    shell: Shell
    port: EnginePort
    log: Log
    ports: Ports
    clock: VenueClock
    lookout: Lookout
    seams: Seams

    def start(self, nursery: trio.Nursery) -> None:
        """Bring everything to life; `shell.stopped` tells that the run is over."""
        shell, ports, pace = self.shell, self.ports, self.seams.pace
        nursery.start_soon(shell.run, ports)
        nursery.start_soon(ports.session.run)
        nursery.start_soon(tick, shell.inbox, pace)
        nursery.start_soon(
            sample_clock,
            ports.read,
            self.clock,
            self.seams.clock,
            shell.inbox,
            pace,
            self.lookout.note_trip,
        )
        nursery.start_soon(self.lookout.look_at_machine, pace)
        nursery.start_soon(self.lookout.tell, pace)
        nursery.start_soon(publish, self.port, pace)


@asynccontextmanager
async def open_engine(
    ready: Ready,
    ledger: Ledger,
    *,
    home: Path,
    address: str,
    credentials: Credentials,
    seed: int,
    seams: Seams,
) -> AsyncGenerator[Engine]:
    """Record the run's start and put the parts together; `address` is the venue's WebSocket."""
    run_id = ready.settings.run_id
    ended_badly = ledger.state.run is not None and ledger.state.ended is None
    state = begin(ledger, ready.settings, seams=seams)
    log = seams.open_log(home / "log" / "engine.jsonl", run_id)
    try:
        clock = VenueClock(seams.clock)
        shell = Shell(state, inbox=Inbox(venue=clock), log=log)
        port = EnginePort(shell, log=log, home=home)
        purse = Purse()
        if ended_badly:
            purse.empty()  # the venue may still count what the last run spent [C-506]
        session = Session(
            dial=seams.dial(address),
            terms=Terms(
                credentials=credentials,
                scope=_SCOPE,
                is_testnet=True,
                is_cancelled_on_disconnect=True,
            ),
            sink=lambda event: _hear(shell.inbox, event),
            purse=purse,
            # Each run draws its own: the venue takes a nonce of a login once, for ever.
            draw=random.Random(f"{seed}/{run_id}"),  # noqa: S311  # nonces, no secrets
            clock=clock,
        )
        async with seams.open_writer(ledger) as writer:
            disk = Disk(
                writer=writer,
                reserve=ledger.reserve.commit,
                in_thread=seams.in_thread,
                poison=ledger.poison_with,
                still_alone=ledger.still_alone,
            )
            ports = Ports(
                session=session,
                read=ReadPort(call=session.call),
                dispatch=Dispatch(
                    call=session.call_order,
                    still_held=ledger.still_held,
                    still_alone=ledger.still_alone,
                    why_not_open=shell.why_not_open,
                ),
                committer=Committer(disk, inbox=shell.inbox, run_id=run_id),
            )
            lookout = Lookout(
                Places(
                    session=session,
                    purse=purse,
                    inbox=shell.inbox,
                    committer=ports.committer,
                    machine=partial(_look, seams, ledger, home, ready.settings.environment),
                    in_thread=seams.in_thread,
                ),
                local=seams.clock,
            )
            yield Engine(
                shell=shell,
                port=port,
                log=log,
                ports=ports,
                clock=clock,
                lookout=lookout,
                seams=seams,
            )
    finally:
        log.close()


def _look(seams: Seams, ledger: Ledger, home: Path, environment: Environment) -> Machine:
    machine = seams.machine(home, environment)
    return replace(machine, reserve_fault=machine.reserve_fault or ledger.reserve.fault())


def _hear(inbox: Inbox, event: venue.VenueEvent) -> None:
    match event:
        case venue.Connected():
            inbox.put(Connected(epoch=event.epoch))
        case venue.Disconnected():
            inbox.put(Disconnected(epoch=event.epoch, why=event.why))
        case venue.Subscribed():
            missing = tuple(channel.channel for channel in event.missing)
            inbox.put(Subscribed(epoch=event.epoch, missing=missing))
        case venue.Protected():
            inbox.put(Protected(epoch=event.epoch))
        case venue.Reported():
            inbox.put(Reported(report=event.report))
        case venue.Garbled():
            inbox.put(Garbled(channel=event.channel or "unknown", why=event.why))
        case venue.Unmatched():
            inbox.put(Garbled(channel="reply", why=f"nobody waits for {event.request_id}"))
