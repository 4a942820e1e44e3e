"""A venue over real HTTP that answers each method as a test tells it to."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import h11
import trio

from bot.domain.ids import Currency
from bot.venue.purse import Purse
from bot.venue.secret import Credentials, Secret
from bot.watchdog.take_off import Hands

__all__ = ["LIST", "Venue", "hands", "served", "wire_order"]

LIST = "private/get_open_orders_by_currency"
Answer = Callable[[dict[str, Any]], Any]  # the result; an int is an error code; None is silence


def wire_order(name: str, *, label: str = "bot-1", reduce_only: bool = False) -> dict[str, Any]:
    """An order as the venue shows it (PROTOCOL §10)."""
    return {
        "order_id": name,
        "label": label,
        "instrument_name": "BTC-PERPETUAL",
        "direction": "buy",
        "order_state": "open",
        "order_type": "limit",
        "price": 60000.0,
        "amount": 10.0,
        "filled_amount": 0.0,
        "average_price": 0.0,
        "time_in_force": "good_til_cancelled",
        "post_only": False,
        "reduce_only": reduce_only,
        "creation_timestamp": 1,
        "last_update_timestamp": 1,
    }


class Venue:
    """Keeps orders, takes cancels, and notes every method that it was asked."""

    def __init__(self, *orders: dict[str, Any]) -> None:
        self.orders = {order["order_id"]: order for order in orders}
        self.asked: list[str] = []
        self.answers: dict[str, Answer] = {
            "public/get_time": lambda _: 1_795_564_800_000,
            LIST: lambda _: list(self.orders.values()),
            "private/cancel": self._cancel,
            "private/cancel_by_label": self._cancel_by_label,
            "private/cancel_all_by_currency": self._cancel_all,
        }

    def _cancel(self, params: dict[str, Any]) -> Any:
        gone = self.orders.pop(params["order_id"], None)
        return 11044 if gone is None else gone | {"order_state": "cancelled"}

    def _cancel_by_label(self, params: dict[str, Any]) -> Any:
        gone = [name for name, o in self.orders.items() if o["label"] == params["label"]]
        for name in gone:
            del self.orders[name]
        return len(gone)

    def _cancel_all(self, _params: dict[str, Any]) -> Any:
        count = len(self.orders)
        self.orders.clear()
        return count

    @property
    def cancels(self) -> list[str]:
        """Return the methods that were asked and could take something off."""
        return [m.removeprefix("private/") for m in self.asked if "cancel" in m]

    async def serve(self, stream: trio.SocketStream) -> None:
        """Answer the requests of one connection."""
        wire = h11.Connection(h11.SERVER)
        body = b""
        while True:
            event = wire.next_event()
            if event is h11.NEED_DATA:
                wire.receive_data(await stream.receive_some(65_536))
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                await self._answer(wire, stream, json.loads(body))
                body = b""
                wire.start_next_cycle()
            elif isinstance(event, h11.ConnectionClosed):
                return

    async def _answer(
        self, wire: h11.Connection, stream: trio.SocketStream, asked: dict[str, Any]
    ) -> None:
        self.asked.append(asked["method"])
        result = self.answers[asked["method"]](asked["params"])
        if result is None:
            await trio.sleep_forever()
        said = {"jsonrpc": "2.0", "id": asked["id"], "testnet": True}
        if isinstance(result, int) and 10_000 <= result < 100_000:
            said["error"] = {"code": result, "message": "not_open_order"}
        else:
            said["result"] = result
        content = json.dumps(said).encode()
        headers = [("content-length", str(len(content)))]
        out = wire.send(h11.Response(status_code=200, headers=headers)) or b""
        out += wire.send(h11.Data(data=content)) or b""
        await stream.send_all(out + (wire.send(h11.EndOfMessage()) or b""))


@asynccontextmanager
async def served(venue: Venue, folder: Path) -> AsyncIterator[Path]:
    """Serve it on a real port; yield the file that says where."""
    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, venue.serve, listeners)
        port = listeners[0].socket.getsockname()[1]
        endpoint = folder / "endpoint.json"
        endpoint.write_text(json.dumps({"http": f"http://127.0.0.1:{port}"}))
        yield endpoint
        nursery.cancel_scope.cancel()


def hands(endpoint: Path) -> Hands:
    """Return what the watchdog acts with."""
    return Hands(
        endpoint=endpoint,
        credentials=Credentials(client_id="dog", secret=Secret("bone")),
        currency=Currency("BTC"),
        purse=Purse(),
    )
