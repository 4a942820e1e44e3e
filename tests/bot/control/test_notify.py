"""Words to the service manager, over a real datagram socket."""

import socket
from pathlib import Path

import pytest

from bot.control.notify import notifier

pytestmark = pytest.mark.rule("C-505")


@pytest.mark.parametrize("is_abstract", [False, True])
def test_each_word_is_one_datagram(tmp_path: Path, is_abstract: bool) -> None:
    name = f"@bot-test-{tmp_path.name}" if is_abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name[1:]}" if is_abstract else name)
        manager.settimeout(5)
        say = notifier({"NOTIFY_SOCKET": name})
        say("READY=1")
        say("WATCHDOG=1")
        assert [manager.recv(64), manager.recv(64)] == [b"READY=1", b"WATCHDOG=1"]


@pytest.mark.parametrize("named", ["", "relative", "/nowhere/at/all"])
def test_without_a_manager_nothing_is_said_and_nothing_fails(named: str) -> None:
    notifier({"NOTIFY_SOCKET": named} if named else {})("READY=1")


def test_a_manager_that_does_not_read_is_not_waited_for(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        say = notifier({"NOTIFY_SOCKET": str(tmp_path / "notify")})
        for _ in range(2_000):
            say("WATCHDOG=1")
