"""Rest an order over a socket with cancel-on-disconnect, and log out: `HOME`. The gap of §14."""

import json
import sys
from pathlib import Path
from typing import Any

import trio
import trio_websocket


async def main(home: Path) -> None:
    """Log in, arm, place, log out; print the order's id."""
    endpoint = json.loads((home / "exchange/endpoint.json").read_text())
    keys = json.loads((home / "exchange/keys.json").read_text())
    key = next(key for key in keys if key["role"] == "trade")
    async with trio_websocket.open_websocket_url(endpoint["ws"]) as socket:

        async def ask(method: str, **params: Any) -> Any:
            asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
            await socket.send_message(json.dumps(asked))
            while True:
                said = json.loads(await socket.get_message())
                if said.get("id") == 1:
                    return said["result"]

        await ask(
            "public/auth",
            grant_type="client_credentials",
            client_id=key["client_id"],
            client_secret=key["client_secret"],
        )
        assert await ask("private/enable_cancel_on_disconnect") == "ok"
        band = await ask("public/ticker", instrument_name="BTC-PERPETUAL")
        placed = await ask(
            "private/buy",
            instrument_name="BTC-PERPETUAL",
            amount=10,
            type="limit",
            price=band["min_price"],
            label="by-hand",
        )
        asked = {"jsonrpc": "2.0", "id": 2, "method": "private/logout", "params": {}}
        await socket.send_message(json.dumps(asked))
        try:
            while True:
                await socket.get_message()
        except trio_websocket.ConnectionClosed:
            sys.stdout.write(placed["order"]["order_id"])


trio.run(main, Path(sys.argv[1]))
