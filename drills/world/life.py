"""One life of the engine in the world: from its opening of the ledger to whatever ends it."""

from contextlib import suppress
from dataclasses import replace
from enum import Enum
from typing import final

import trio

from bot.control.errors import UserError
from bot.engine.engine import open_engine
from bot.engine.start import open_for_run
from drills.world.exchange import KEY
from drills.world.invariants.opened import OPENED
from drills.world.invariants.seen import Opened, Stopped
from drills.world.invariants.stopped import STOPPED
from drills.world.process import PROCESS, Killed, Process
from drills.world.world import World
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.read import open_reader

__all__ = ["Ending", "live"]


@final
class Ending(Enum):
    """How a life ended."""

    DIED = "died"
    STOPPED = "stopped"  # in order, or because nothing could be made durable any more
    REFUSED = "refused"  # it did not start
    FAILED = "failed"  # the ledger failed while it started


async def live(world: World, process: Process) -> Ending:
    """Live until killed or stopped. Raises Broken, and whatever else is a bug of the engine."""
    async with trio.open_nursery() as nursery:
        scope = nursery.cancel_scope
        nursery.start_soon(_reap, process, scope)
        PROCESS.set(process)
        try:
            ending = await _live(world, process)
        except* Killed:
            ending = Ending.DIED
        finally:
            process.is_over = True
            world.disk.owner = process
            world.let_go(process)
        scope.cancel()
    return Ending.DIED if process.is_dead else ending


async def _reap(process: Process, scope: trio.CancelScope) -> None:
    await process.died.wait()
    scope.cancel()


async def _live(world: World, process: Process) -> Ending:
    ready, seams = world.ready(), world.seams(process)
    world.disk.owner = process
    try:
        ledger = open_for_run(ready, world.home, seams=seams)
    except UserError as refused:
        world.witness.say(f"process {process.number} refused: {refused.body.code}")
        world.witness.saw(f"refused to start {refused.body.code}")
        return Ending.REFUSED
    world.hold(process, ledger)
    _judge_opening(world, ledger)
    opened = ledger.state
    try:
        async with open_engine(
            ready,
            ledger,
            home=world.home,
            address="",
            credentials=KEY,
            seed=world.weather.seed,
            seams=seams,
        ) as engine:
            process.engine = engine
            # What the start itself has changed is looked at like any other turn.
            process.state = replace(engine.shell.state, durable=opened)
            world.look(process)
            async with trio.open_nursery() as nursery:
                engine.start(nursery)
                await engine.shell.stopped.wait()
                for check in STOPPED:
                    seen = Stopped(world.truth, engine.shell.state)
                    world.require(check.__name__, check(seen))
                nursery.cancel_scope.cancel()
    except LedgerError as failed:
        world.witness.say(f"process {process.number} failed: {type(failed).__name__}")
        return Ending.FAILED
    world.witness.say(f"process {process.number} stopped")
    return Ending.STOPPED


def _judge_opening(world: World, ledger: Ledger) -> None:
    seq, digest = world.truth.head
    at_head = ledger.head.hash if ledger.head.seq == seq else ""
    if seq and ledger.head.seq > seq:
        with suppress(LedgerError), open_reader(world.home) as reader:
            at_head = next(iter(reader.entries(after=seq - 1))).hash
    world.truth.venue_ms = world.true.venue_ms()
    lost: tuple[str, ...] = ()
    if world.truth.reserved:
        with suppress(LedgerError), open_reader(world.home) as reader:
            lost = tuple(
                intent
                for intent in sorted(world.truth.reserved)
                if next(reader.entries(intent_id=intent), None) is None
            )
        if not world.truth.is_damaged:
            world.witness.saw("the reserve was folded in")
        world.truth.reserved.clear()
    seen = Opened(
        world.truth, ledger.state, ledger.head.seq, at_head or digest, lost, world.holders
    )
    if world.truth.is_damaged:
        world.disk.forget_copy("whole")  # it goes on from here, whatever was lost
        return  # what was lost cannot be asked for
    for check in OPENED:
        world.require(check.__name__, check(seen))
