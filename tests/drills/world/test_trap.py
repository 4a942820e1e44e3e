import os
import random
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from drills.world.trap import Escaped, trapped

ESCAPES: dict[str, Callable[[Path], object]] = {
    "clock": lambda _: time.monotonic_ns(),
    "wall clock": lambda _: time.time(),
    "chance": lambda _: random.random(),  # noqa: S311
    "secret": lambda _: secrets.token_hex(4),
    "thread": lambda _: threading.Thread(target=print).start(),
    "socket": lambda _: socket.socket(),
    "process": lambda _: subprocess.Popen([sys.executable, "-V"]),
    "file": lambda home: (home.parent / "elsewhere").write_text("x"),
}


@pytest.mark.rule("C-802")
@pytest.mark.parametrize("door", ESCAPES)
def test_an_escape_ends_the_run_and_is_kept(tmp_path: Path, door: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with trapped(home, chance=random.Random(1)) as found:  # noqa: S311
        with pytest.raises(Escaped):
            ESCAPES[door](home)
        assert len(found) == 1
    ESCAPES[door](tmp_path) if door in ("clock", "chance", "secret") else None


@pytest.mark.rule("C-802")
def test_what_is_the_worlds_own_may_be_used(tmp_path: Path) -> None:
    with trapped(tmp_path, chance=random.Random(1)) as found:  # noqa: S311
        (tmp_path / "ledger.db").write_bytes(b"x")
        assert (tmp_path / "ledger.db").read_bytes() == b"x"
        drawn = random.Random(3).random()  # noqa: S311  # a stream of one's own
    assert found == []
    assert drawn == random.Random(3).random()  # noqa: S311


def test_masks_of_libraries_come_from_the_seed(tmp_path: Path) -> None:
    def masks() -> bytes:
        with trapped(tmp_path, chance=random.Random(7)):  # noqa: S311
            return os.urandom(8)

    assert masks() == masks()
