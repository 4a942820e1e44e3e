"""A process to be killed at its nth write or sync while it migrates the ledger in a home."""

import os
import signal
import sys
from pathlib import Path

from bot.domain.ids import RunId
from ledger.migrate import migrate
from tests.ledger.faulty import FaultyFiles


def _main(home: Path, nth: int) -> None:
    files = FaultyFiles()
    calls = 0

    def count(_file: str) -> None:
        nonlocal calls
        calls += 1
        if calls == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    files.on_write = files.on_sync = count
    migrate(home, run_id=RunId("m"), now_ms=1, is_rehearsal=False, vfs=files.name)
    os.write(1, b"done\n")


if __name__ == "__main__":
    _main(Path(sys.argv[1]), int(sys.argv[2]))
