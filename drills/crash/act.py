"""What is killed: the engine's run, and the migration of a ledger; each the real one."""

import random
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import trio

from bot.domain.ids import RunId
from bot.domain.mode import Environment
from bot.engine.options import RunOptions
from bot.engine.run import run_engine
from bot.engine.seams import REAL, Seams
from drills.crash.cycle import Act
from drills.crash.files import TrappedFiles
from drills.crash.line import trapped_dial
from drills.crash.phase import Phase
from drills.crash.trap import Trap
from drills.crash.writer import trapped_writer
from drills.disk import watched_disk
from ledger.migrate import migrate

__all__ = ["engine", "migration"]

ALONE_S: Final = 60.0  # should the drill itself be killed, nothing trades on for long


def engine(home: Path, *, for_s: float | None, strategy: str | None) -> Act:
    """Run the engine for `for_s` seconds, or until killed; behind a trap that is set, if it is."""

    def act(trap: Trap) -> None:
        options = RunOptions(
            home=home,
            environment=Environment.DEV,
            seed=random.SystemRandom().randrange(2**32),
            for_s=ALONE_S if for_s is None else for_s,
            market=None,
            speed=1.0,
            strategy=strategy,
            live_confirmed=False,
            as_json=True,
        )
        trio.run(partial(run_engine, options, _seams(trap, for_s=for_s)))

    return act


def migration(home: Path) -> Act:
    """Bring the ledger to this version's schema, as `bot ledger migrate` does."""

    def act(trap: Trap) -> None:
        files = TrappedFiles(trap, where=lambda _file: "migrate")
        migrate(
            home,
            run_id=RunId("m-drill"),
            now_ms=random.SystemRandom().randrange(2**40),  # names the copy from before
            is_rehearsal=False,
            vfs=watched_disk(files),
        )

    return act


def _seams(trap: Trap, *, for_s: float | None) -> Seams:
    if not trap.is_set:
        return REAL
    phase = Phase(for_s=for_s)
    return replace(
        REAL,
        dial=partial(trapped_dial, trap, phase),
        open_writer=partial(trapped_writer, trap, phase),
        vfs=watched_disk(TrappedFiles(trap, where=phase.of_file)),
    )
