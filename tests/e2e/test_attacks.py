"""A running engine under attack by local programs: refused or bounded, and nothing loosened."""

import json
import os
import pwd
import socket
import struct
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.control.errors import UserError
from bot.control.topics import TOPICS
from tests.e2e.hostile import (
    GETS,
    REDUCE,
    Cost,
    ask_status,
    client,
    code_of,
    cost,
    http_port,
    idle_http,
    idle_unix,
    request,
    say,
    token,
    unix,
)
from tests.e2e.house import engine, rows, wait_for
from tests.e2e.wrong_requests import WRONG, a_wish

pytestmark = [pytest.mark.rule("C-601"), pytest.mark.rule("C-603"), pytest.mark.rule("C-604")]

MIB = 1 << 20
RSS_KIB_MAX = 12 * 1024  # what one attack may leave behind, fragments of the allocator included
BURST_S = 3.0  # after it the allowance of reads is full again


class Under:
    """One engine that all of these attack."""

    def __init__(self, home: Path, pid: int) -> None:
        self.home, self.pid = home, pid

    @property
    def crashes(self) -> list[str]:
        lines = (self.home / "log/engine.jsonl").read_text().splitlines()
        return [line for line in lines if json.loads(line)["event"] == "crash"]

    def settled(self, before: Cost, *, within_s: float = 10.0) -> Cost:
        """Wait until the files that an attack had opened are closed again."""
        deadline = time.monotonic() + within_s
        while (now := cost(self.pid)).files > before.files and time.monotonic() < deadline:
            time.sleep(0.2)
        return now


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Under]:
    home = tmp_path_factory.mktemp("attacked")
    with engine(home, "--seed", "7", "--json") as process:
        wait_for(home, "open")
        for _ in range(20):  # warm: what is made once is made
            ask_status(home)
            with client(home) as friend:
                friend.ask("tail", {"n": 100})
        yield Under(home, process.pid)


@pytest.fixture
def under(living: Under) -> Iterator[Under]:
    """Attack, and find the engine as it was: quick, whole, in the same mode, of the same size."""
    mode, _ = ask_status(living.home)
    before = cost(living.pid)
    yield living
    after = living.settled(before)
    now, took_s = ask_status(living.home)
    assert now == mode
    assert took_s < 1.0
    assert living.crashes == []
    assert after.files <= before.files + 1, "a reader of the ledger may be open just now"
    assert after.rss_kib - before.rss_kib < RSS_KIB_MAX


@pytest.mark.parametrize("name", sorted(WRONG))
def test_what_is_wrong_is_refused_and_does_nothing(under: Under, name: str) -> None:
    time.sleep(0.1)  # below the allowance: this is not about the rate
    build, code = WRONG[name]
    assert code_of(say(under.home, build(under.home))) == code


METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW")
PATHS = (*GETS, REDUCE, "/", "/api/v1/mode/rearm", "/api/v1/emergency/rearm", "/../ledger.db")


def test_no_method_on_any_path_does_more_than_its_row_says(under: Under) -> None:
    codes = {}
    for path in PATHS:
        for method in METHODS:
            answer = say(
                under.home,
                request(
                    under.home, path, method=method, Authorization=f"Bearer {token(under.home)}"
                ),
            )
            codes[method, path] = code_of(answer)
    done = {pair for pair, code in codes.items() if code in {200, 503}}
    assert done == {("GET", path) for path in GETS}
    assert codes.pop(("POST", REDUCE)) == 400, "no wish in it"
    assert {codes[pair] for pair in codes if pair not in done} == {404, 405}


def test_a_peer_that_resets_at_once_is_no_fault_of_ours(under: Under) -> None:
    for _ in range(300):
        stream = socket.create_connection(("127.0.0.1", http_port(under.home)))
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        stream.close()


