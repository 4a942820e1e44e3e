"""What a drill does to the engine from outside venue and line, each with its own figures.

The fates of a storm draw when and how much; here both are said. Names are those of the catalogue,
so that the invariants know what to allow for.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

import msgspec
import trio

from bot.control.port import Down, Rearm, SetMode
from bot.domain.ids import Currency
from bot.domain.mode import Mode
from bot.simulator.exchange.risk import standing
from drills.faults.drill import Act
from drills.faults.stage import Stage
from drills.world.exchange import ACCOUNT
from drills.world.life import live
from drills.world.process import Doom, Process

__all__ = [
    "damage_ledger",
    "drain_account",
    "fail_disk",
    "fund_account",
    "kill",
    "kill_at_send",
    "kill_lives",
    "mark",
    "mend_ledger",
    "owner_downs",
    "owner_kills",
    "owner_rearms",
    "owner_reduces",
    "replace_file",
    "slow_barrier",
    "start_rival",
    "steal_lock",
    "step_venue_clock",
    "suspend",
    "vanish",
]

_BTC: Final = Currency("BTC")
_PAID_IN: Final = Decimal(10)
_WHOLE: Final = "whole"  # the copy of the ledger from before its damage


def kill(at_ms: int, *, away_s: float = 0.0) -> Act:
    """Kill the engine before its next turn; it stays down for so long."""

    async def do(stage: Stage) -> None:
        process = _living(stage)
        stage.away_s = away_s
        process.dies_at_step = process.steps + 1
        await process.died.wait()
        stage.strike("killed_at_step", f"away {away_s} s")

    return Act(at_ms, "killed_at_step", do)


def kill_at_send(at_ms: int, *, away_s: float = 0.0) -> Act:
    """Kill it between the record of the next order and the first byte; it stays down so long."""

    async def do(stage: Stage) -> None:
        process = _living(stage)
        stage.away_s = away_s
        process.dies_at_send = process.sends + 1
        await process.died.wait()
        stage.strike("killed_at_send", f"away {away_s} s")

    return Act(at_ms, "killed_at_send", do)


def kill_lives(at_ms: int, *, lives: int) -> Act:
    """Kill it again and again, each life some turns later than the one before."""

    async def do(stage: Stage) -> None:
        process = _living(stage)
        stage.dooms.extend(20 + 3 * number for number in range(lives))
        process.dies_at_step = process.steps + 1
        await process.died.wait()
        stage.strike("killed_starting", f"{lives} lives")

    return Act(at_ms, "killed_starting", do)


def vanish(at_ms: int) -> Act:
    """Cut the machine off: its sockets stay open at the venue, what rests goes on resting."""

    async def do(stage: Stage) -> None:
        process = _living(stage)
        process.doom = Doom.VANISHED
        process.dies_at_step = process.steps + 1
        await process.died.wait()
        stage.strike("vanished")

    return Act(at_ms, "vanished", do)


def fail_disk(at_ms: int, *, name: str, kind: str, files: str, seconds: float) -> Act:
    """Let every change of these files fail for a while: `full`, `error` or `read-only`."""

    async def do(stage: Stage) -> None:
        world, calm = stage.world, stage.world.disk.fault
        is_struck = False

        def fault(what: str, file: str) -> str | None:
            nonlocal is_struck
            if file == "probe":
                return kind
            if not file.startswith(files) or what not in ("write", "sync", "truncate"):
                return None
            if not is_struck:
                is_struck = True
                stage.strike(name, f"{what} {file}")
            return kind

        world.disk.fault = fault
        await trio.sleep(seconds)
        world.disk.fault = calm

    return Act(at_ms, name, do)


def slow_barrier(at_ms: int, *, barrier_s: float) -> Act:
    """Let the next barrier take so long; beyond five seconds nobody waits for it."""

    async def do(stage: Stage) -> None:
        world = stage.world

        def once() -> float:
            world.barrier_s = lambda: 0.0
            stage.strike("barrier_stuck", f"{barrier_s} s")
            return barrier_s

        world.barrier_s = once

    return Act(at_ms, "barrier_stuck", do)


def steal_lock(at_ms: int) -> Act:
    """Delete the lock file under the living engine."""

    async def do(stage: Stage) -> None:
        _living(stage)
        stage.strike("lock_stolen")
        (stage.world.home / "ledger.lock").unlink()

    return Act(at_ms, "lock_stolen", do)


def replace_file(at_ms: int, *, seconds: float) -> Act:
    """Put another file in the ledger's place for a while."""

    async def do(stage: Stage) -> None:
        path = stage.world.home / "ledger.db"
        aside = path.with_name("ledger.db.aside")
        stage.strike("file_replaced")
        path.rename(aside)
        path.write_bytes(b"not a ledger")
        await trio.sleep(seconds)
        aside.replace(path)

    return Act(at_ms, "file_replaced", do)


