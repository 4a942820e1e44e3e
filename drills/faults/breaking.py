"""What fails under the ledger: its disk, its barriers, its lock, its files.

The fates of a storm draw when and how much; here both are said. Names are those of the catalogue,
so that the invariants know what to allow for.
"""

from typing import Final

import trio

from drills.faults.drill import Act
from drills.faults.stage import Stage

__all__ = [
    "damage_ledger",
    "fail_disk",
    "mend_ledger",
    "replace_file",
    "slow_barrier",
    "steal_lock",
]

_WHOLE: Final = "whole"  # the copy of the ledger from before its damage


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
        stage.living()
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


def mend_ledger(at_ms: int) -> Act:
    """The owner puts the whole ledger back."""

    async def do(stage: Stage) -> None:
        stage.world.disk.put_copy_back(_WHOLE)
        stage.world.truth.is_damaged = False

    return Act(at_ms, "mend", do)
