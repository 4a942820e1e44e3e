"""The blocking client against servers that misbehave."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.control.client import Client
from bot.control.errors import Exit, UserError
from bot.control.place import Place, socket_place

HELLO = (
    b'{"hello":{"protocol":1,"protocols":[1],"run_id":"r","build_id":"b","contract_version":"c",'
    b'"environment":"DEV","pid":1,"now":"2026-11-25T11:31:07.204Z","new_in_2":true}}\n'
)


@contextmanager
def served(home: Path, *sends: bytes) -> Iterator[Place]:
    """Accept one client, send what is given, one part for each line that comes, and close."""
    place = socket_place(home)
    place.path.parent.mkdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(place.path))
        listener.listen(1)

        def serve() -> None:
            peer, _ = listener.accept()
            with peer:
                for number, part in enumerate(sends):
                    if number:
                        peer.recv(65_536)
                    peer.sendall(part)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield place
        thread.join(5)


def test_answer_is_found_between_beats_and_streams(tmp_path: Path) -> None:
    noise = (
        b'{"beat":{"now":"x","mode":"KILL"}}\n'
        b'{"sub":1,"topic":"events","seq":1,"at":"x","rows":[1]}\n'
        b'{"id":1,"ok":{"a":"0.10"}}\n'
    )
    with served(tmp_path, HELLO, noise) as place, Client(place, timeout_s=5) as client:
        assert client.ask("status") == b'{"a":"0.10"}'
        frame = next(client.streamed())
        assert (frame.topic, bytes(frame.rows), bytes(frame.full)) == ("events", b"[1]", b"")


@pytest.mark.parametrize(
    ("sends", "why"),
    [
        ((b"",), "closed"),
        ((b"SSH-2.0\n",), "protocol"),
        ((b'{"beat":{}}\n',), "no greeting"),
        ((HELLO, b""), "closed"),
        ((HELLO, b"nonsense\n"), "protocol"),
    ],
)
def test_server_that_is_no_engine_is_no_engine(
    tmp_path: Path, sends: tuple[bytes, ...], why: str
) -> None:
    with served(tmp_path, *sends) as place, pytest.raises(UserError) as caught:  # noqa: SIM117  # the server outlives the client
        with Client(place, timeout_s=5) as client:
            client.ask("status")
    assert caught.value.exit is Exit.NO_ENGINE
    assert why in caught.value.body.what


def test_error_of_the_engine_keeps_its_exit(tmp_path: Path) -> None:
    error = b'{"id":1,"error":{"code":"X","exit":4,"what":"w","why":"y","next":"n","details":{}}}\n'
    with (
        served(tmp_path, HELLO, error) as place,
        Client(place, timeout_s=5) as client,
        pytest.raises(UserError) as caught,
    ):
        client.ask("mode")
    assert caught.value.exit is Exit.REFUSED


def test_busy_engine_says_so_before_the_greeting(tmp_path: Path) -> None:
    busy = (
        b'{"id":null,"error":{"code":"BUSY","exit":3,"what":"w","why":"y","next":"n",'
        b'"details":{}}}\n'
    )
    with served(tmp_path, busy) as place, pytest.raises(UserError) as caught:
        Client(place, timeout_s=5)
    assert caught.value.body.code == "BUSY"