def test_of_a_pipeline_only_the_first_is_heard(under: Under) -> None:
    time.sleep(BURST_S)
    answer = say(
        under.home, request(under.home) + request(under.home, REDUCE, method="POST", body=a_wish())
    )
    assert answer.count(b"HTTP/1.1") == 1
    assert code_of(answer) == 200


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_slow_loris_is_cut_off_and_keeps_nobody_out(under: Under, part: str) -> None:
    start = request(under.home, REDUCE, method="POST", body=b"x" * 100)
    start = start[:40] if part == "head" else start[:-99]
    slow = idle_http(under.home, 40)
    for stream in slow:
        stream.sendall(start)
    worst_s = 0.0
    deadline = time.monotonic() + 7
    gone = 0
    while time.monotonic() < deadline:
        for stream in slow:
            try:
                stream.sendall(b"x" if part == "head" else b" ")
            except OSError:
                gone += 1
        worst_s = max(worst_s, ask_status(under.home)[1])
        time.sleep(0.5)
    assert worst_s < 1.0
    assert gone > 0
    for stream in slow:
        stream.close()


def test_two_hundred_silent_clients_of_http_keep_nobody_out(under: Under) -> None:
    before = cost(under.pid)
    silent = idle_http(under.home, 200)
    time.sleep(0.5)
    held = cost(under.pid)
    assert held.files - before.files <= 40, "32 of them, and what is just being let go"
    assert ask_status(under.home)[1] < 1.0
    for stream in silent:
        stream.close()


def test_two_hundred_silent_clients_of_the_socket_leave_a_place_for_a_stop(under: Under) -> None:
    before = cost(under.pid)
    silent = idle_unix(under.home, 200)
    time.sleep(1.5)
    held = cost(under.pid)
    assert held.files - before.files <= 26, "16 served, 8 that may still show a stop, and one more"
    assert ask_status(under.home)[1] < 1.0
    with pytest.raises(UserError) as refused, client(under.home) as late:
        late.ask("status")
    assert refused.value.body.code == "BUSY"
    began = time.monotonic()
    # It is heard, and refused only for its shape: nothing is done.
    with client(under.home) as stop, pytest.raises(UserError) as heard:
        stop.ask("mode", {"mode": "KILL", "reason": "x", "request_id": "no uuid"})
    assert heard.value.body.code == "BAD_ARGS"
    assert time.monotonic() - began < 1.0
    for stream in silent:
        stream.close()


FRAMES: dict[str, bytes] = {
    "too long": b"x" * (2 * MIB) + b"\n",
    "no JSON": b"hello\n",
    "an array": b"[]\n",
    "deep args": b'{"id":1,"verb":"status","args":' + b"[" * 500_000 + b"\n",
    "deep object": b'{"id":1,"verb":"mode","args":' + b'{"a":' * 100_000 + b"\n",
    "NUL": b"\x00\x00\x00\n",
    "NUL in a word": b'{"id":1,"verb":"sta\\u0000tus"}\n',
    "half a surrogate": b'{"id":1,"verb":"\\ud800"}\n',
    "no UTF-8": b'{"id":1,"verb":"\xff\xfe"}\n',
    "an id of text": b'{"id":"1","verb":"status"}\n',
    "an id beyond": b'{"id":99999999999999999999,"verb":"status"}\n',
    "a negative id": b'{"id":-1,"verb":"status"}\n',
    "an unknown verb": b'{"id":1,"verb":"rm -rf"}\n',
    "a number beyond SQL": b'{"id":1,"verb":"tail","args":{"from_seq":9223372036854775808}}\n',
    "a number beyond all": b'{"id":1,"verb":"tail","args":{"from_seq":1' + b"0" * 400 + b"}}\n",
    "an exponent": b'{"id":1,"verb":"subscribe","args":{"topics":["status"],"hz":1e999}}\n',
    "a wrong type": b'{"id":1,"verb":"mode","args":{"mode":["KILL"]}}\n',
    "a key twice": b'{"id":1,"verb":"mode","args":{"mode":"KILL","mode":"ACTIVE"}}\n',
    "half a frame": b'{"id":1,"verb":"mode","args":{"mode":"KILL","reason":"x","request_id":"',
}


@pytest.mark.parametrize("name", sorted(FRAMES))
def test_a_malformed_frame_is_answered_or_dropped_and_does_nothing(under: Under, name: str) -> None:
    with unix(under.home) as stream:
        try:
            stream.sendall(FRAMES[name])
            stream.shutdown(socket.SHUT_WR)
        except OSError:
            return  # it has been cut off already
        heard = b""
        try:
            while chunk := stream.recv(65_536):
                heard += chunk
        except ConnectionResetError:
            return
    answers = [json.loads(line) for line in heard.splitlines()]
    assert not any("ok" in answer for answer in answers)
    if name != "half a frame":
        assert any("error" in answer for answer in answers)


