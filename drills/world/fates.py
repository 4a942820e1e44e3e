"""What strikes the engine from outside venue and line: each fault of the catalogue, carried out."""

import random
from collections.abc import Awaitable, Callable
from typing import Final

import trio

from bot.control.errors import UserError
from bot.control.port import Classify, Down, Flatten, Rearm, ReconRun, SetMode
from bot.domain.mode import Mode
from bot.domain.verdict import Verdict
from drills.world.process import Doom, Process
from drills.world.world import World

__all__ = ["Fates", "damage", "mend", "rearm"]

_HOUR_S: Final = 3_600.0
Act = Callable[["Fates", World, random.Random], Awaitable[None]]


class Fates:
    """Strikes at drawn times, and tells the host how the next life is to end."""

    def __init__(self, world: World) -> None:
        """Take the world; nothing strikes before `run`."""
        self._world = world
        self._requests = 0
        self.next_doom: tuple[str, int] | None = None  # which counter of the next life, and where
        self.away_s: float | None = None  # how long the engine stays down the next time
        self.damage: str | None = None  # what happens to the ledger after the next death

    async def run(self, nursery: trio.Nursery) -> None:
        """Let each fault of the weather strike by itself."""
        for name in sorted(_ACTS):
            rate = self._world.weather.rates.get(name, 0.0)
            if rate > 0.0:
                nursery.start_soon(self._strike, name, rate)

    async def _strike(self, name: str, rate: float) -> None:
        draw = self._world.stream(f"fault/{name}")
        while True:
            await trio.sleep(draw.expovariate(rate) * _HOUR_S)
            if not self._world.is_healed:
                await _ACTS[name](self, self._world, draw)

    def request_id(self) -> str:
        """Name an act of the owner."""
        self._requests += 1
        return f"owner-{self._requests}"


def _near(process: Process, draw: random.Random) -> int:
    return process.steps + draw.randint(1, 200)


async def _killed_at_step(_fates: Fates, world: World, draw: random.Random) -> None:
    process = world.living
    if process is not None and process.dies_at_step is None:
        world.inject("killed_at_step")
        process.dies_at_step = _near(process, draw)


async def _killed_at_act(_fates: Fates, world: World, draw: random.Random) -> None:
    process = world.living
    if process is not None and process.dies_at_act is None:
        world.inject("killed_at_act")
        process.dies_at_act = process.acts + draw.randint(1, 12)


async def _killed_at_send(_fates: Fates, world: World, draw: random.Random) -> None:
    process = world.living
    if process is not None and process.dies_at_send is None:
        world.inject("killed_at_send")
        process.dies_at_send = process.sends + draw.randint(1, 2)


async def _killed_starting(fates: Fates, world: World, draw: random.Random) -> None:
    process = world.living
    if process is None or process.dies_at_step is not None:
        return
    world.inject("killed_starting")
    process.dies_at_step = process.steps + 1
    counter = draw.choice(("step", "step", "act"))
    fates.next_doom = (counter, draw.randint(1, 400 if counter == "step" else 60))


async def _power_cut(_fates: Fates, world: World, draw: random.Random) -> None:
    process = world.living
    if process is None:
        return
    world.inject("power_cut")
    process.doom = Doom.POWER_CUT
    if draw.random() < 0.5:
        process.dies_at_act = process.acts + draw.randint(1, 12)
    else:
        process.dies_at_step = _near(process, draw)


async def _vanished(_fates: Fates, world: World, draw: random.Random) -> None:
    process = world.living
    if process is not None:
        world.inject("vanished")
        process.doom = Doom.VANISHED
        process.dies_at_step = _near(process, draw)


async def _long_absence(fates: Fates, world: World, draw: random.Random) -> None:
    process = world.living
    if process is not None:
        world.inject("long_absence")
        fates.away_s = draw.uniform(1_900.0, 2_600.0)
        process.dies_at_step = _near(process, draw)


