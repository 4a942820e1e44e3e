"""A process to be killed: commits from many tasks, and tells each number only once acknowledged."""

import itertools
import os
import sys
from pathlib import Path

import trio

from ledger.writer import Writer, open_writer
from tests.ledger.making import note, opened

TASKS = 8


async def _commit_for_ever(writer: Writer, numbers: "itertools.count[int]") -> None:
    while True:
        committed = await writer.commit([note(next(numbers))])
        # One write for a line: a kill never leaves half of one that counts.
        os.write(1, f"{committed.head.seq} {committed.head.hash}\n".encode())


async def _main(home: Path) -> None:
    numbers = itertools.count()
    with opened(home) as ledger:
        async with open_writer(ledger) as writer, trio.open_nursery() as nursery:
            for _ in range(TASKS):
                nursery.start_soon(_commit_for_ever, writer, numbers)


if __name__ == "__main__":
    trio.run(_main, Path(sys.argv[1]))
