"""A real engine whose ledger fails after some commits: run as a program, `HOME COMMITS SECONDS`."""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import trio

from bot.domain.mode import Environment
from bot.engine.run import RunOptions, run_engine
from bot.engine.seams import REAL
from ledger.entry import Entry
from ledger.errors import LedgerUnwritable
from ledger.ledger import Committed, Ledger
from ledger.writer import Writer, open_writer


class Losing:
    """The real writer, until it has taken so many commits; then the disk is gone."""

    def __init__(self, writer: Writer, *, commits: int) -> None:
        """Take the real one."""
        self._writer, self._left = writer, commits

    async def commit(self, entries: Sequence[Entry]) -> Committed:
        """Commit, or fail as a full disk does."""
        if self._left == 0:
            raise LedgerUnwritable("no space left on device")
        self._left -= 1
        return await self._writer.commit(entries)


def main() -> None:
    """Run to the end."""
    home, commits, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])

    @asynccontextmanager
    async def losing(ledger: Ledger) -> AsyncIterator[Writer]:
        async with open_writer(ledger) as writer:
            yield Losing(writer, commits=commits)

    options = RunOptions(
        home=home,
        environment=Environment.DEV,
        seed=7,
        for_s=seconds,
        market=None,
        speed=1.0,
        strategy=None,
        live_confirmed=False,
        as_json=True,
    )
    trio.run(run_engine, options, replace(REAL, open_writer=losing))


if __name__ == "__main__":
    main()