async def _stalled(_fates: Fates, world: World, draw: random.Random) -> None:
    seconds = draw.uniform(1.0, 40.0)
    world.inject("stalled", f"{seconds:.0f} s")
    world.true.stall(seconds)


async def _suspended(_fates: Fates, world: World, draw: random.Random) -> None:
    seconds = draw.uniform(5.0, 600.0)
    world.inject("suspended", f"{seconds:.0f} s")
    world.true.sleep(seconds)


async def _drift(_fates: Fates, world: World, draw: random.Random) -> None:
    world.drift_ppm = draw.uniform(-500.0, 500.0)
    world.inject("drift", f"{world.drift_ppm:.0f} ppm")


async def _wall_step(_fates: Fates, world: World, draw: random.Random) -> None:
    world.wall_step_ms = int(draw.uniform(-3_600_000, 3_600_000))
    world.inject("wall_step", f"{world.wall_step_ms} ms")


async def _venue_step(_fates: Fates, world: World, draw: random.Random) -> None:
    step_ms = int(draw.uniform(-5_000, 5_000))
    world.true.venue_step_ms += step_ms
    world.inject("venue_step", f"{step_ms} ms")


def _failing(name: str, kind: str, files: str) -> Act:
    async def act(_fates: Fates, world: World, draw: random.Random) -> None:
        if world.disk.fault("write", "probe") is not None:
            return
        is_struck = False

        def fault(what: str, file: str) -> str | None:
            nonlocal is_struck
            if file == "probe":
                return kind
            if what == "read" or not file.startswith(files):
                return None
            if what not in ("write", "sync", "truncate"):
                return None
            if not is_struck:
                is_struck = True
                world.inject(name, f"{what} {file}")
            return kind

        calm = world.disk.fault
        world.disk.fault = fault
        await trio.sleep(draw.uniform(5.0, 120.0))
        if world.disk.fault is fault:
            world.disk.fault = calm if calm("write", "probe") is None else _calm

    return act


def _calm(_what: str, _file: str) -> str | None:
    return None


async def _disk_error_once(_fates: Fates, world: World, draw: random.Random) -> None:
    if world.disk.fault("write", "probe") is not None:
        return
    left = draw.randint(1, 6)

    def fault(what: str, file: str) -> str | None:
        nonlocal left
        if file == "probe":
            return "error"
        if what == "read":
            return None
        left -= 1
        if left > 0:
            return None
        world.disk.fault = _calm
        world.inject("disk_error_once", f"{what} {file}")
        return "error"

    world.disk.fault = fault


async def _barrier_slow(_fates: Fates, world: World, draw: random.Random) -> None:
    world.inject("barrier_slow")
    world.barrier_s = lambda: draw.uniform(0.0, 4.9) if draw.random() < 0.3 else 0.0
    world.is_barrier_slow = True
    await trio.sleep(draw.uniform(10.0, 120.0))
    world.barrier_s = lambda: 0.0
    world.is_barrier_slow = False


async def _barrier_stuck(_fates: Fates, world: World, _draw: random.Random) -> None:
    def stuck() -> float:
        world.barrier_s = lambda: 0.0
        world.inject("barrier_stuck")
        return 6.0

    world.barrier_s = stuck


async def _lock_stolen(_fates: Fates, world: World, _draw: random.Random) -> None:
    if world.living is not None:
        world.inject("lock_stolen")
        (world.home / "ledger.lock").unlink(missing_ok=True)


async def _file_replaced(_fates: Fates, world: World, draw: random.Random) -> None:
    path, aside = world.home / "ledger.db", world.home / "ledger.db.aside"
    if world.living is None or not path.exists() or aside.exists():
        return
    world.inject("file_replaced")
    path.rename(aside)
    path.write_bytes(b"not a ledger")
    await trio.sleep(draw.uniform(0.5, 30.0))
    aside.replace(path)


def _damage(name: str) -> Act:
    async def strike(fates: Fates, world: World, draw: random.Random) -> None:
        process = world.living
        if process is not None and fates.damage is None and process.dies_at_step is None:
            fates.damage = name
            process.dies_at_step = _near(process, draw)

    return strike


