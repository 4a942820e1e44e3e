"""A client that knows the venue and not us: it must find everything where the venue has it."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import ccxt
import ccxt.pro
import pytest

PERPETUAL = "BTC/USD:BTC"
LABEL = "conformance"
WAIT_S = 20.0


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Run a simulated exchange; give what ccxt's constructor takes to reach it."""
    folder = tmp_path_factory.mktemp("venue") / "state"
    command = [sys.executable, "-c", "from commands.sim import app; app()", "exchange"]
    process = subprocess.Popen([*command, "--state", str(folder)], stdout=subprocess.DEVNULL)  # noqa: S603  # ours
    try:
        until_s = time.monotonic() + WAIT_S
        while not (folder / "endpoint.json").exists():
            assert process.poll() is None
            assert time.monotonic() < until_s
            time.sleep(0.02)
        endpoint = json.loads((folder / "endpoint.json").read_text())
        keys = {row["role"]: row for row in json.loads((folder / "keys.json").read_text())}
        yield {
            "apiKey": keys["trade"]["client_id"],
            "secret": keys["trade"]["client_secret"],
            "enableRateLimit": False,
            "urls": {"api": {"rest": endpoint["http"], "ws": endpoint["ws"]}},
        }
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == 0


@pytest.fixture(scope="module")
def client(venue: dict[str, Any]) -> Iterator[ccxt.deribit]:
    """Give the client over HTTP, its markets loaded."""
    made = ccxt.deribit(venue)
    made.load_markets()
    yield made
    made.session.close()


def test_markets_are_found_with_their_kinds_and_steps(client: ccxt.deribit) -> None:
    perpetual = client.market(PERPETUAL)
    assert (perpetual["id"], perpetual["inverse"], perpetual["contractSize"]) == (
        "BTC-PERPETUAL",
        True,
        10,
    )
    options = [m for m in client.markets.values() if m["option"] and m["settle"] == "BTC"]
    assert len({m["expiry"] for m in options}) >= 6
    assert {m["precision"]["price"] for m in options} == {0.0001}
    assert {m["settle"] for m in client.markets.values()} == {"BTC", "ETH", "USDC"}


def test_books_and_tickers_are_read(client: ccxt.deribit) -> None:
    book = client.fetch_order_book(PERPETUAL, 5)
    assert book["bids"][0][0] < book["asks"][0][0]
    ticker = client.fetch_ticker(PERPETUAL)
    assert ticker["bid"] < ticker["ask"]
    assert ticker["markPrice"] == pytest.approx(ticker["indexPrice"], rel=0.01)
    assert len(client.fetch_tickers(params={"code": "BTC"})) > 100
    assert client.fetch_time() == pytest.approx(time.time() * 1000, abs=5_000)
    assert client.fetch_status()["status"] == "ok"


def test_an_order_is_placed_edited_and_cancelled(client: ccxt.deribit) -> None:
    price = client.fetch_ticker(PERPETUAL)["bid"] - 500
    placed = client.create_order(
        PERPETUAL, "limit", "buy", 10, price, {"label": LABEL, "postOnly": True}
    )
    assert (placed["status"], placed["price"], placed["postOnly"]) == ("open", price, True)
    edited = client.edit_order(placed["id"], PERPETUAL, "limit", "buy", 20, price - 1)
    assert (edited["id"], edited["amount"], edited["price"]) == (placed["id"], 20, price - 1)
    assert [o["id"] for o in client.fetch_open_orders(PERPETUAL)] == [placed["id"]]
    assert client.cancel_order(placed["id"])["status"] == "canceled"
    assert client.fetch_order(placed["id"])["status"] == "canceled"
    with pytest.raises(ccxt.ExchangeError, match="11044"):
        client.cancel_order(placed["id"])


def test_a_fill_shows_in_trades_positions_and_balance(client: ccxt.deribit) -> None:
    price = client.fetch_ticker(PERPETUAL)["ask"] + 100
    filled = client.create_order(PERPETUAL, "limit", "buy", 100, price, {"label": LABEL})
    assert (filled["status"], filled["filled"]) == ("closed", 100)
    (trade,) = client.fetch_order_trades(filled["id"])
    assert (trade["takerOrMaker"], trade["amount"]) == ("taker", 100)
    assert trade["id"] in {t["id"] for t in client.fetch_my_trades(PERPETUAL)}
    (position,) = client.fetch_positions([PERPETUAL])
    assert (position["side"], float(position["info"]["size"])) == ("long", 100)
    balance = client.fetch_balance({"code": "BTC"})
    assert balance["BTC"]["total"] == pytest.approx(10, abs=0.001)
    assert balance["BTC"]["total"] < 10


def test_a_wrong_secret_and_a_wrong_order_raise_what_they_should(
    venue: dict[str, Any], client: ccxt.deribit
) -> None:
    stranger = ccxt.deribit(venue | {"secret": "wrong"})
    with pytest.raises(ccxt.AuthenticationError):
        stranger.fetch_balance({"code": "BTC"})
    stranger.session.close()
    with pytest.raises(ccxt.InsufficientFunds):
        client.create_order(PERPETUAL, "limit", "buy", 90_000_000, 50_000)


def test_the_same_client_over_a_websocket(venue: dict[str, Any]) -> None:
    async def scenario() -> None:
        client = ccxt.pro.deribit(venue)
        try:
            await client.load_markets()
            book = await client.watch_order_book(PERPETUAL)
            assert book["bids"][0][0] < book["asks"][0][0]
            for _ in range(5):  # changes chain, or the client raises
                book = await client.watch_order_book(PERPETUAL)
            ticker = await client.watch_ticker(PERPETUAL)
            assert ticker["bid"] < ticker["ask"]
            balance = await client.watch_balance()
            assert balance["BTC"]["total"]["BTC"] == pytest.approx(10, abs=0.001)
            orders = asyncio.ensure_future(client.watch_orders(PERPETUAL))
            await asyncio.sleep(0.3)  # the subscription must stand before the order is placed
            placed = await client.create_order(
                PERPETUAL, "limit", "buy", 10, ticker["bid"] - 500, {"label": LABEL}
            )
            assert [o["id"] for o in await orders] == [placed["id"]]
            edited = await client.edit_order(
                placed["id"], PERPETUAL, "limit", "buy", 20, ticker["bid"] - 501
            )
            assert edited["amount"] == 20
            assert (await client.cancel_order(placed["id"]))["status"] == "canceled"
            assert isinstance(await client.fetch_positions([PERPETUAL]), list)
        finally:
            await client.close()

    asyncio.run(asyncio.wait_for(scenario(), WAIT_S))
