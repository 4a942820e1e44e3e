"""A process with a disk of its own, 3 MiB: fills it, trades on, makes room; or makes it read-only.

Runs in a mount namespace of its own. Prints one word a line; the test knows which must come.
"""

import subprocess
import sys
from pathlib import Path

from bot.domain.order import Role
from ledger.errors import LedgerError, LedgerUnwritable
from ledger.ledger import Ledger
from ledger.verify import verify
from tests.ledger.making import fill, intent, opened

SIZE = "3m"
EXIT = intent(7_000, role=Role.CLOSE)


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")


def mount(home: Path, options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(home)], check=True)  # noqa: S603, S607  # needs no path: PATH is the test's own


def fill_up(home: Path) -> Path:
    filler = home / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return filler


def open_until_full(ledger: Ledger) -> int:
    acknowledged = 0
    try:
        for acknowledged in range(10_000):
            ledger.commit([intent(acknowledged)])
    except LedgerUnwritable as fault:
        say("stopped" if "FullError" in str(fault) else str(fault))
    return acknowledged


def full(home: Path) -> None:
    mount(home, f"size={SIZE}")
    ledger = opened(home)
    ledger.commit([intent(9_000)])
    filler = fill_up(home)
    acknowledged = open_until_full(ledger)
    ledger.reserve.commit([EXIT, fill(1, of=EXIT)])
    say("exit taken")
    try:
        ledger.commit([intent(9_001)])
    except LedgerUnwritable:
        say("still stopped")
    ledger.close()
    try:
        opened(home)
    except LedgerUnwritable:
        say("still full")
    filler.unlink()
    with opened(home) as again:
        state = again.state
        made = {intent(number).intent_id for number in range(acknowledged)}
        say("nothing lost" if made <= {*state.orders, *state.closed} else "lost")
        say("exit there" if EXIT.intent_id in state.orders else "exit lost")
    say("good" if verify(home).is_good else "bad")


def read_only(home: Path) -> None:
    mount(home, f"size={SIZE}")
    with opened(home) as ledger:
        ledger.commit([intent(1)])
    subprocess.run(["mount", "-o", "remount,ro", str(home)], check=True)  # noqa: S603, S607  # as above
    try:
        opened(home)
    except LedgerError as fault:
        say(type(fault).__name__)
    say("good" if verify(home).is_good else "bad")


if __name__ == "__main__":
    {"full": full, "read-only": read_only}[sys.argv[1]](Path(sys.argv[2]))