def damage(fates: Fates, world: World) -> None:
    """Do to the ledger, between two lives, what was planned for it."""
    disk, name = world.disk, fates.damage
    if not (world.home / "ledger.db").exists():
        return
    if name is not None:
        _remember(world)
    match name:
        case "bit_flipped":
            world.inject(name, disk.flip_bit())
        case "file_cut":
            world.inject(name, disk.cut_short())
        case "file_restored" if disk.has_copy("older"):
            world.inject(name, disk.put_copy_back("older"))
        case _:
            if "file_restored" in world.weather.rates and not disk.has_copy("older"):
                disk.keep_copy("older")
            return
    fates.damage = None
    world.truth.is_damaged = True


def _remember(world: World) -> None:
    """Keep the ledger as it is right before damage."""
    world.disk.keep_copy("whole")
    world.was_damaged = world.truth.is_damaged


def mend(world: World) -> None:
    """The owner's answer to a refused ledger: the whole one, as it was right before the damage."""
    if world.disk.has_copy("whole"):
        world.disk.put_copy_back("whole")
        world.truth.is_damaged = world.was_damaged
        world.witness.say("the owner puts the whole ledger back")


async def _file_deleted(_fates: Fates, world: World, _draw: random.Random) -> None:
    if world.living is not None and (world.home / "ledger.db").exists():
        world.inject("file_deleted")
        _remember(world)
        world.truth.is_damaged = True
        (world.home / "ledger.db").unlink()


async def _barriers_lie(_fates: Fates, world: World, draw: random.Random) -> None:
    process = world.living
    if process is None or world.disk.barriers_lie:
        return
    world.inject("barriers_lie")
    world.truth.is_damaged = world.disk.barriers_lie = True
    await trio.sleep(draw.uniform(1.0, 60.0))
    process.doom = Doom.POWER_CUT
    process.dies_at_step = _near(process, draw)


async def _rival(_fates: Fates, world: World, _draw: random.Random) -> None:
    if world.living is not None:
        await world.start_rival()


def _owner(name: str, act: Callable[["Fates", World], Down | ReconRun | SetMode]) -> Act:
    async def strike(fates: Fates, world: World, _draw: random.Random) -> None:
        process = world.living
        if process is None:
            return
        world.inject(name)
        try:
            await process.engine.port.act(act(fates, world))
        except UserError as refused:
            world.witness.say(f"owner: {refused.body.code}")

    return strike


def _kill(fates: Fates, _world: World) -> SetMode:
    return SetMode(mode=Mode.KILL, by="owner", reason="drill", request_id=fates.request_id())


def _reduce(fates: Fates, _world: World) -> SetMode:
    return SetMode(mode=Mode.REDUCE_ONLY, by="owner", reason="drill", request_id=fates.request_id())


def _restart(fates: Fates, _world: World) -> Down:
    return Down(by="owner", reason="drill", cancel_opens=True, request_id=fates.request_id())


async def _owner_flattens(fates: Fates, world: World, _draw: random.Random) -> None:
    process = world.living
    if process is None:
        return
    port = process.engine.port
    plan = port.flatten_plan()
    if not plan.exits:
        return
    world.inject("owner_flattens")
    try:
        await port.act(
            Flatten(plan=plan.hash, by="owner", reason="drill", request_id=fates.request_id())
        )
    except UserError as refused:
        world.witness.say(f"owner: {refused.body.code}")


def _recon(fates: Fates, _world: World) -> ReconRun:
    return ReconRun(by="owner", reason="drill", request_id=fates.request_id())


async def _stop_in_order(fates: Fates, world: World, process: Process) -> None:
    world.witness.saw("restarted for its ledger")
    try:
        await process.engine.port.act(_restart(fates, world))
    except UserError as refused:
        world.witness.say(f"owner: {refused.body.code}")


# Any other answer leaves open what became of it: it may have become durable all the same.
_NOT_GIVEN: Final = ("REFUSED", "CHANGED", "EXPIRED", "STOPPING")