def damage_ledger(at_ms: int) -> Act:
    """Lose the second half of the ledger between this life and the next."""

    async def do(stage: Stage) -> None:
        world = stage.world

        def damage() -> None:
            world.disk.keep_copy(_WHOLE)
            for path in sorted(world.home.glob("ledger.db*")):
                content = path.read_bytes()
                path.write_bytes(content[: len(content) // 2] + bytes(len(content) // 2))
            world.truth.is_damaged = True
            stage.strike("file_cut")

        stage.after_life = damage

    return Act(at_ms, "file_cut", do)


def fund_account(at_ms: int) -> Act:
    """The owner pays in."""

    async def do(stage: Stage) -> None:
        venue = stage.world.exchange.venue
        account = venue.accounts[ACCOUNT]
        cash = {**account.cash, _BTC: account.cash[_BTC] + _PAID_IN}
        venue.accounts[ACCOUNT] = msgspec.structs.replace(account, cash=cash)

    return Act(at_ms, "fund", do)


def mark(at_ms: int, name: str) -> Act:
    """Write down when the fault begins that the drill's own script or policy brings about."""

    async def do(stage: Stage) -> None:
        stage.strike(name)

    return Act(at_ms, name, do)


def mend_ledger(at_ms: int) -> Act:
    """The owner puts the whole ledger back."""

    async def do(stage: Stage) -> None:
        stage.world.disk.put_copy_back(_WHOLE)
        stage.world.truth.is_damaged = False

    return Act(at_ms, "mend", do)


def start_rival(at_ms: int) -> Act:
    """Start a second engine on the same home."""

    async def do(stage: Stage) -> None:
        world = stage.world
        owner = world.disk.owner
        stage.strike("rival")
        with trio.move_on_after(5.0):
            await live(world, Process(-1, Doom.KILLED, world.on_death))
        world.disk.owner = owner

    return Act(at_ms, "rival", do)


def step_venue_clock(at_ms: int, *, step_ms: int, seconds: float) -> Act:
    """Let the venue's clock step, and step back after a while."""

    async def do(stage: Stage) -> None:
        true = stage.world.true
        true.venue_step_ms += step_ms
        stage.strike("venue_step", f"{step_ms} ms")
        await trio.sleep(seconds)
        true.venue_step_ms -= step_ms
        stage.strike("venue_step", f"{-step_ms} ms")

    return Act(at_ms, "venue_step", do)


def suspend(at_ms: int, *, seconds: float) -> Act:
    """Let the machine sleep: true time goes on, its timers and monotonic clock do not.

    Time counts from its waking: asleep it can do neither harm nor good.
    """

    async def do(stage: Stage) -> None:
        stage.world.true.sleep(seconds)
        stage.strike("suspended", f"{seconds} s")

    return Act(at_ms, "suspended", do)


def drain_account(at_ms: int, *, use: str, of: Literal["initial", "maintenance"]) -> Act:
    """Take out money until this margin ties up such a part of what is left."""

    async def do(stage: Stage) -> None:
        venue = stage.world.exchange.venue
        account = venue.accounts[ACCOUNT]
        now = standing(venue, account, _BTC)
        margin = now.initial if of == "initial" else now.maintenance
        out = now.margin_balance - margin / Fraction(use)
        cash = account.cash[_BTC] - round(Decimal(out.numerator) / Decimal(out.denominator), 8)
        venue.accounts[ACCOUNT] = msgspec.structs.replace(
            account, cash={**account.cash, _BTC: cash}
        )
        stage.strike("drained", f"to {cash:f} BTC")

    return Act(at_ms, "drained", do)


def owner_kills(at_ms: int) -> Act:
    """The owner asks for KILL."""
    return _mode(at_ms, "kill", "owner_kill", Mode.KILL)


def owner_reduces(at_ms: int) -> Act:
    """The owner asks for REDUCE_ONLY."""
    return _mode(at_ms, "reduce_only", "owner_reduces", Mode.REDUCE_ONLY)


def owner_downs(at_ms: int) -> Act:
    """The owner stops it in order; it is started again."""

    async def do(stage: Stage) -> None:
        stage.strike("owner_restarts")

        def act(request_id: str) -> Down:
            return Down(by="owner", reason="drill", cancel_opens=True, request_id=request_id)

        await stage.ask(act, "down")

    return Act(at_ms, "owner_restarts", do)


def owner_rearms(at_ms: int) -> Act:
    """The owner rearms, on the status as it is then."""

    async def do(stage: Stage) -> None:
        world, process = stage.world, stage.world.living
        if process is None:
            return
        process.engine.port.refresh()
        expect = process.engine.port.view().status.rev
        world.truth.rearmed_ms = world.true.venue_ms()

        def act(request_id: str) -> Rearm:
            return Rearm(by="owner", reason="drill", request_id=request_id, expect=expect)

        await stage.ask(act, "rearm")

    return Act(at_ms, "rearm", do)


def _mode(at_ms: int, name: str, fault: str, mode: Mode) -> Act:
    async def do(stage: Stage) -> None:
        stage.strike(fault)

        def act(request_id: str) -> SetMode:
            return SetMode(mode=mode, by="owner", reason="drill", request_id=request_id)

        await stage.ask(act, name)

    return Act(at_ms, fault, do)


def _living(stage: Stage) -> Process:
    process = stage.world.living
    if process is None:
        raise RuntimeError("no engine lives that the drill could strike")
    return process