def test_a_watcher_that_never_reads_is_dropped(under: Under) -> None:
    topics = sorted(TOPICS)
    with unix(under.home) as stream:
        for n in range(10):
            wish = {"topics": topics, "hz": 10, "from_seq": 1}
            line = json.dumps({"id": n, "verb": "subscribe", "args": wish}).encode()
            stream.sendall(line + b"\n")
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline:
            assert ask_status(under.home)[1] < 1.0
            try:
                stream.send(b"\n", socket.MSG_DONTWAIT)
            except BlockingIOError:
                pass
            except (BrokenPipeError, ConnectionResetError):
                return
            time.sleep(0.5)
    pytest.fail("it still holds its place")


def test_many_reads_of_the_ledger_wait_for_each_other_and_not_the_engine(under: Under) -> None:
    with unix(under.home) as stream:
        stream.settimeout(20)
        for n in range(30):
            frame = {"id": n, "verb": "tail", "args": {"n": 1_000}}
            stream.sendall(json.dumps(frame).encode() + b"\n")
        worst_s = max(ask_status(under.home)[1] for _ in range(5))
        answered = 0
        waiting = b""
        while answered < 30:
            chunk = stream.recv(MIB)
            assert chunk, f"dropped after {answered}"
            waiting += chunk
            *lines, waiting = waiting.split(b"\n")
            answered += sum(1 for line in lines if b'"ok"' in line[:20])
    assert worst_s < 1.0


def test_another_user_gets_not_one_byte(under: Under) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become another user to try it")
    nobody = pwd.getpwnam("nobody")
    run = under.home / "run"
    assert _as_user(nobody.pw_uid, str(run / "engine.sock"), run=None) == "refused"
    # The second barrier alone: the folder and the socket as if their rights had been lost.
    handle = os.open(run, os.O_RDONLY | os.O_DIRECTORY)
    run.chmod(0o711)
    (run / "engine.sock").chmod(0o666)
    try:
        assert _as_user(nobody.pw_uid, "engine.sock", run=handle) == "closed without a byte"
    finally:
        (run / "engine.sock").chmod(0o600)
        run.chmod(0o700)
        os.close(handle)
    log = (under.home / "log/engine.jsonl").read_text()
    deadline = time.monotonic() + 5
    while '"peer refused"' not in log and time.monotonic() < deadline:
        time.sleep(0.1)
        log = (under.home / "log/engine.jsonl").read_text()
    assert '"peer refused"' in log


def _as_user(uid: int, path: str, *, run: int | None) -> str:
    """Connect in a child that has become another user; return what it found."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        said = "failed"
        try:
            if run is not None:
                os.fchdir(run)
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
                stream.settimeout(5)
                stream.connect(path)
                said = "heard something" if stream.recv(1) else "closed without a byte"
        except PermissionError:
            said = "refused"
        except OSError as error:
            said = repr(error)
        finally:
            os.write(writes, said.encode())
            os._exit(0)
    os.close(writes)
    os.waitpid(child, 0)
    said = os.read(reads, 1_000).decode()
    os.close(reads)
    return said


@pytest.mark.rule("C-307")
def test_one_request_id_is_one_act_on_both_doors(living: Under) -> None:
    """The last of the file: from here on the mode is REDUCE ONLY."""
    under = living
    key = str(uuid.uuid4())
    with client(under.home) as friend:
        first = json.loads(
            friend.ask(
                "mode", {"mode": "REDUCE_ONLY", "reason": "x", "request_id": key, "by": "me"}
            )
        )
    for _ in range(3):
        body = json.dumps({"reason": "x", "request_id": key, "by": "me"}).encode()
        answer = say(under.home, request(under.home, REDUCE, method="POST", body=body))
        assert code_of(answer) == 200
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["record_seq"] == first["record_seq"]
    other = json.dumps({"reason": "another", "request_id": key, "by": "me"}).encode()
    assert code_of(say(under.home, request(under.home, REDUCE, method="POST", body=other))) == 409
    assert rows(under.home, "orders") is not None