async def rearm(fates: Fates, world: World) -> None:
    """The owner's rounds: look, and rearm what has stood long enough."""
    draw = world.stream("owner")
    while True:
        # Some causes are left standing, so that containment has to end by itself.
        pause_s = 10.0 if world.is_healed else draw.uniform(30.0, 240.0)
        with trio.move_on_after(pause_s):
            await world.healed.wait()
            await trio.sleep(10.0)
        process = world.living
        if process is None:
            continue
        if process.state.ledger_failure is None and process.state.link.is_up:
            await _decide_on_strangers(fates, world, process)
        if world.living is not process or process.state.durable.mode is Mode.ACTIVE:
            continue
        if process.state.ledger_failure is not None:
            # Only a fresh start says what the ledger holds.
            await _stop_in_order(fates, world, process)
            continue
        port = process.engine.port
        port.refresh()
        before_ms = world.truth.rearmed_ms
        world.truth.rearmed_ms = world.true.venue_ms()
        try:
            await port.act(
                Rearm(
                    by="owner",
                    reason="looked at it",
                    request_id=fates.request_id(),
                    expect=port.view().status.rev,
                    looked_ms=process.state.now_ms,
                )
            )
            world.witness.saw("rearmed")
        except UserError as refused:
            if refused.body.code in _NOT_GIVEN:
                world.truth.rearmed_ms = before_ms
            world.witness.saw(f"rearm {refused.body.code}")


async def _decide_on_strangers(fates: Fates, world: World, process: Process) -> None:
    """Adopt, ignore or close what is not the engine's; once all is healed nothing stays undecided.

    Some is left standing, so that a stranger leaves by himself.
    """
    draw = world.stream(f"decides/{fates.request_id()}")
    port = process.engine.port
    port.refresh()
    for row in port.view().status.foreign:
        if row.verdict is not None or (draw.random() < 0.5 and not world.is_healed):
            continue
        verdict = draw.choice(tuple(Verdict))
        try:
            await port.act(
                Classify(
                    subject=row.subject,
                    verdict=verdict,
                    expect=row.text,
                    by="owner",
                    reason="knows whose it is",
                    request_id=fates.request_id(),
                )
            )
            world.witness.saw(f"{verdict.value} {row.kind}")
        except UserError as refused:
            world.witness.saw(f"{verdict.value} {row.kind} {refused.body.code}")


_ACTS: Final[dict[str, Act]] = {
    "killed_at_step": _killed_at_step,
    "killed_at_act": _killed_at_act,
    "killed_at_send": _killed_at_send,
    "killed_starting": _killed_starting,
    "power_cut": _power_cut,
    "vanished": _vanished,
    "long_absence": _long_absence,
    "stalled": _stalled,
    "suspended": _suspended,
    "drift": _drift,
    "wall_step": _wall_step,
    "venue_step": _venue_step,
    "disk_full": _failing("disk_full", "full", "ledger.db"),
    "disk_errors": _failing("disk_errors", "error", "ledger.db"),
    "disk_read_only": _failing("disk_read_only", "read-only", "ledger.db"),
    "reserve_broken": _failing("reserve_broken", "error", "ledger"),
    "disk_error_once": _disk_error_once,
    "barrier_slow": _barrier_slow,
    "barrier_stuck": _barrier_stuck,
    "lock_stolen": _lock_stolen,
    "file_replaced": _file_replaced,
    "rival": _rival,
    "bit_flipped": _damage("bit_flipped"),
    "file_cut": _damage("file_cut"),
    "file_restored": _damage("file_restored"),
    "file_deleted": _file_deleted,
    "barriers_lie": _barriers_lie,
    "owner_kill": _owner("owner_kill", _kill),
    "owner_reduces": _owner("owner_reduces", _reduce),
    "owner_restarts": _owner("owner_restarts", _restart),
    "owner_flattens": _owner_flattens,
    "owner_recon": _owner("owner_recon", _recon),
}
