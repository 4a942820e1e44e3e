"""The real process: start, stop, kill, and what a script sees of it."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

START = (sys.executable, "-c", "from commands.sim import app; app()", "exchange", "--state")
WAIT_S = 20.0


class Exchange:
    """A simulated exchange on a folder, in a process of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(  # noqa: S603  # our own interpreter and command
            [*START, str(folder), *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.endpoint = self._wait()
        self.http = httpx.Client(base_url=f"{self.endpoint['http']}/api/v2", timeout=WAIT_S)

    def _wait(self) -> Any:
        path = self.folder / "endpoint.json"
        until_s = time.monotonic() + WAIT_S
        while time.monotonic() < until_s:
            if self.process.poll() is not None:
                raise AssertionError(self.process.communicate()[1])
            if path.exists():
                found = json.loads(path.read_text())
                if found["pid"] == self.process.pid:
                    return found
            time.sleep(0.02)
        raise AssertionError("it did not start")

    def key(self, role: str) -> tuple[str, str]:
        rows = json.loads((self.folder / "keys.json").read_text())
        return next((r["client_id"], r["client_secret"]) for r in rows if r["role"] == role)

    def get(self, method: str, *, role: str | None = None, **params: Any) -> Any:
        auth = httpx.BasicAuth(*self.key(role)) if role else None
        reply = self.http.get(f"/{method}", params=params, auth=auth or httpx.USE_CLIENT_DEFAULT)
        body = reply.json()
        return body["result"] if "result" in body else body["error"] | {"status": reply.status_code}

    def end(self, number: int) -> int:
        self.http.close()
        self.process.send_signal(number)
        code = self.process.wait(WAIT_S)
        if self.process.stderr is not None:
            self.process.stderr.close()
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.end(signal.SIGKILL)


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    with closing(Exchange(tmp_path / "state")) as running:
        yield running


def place(exchange: Exchange, *, label: str, offset: float, amount: int = 10) -> Any:
    ticker = exchange.get("public/ticker", instrument_name="BTC-PERPETUAL")
    return exchange.get(
        "private/buy",
        role="trade",
        instrument_name="BTC-PERPETUAL",
        amount=amount,
        price=ticker["best_ask_price"] + offset,
        label=label,
    )


SEEN: tuple[tuple[str, dict[str, str]], ...] = (
    ("private/get_open_orders", {}),
    ("private/get_order_history_by_currency", {"currency": "BTC", "include_unfilled": "true"}),
    ("private/get_user_trades_by_currency", {"currency": "BTC", "sorting": "asc"}),
    ("private/sim_order_log", {}),
)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_orders_trades_and_positions_outlive_the_process(
    tmp_path: Path, number: signal.Signals
) -> None:
    folder = tmp_path / "state"
    with closing(Exchange(folder)) as first:
        assert place(first, label="rests", offset=-500)["order"]["order_state"] == "open"
        assert place(first, label="fills", offset=50)["order"]["order_state"] == "filled"
        before = [first.get(method, role="trade", **params) for method, params in SEEN]
        size = first.get("private/get_position", role="trade", instrument_name="BTC-PERPETUAL")
        trades = first.get("public/get_last_trades_by_instrument", instrument_name="BTC-PERPETUAL")
        assert first.end(number) == (-number if number == signal.SIGKILL else 0)
    assert (folder / "endpoint.json").exists() is (number == signal.SIGKILL)
    with closing(Exchange(folder)) as second:
        assert [second.get(method, role="trade", **params) for method, params in SEEN] == before
        again = second.get("private/get_position", role="trade", instrument_name="BTC-PERPETUAL")
        assert (again["size"], again["average_price"]) == (size["size"], size["average_price"])
        assert place(second, label="more", offset=50)["order"]["order_state"] == "filled"
        fresh = second.get("public/get_last_trades_by_instrument", instrument_name="BTC-PERPETUAL")
        assert fresh["trades"][0]["trade_seq"] > trades["trades"][0]["trade_seq"]


def test_the_endpoint_says_where_and_the_keys_are_the_owner_s_alone(exchange: Exchange) -> None:
    endpoint = exchange.endpoint
    assert endpoint["ws"] == f"ws://127.0.0.1:{endpoint['port']}/ws/api/v2"
    assert (endpoint["environment"], endpoint["seed"], endpoint["speed"]) == ("sim", 7, 1.0)
    assert (exchange.folder / "keys.json").stat().st_mode & 0o777 == 0o600
    roles = {r["role"]: r["scope"] for r in json.loads((exchange.folder / "keys.json").read_text())}
    assert sorted(roles) == ["admin", "other", "read", "trade", "watchdog"]
    assert [role for role, scope in roles.items() if "wallet" in scope] == ["admin"]


def test_a_fresh_account_has_its_beginning(exchange: Exchange) -> None:
    for currency, balance in (("BTC", 10), ("ETH", 100), ("USDC", 100_000)):
        summary = exchange.get("private/get_account_summary", role="read", currency=currency)
        assert summary["balance"] == summary["equity"] == balance


def test_http_answers_by_status_and_body(exchange: Exchange) -> None:
    assert isinstance(exchange.get("public/get_time"), int)
    assert exchange.get("private/get_positions")["status"] == 401
    assert exchange.get("private/buy", role="read", instrument_name="X", amount=1)["status"] == 403
    assert exchange.get("public/nothing")["status"] == 400
    body = {"jsonrpc": "2.0", "id": 5, "method": "public/test", "params": {}}
    posted = exchange.http.post("/public/test", json=body).json()
    assert (posted["id"], posted["result"], posted["testnet"]) == (5, {"version": "1.2.26"}, True)
    assert exchange.http.post("/public/test", content=b"x" * 40_000).status_code == 413
    assert exchange.http.get("/public/test", headers={"Host": "evil.example"}).status_code == 403
    assert exchange.http.get("/public/test", headers={"Origin": "http://a"}).status_code == 403


def test_a_bearer_token_of_a_session_serves_http(exchange: Exchange) -> None:
    client_id, secret = exchange.key("trade")
    granted = exchange.get(
        "public/auth",
        grant_type="client_credentials",
        client_id=client_id,
        client_secret=secret,
        scope="session:x",
    )
    headers = {"Authorization": f"Bearer {granted['access_token']}"}
    assert exchange.http.get("/private/get_open_orders", headers=headers).json()["result"] == []
    wrong = base64.b64encode(b"a:b").decode()
    headers = {"Authorization": f"Basic {wrong}"}
    reply = exchange.http.get("/private/get_open_orders", headers=headers)
    assert (reply.status_code, reply.json()["error"]["code"]) == (401, 13004)


def test_it_listens_on_loopback_only(exchange: Exchange) -> None:
    rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
    port = f"{exchange.endpoint['port']:04X}"
    listening = [r.split()[1] for r in rows if r.split()[3] == "0A" and r.split()[1].endswith(port)]
    assert listening == [f"0100007F:{port}"]


UPGRADE = (
    b"GET /ws/api/v2 HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\x00\xff" * 100,
        b"GET /api/v2/public/test HTTP/1.1\r\n",
        b"GET /api/v2/public/test HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"POST /api/v2 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50\r\n\r\n{",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X: y\r\n" * 5_000,
        UPGRADE.replace(b"/ws/api/v2", b"/elsewhere"),
        UPGRADE.replace(b"Version: 13", b"Version: 1"),
        UPGRADE,
        UPGRADE + b"\xff\xff\xff\xff",
        UPGRADE + b"\x81\x05hello",  # a frame without a mask
        UPGRADE + b"\x88\x80\x00\x00\x00\x00",  # a close at once
        UPGRADE + b"\x81\x82\x00\x00\x00\x00{}\x88\x80\x00\x00\x00\x00" * 3,
    ],
)
@pytest.mark.parametrize("is_reset", [False, True])
def test_nothing_that_a_peer_sends_or_breaks_off_ends_the_exchange(
    lasting: Exchange, sent: bytes, is_reset: bool
) -> None:
    port = lasting.endpoint["port"]
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as peer:
        peer.sendall(sent)
        if is_reset:  # linger 0: the connection is reset, not closed
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        else:
            peer.shutdown(socket.SHUT_WR)
            while peer.recv(65_536):
                pass
    assert isinstance(lasting.get("public/get_time"), int)


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    with closing(Exchange(tmp_path_factory.mktemp("lasting") / "state")) as running:
        yield running


def run(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(  # noqa: S603  # our own interpreter and command
        [*START, *arguments], capture_output=True, text=True, timeout=WAIT_S, check=False
    )
    return done.returncode, done.stderr


def test_a_second_one_on_the_same_folder_says_why_and_leaves(exchange: Exchange) -> None:
    code, said = run(str(exchange.folder))
    assert code == 3
    assert said.count("\n") == 1
    assert said.startswith("Cannot start: ")
    assert "held by another simulated exchange" in said
    assert isinstance(exchange.get("public/get_time"), int)


def test_a_port_in_use_says_why_and_leaves(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = run(str(tmp_path / "state"), "--port", str(port))
    assert code == 3
    assert said.count("\n") == 1
    assert f"port {port} is taken" in said


def test_a_market_file_that_is_none_says_where_and_leaves(tmp_path: Path) -> None:
    bad = tmp_path / "market.jsonl"
    bad.write_text('{"no": "book"}\n')
    code, said = run(str(tmp_path / "state"), "--market", str(bad))
    assert code == 5
    assert said.count("\n") == 1
    assert "line 1" in said


def test_a_folder_of_another_market_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    with closing(Exchange(folder)) as first:
        first.end(signal.SIGTERM)
    bad = tmp_path / "market.jsonl"
    bad.write_text("")
    code, said = run(str(folder), "--market", str(bad))
    assert (code, "holds a model" in said) == (5, True)


BEFORE_EXPIRY_MS = 1_681_459_140_000  # 2023-04-14T07:59:00Z
RECORDED = "BTC-14APR23-30000-C"


def recording(path: Path, *lines: dict[str, Any]) -> str:
    common = {
        "instrument_name": RECORDED,
        "timestamp": BEFORE_EXPIRY_MS,
        "bids": [[0.0895, 3]],
        "asks": [[0.0915, 4]],
        "mark_price": 0.0905,
        "index_price": 33000,
        "underlying_price": 33000,
        "underlying_index": "index_price",
        "mark_iv": 60,
    }
    path.write_text("".join(json.dumps(common | line) + "\n" for line in lines))
    return str(path)


def until(exchange: Exchange, at_ms: int) -> None:
    limit_s = time.monotonic() + WAIT_S
    while exchange.get("public/get_time") < at_ms:
        assert time.monotonic() < limit_s
        time.sleep(0.05)


def test_a_recording_is_met_by_orders_and_lived_through_its_expiry(tmp_path: Path) -> None:
    market = recording(
        tmp_path / "market.jsonl",
        {},
        {"timestamp": BEFORE_EXPIRY_MS + 120_000, "instrument_name": "BTC-21APR23-30000-C"},
    )
    options = ("--market", market, "--speed", "40")
    with closing(Exchange(tmp_path / "state", *options)) as first:
        begun_ms = first.get("public/get_time")
        assert BEFORE_EXPIRY_MS <= begun_ms < BEFORE_EXPIRY_MS + 50_000
        order = {"instrument_name": RECORDED, "amount": 5, "price": 0.0915, "label": "real"}
        placed = first.get("private/buy", role="trade", **order)
        # The recorded ask has 4; it stands as it was taken until the recording changes it.
        assert [(x["price"], x["amount"]) for x in placed["trades"]] == [(0.0915, 4)]
        book = first.get("public/get_order_book", instrument_name=RECORDED)
        assert (book["bids"][0], book["asks"]) == ([0.0915, 1], [])
        first.end(signal.SIGKILL)
    # Killed and started again: it goes on in exchange time, past the expiry at 08:00.
    with closing(Exchange(tmp_path / "state", *options)) as second:
        assert second.get("public/get_time") >= begun_ms
        until(second, BEFORE_EXPIRY_MS + 63_000)
        assert second.get("private/get_positions", role="trade", currency="BTC") == []
        (order,) = second.get(
            "private/get_order_state_by_label", role="trade", currency="BTC", label="real"
        )
        assert (order["order_state"], order["cancel_reason"]) == ("cancelled", "settlement")
        # 4 × (0.0915 + 0.0003) paid, 4 × 3000/33000 received, 4 × 0.00015 for the weekly delivery.
        summary = second.get("private/get_account_summary", role="trade", currency="BTC")
        assert summary["balance"] == pytest.approx(10 - 0.3672 + 0.36363636 - 0.0006, abs=1e-8)
        (price,) = second.get("public/get_delivery_prices", index_name="btc_usd")["data"]
        assert price == {"date": "2023-04-14", "delivery_price": 33000.0}


def test_a_recording_that_breaks_off_stops_the_exchange_with_the_line(tmp_path: Path) -> None:
    market = recording(tmp_path / "market.jsonl", {}, {"timestamp": BEFORE_EXPIRY_MS + 150_000})
    with Path(market).open("a") as file:
        file.write("{}\n")
    with closing(Exchange(tmp_path / "state", "--market", market, "--speed", "200")) as running:
        assert running.process.wait(WAIT_S) == 5
        said = running.process.communicate()[1]
    assert said.startswith("Stopped: ")
    assert "line 3" in said
    running.http.close()


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ('"0" = "reset"', "Went wrong as planned: reset 1\n"),
        ('"0" = ["request_cut", "stall"]', "Went wrong as planned: request_cut 1\n"),
        ('"0" = "dial_refused"', "Went wrong as planned: dial_refused 1\n"),
        ('"900" = "reset"', ""),
    ],
)
def test_what_was_planned_happens_and_is_said_at_the_end(
    tmp_path: Path, faults: str, said: str
) -> None:
    plan = tmp_path / "faults.toml"
    plan.write_text(f"seed = 7\n[at]\n{faults}\n")
    command = [*START, str(tmp_path / "state"), "--faults", str(plan)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # ours
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Simulated Deribit at ws://")
        port = json.loads((tmp_path / "state" / "endpoint.json").read_text())["port"]
        with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as peer:
            seen = told(peer)
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == said
    assert (process.returncode, seen) == (0, "reset" if said else "answer")


def told(peer: socket.socket) -> str:
    """Upgrade, send a frame, and say whether it was answered or the connection reset."""
    heard = b""
    try:
        peer.sendall(UPGRADE)
        while b"\r\n\r\n" not in heard:
            heard += peer.recv(65_536)
        peer.sendall(b"\x81\x82\x00\x00\x00\x00{}")
        return "answer" if b"jsonrpc" in peer.recv(65_536) else "end"
    except (ConnectionResetError, BrokenPipeError):
        return "reset"


def test_a_plan_that_is_none_says_where_and_leaves(tmp_path: Path) -> None:
    plan = tmp_path / "faults.toml"
    plan.write_text("[rates]\nrset = 12\n")
    code, said = run(str(tmp_path / "state"), "--faults", str(plan))
    assert code == 5
    assert said == (
        f"Cannot start: {plan} line 2: rates.rset is unknown. Allowed is a fault's name "
        "(bot sim faults lists them). Mend the line and start again\n"
    )
    assert not (tmp_path / "state").exists()


def test_ctrl_c_ends_it_with_130(exchange: Exchange) -> None:
    assert exchange.end(signal.SIGINT) == 130
    assert not (exchange.folder / "endpoint.json").exists()


def test_it_ends_by_itself_when_nobody_comes(tmp_path: Path) -> None:
    with closing(Exchange(tmp_path / "state", "--idle", "0.5")) as running:
        assert running.process.wait(WAIT_S) == 0
        assert not (tmp_path / "state" / "endpoint.json").exists()
        running.end(0) if running.process.poll() is None else running.http.close()
        if running.process.stderr is not None:
            running.process.stderr.close()


def test_a_lock_left_by_a_kill_is_no_lock(tmp_path: Path) -> None:
    with closing(Exchange(tmp_path / "state")) as first:
        first.end(signal.SIGKILL)
    assert (tmp_path / "state" / "lock").exists()
    with closing(Exchange(tmp_path / "state")) as second:
        assert second.endpoint["pid"] != os.getpid()
