"""The venue's end of the hot path, in a process of its own: `python -m tests.bench.peer`."""

import os
import sys
from contextlib import suppress

import trio
import trio_websocket

from tests.bot.core.market import CALL, NOON_MS


def book_frame(number: int) -> str:
    """A change of the option's best ask, as the venue writes it; the spread stays two ticks."""
    size = 25 + number % 2
    data = (
        f'{{"type":"change","timestamp":{NOON_MS},"instrument_name":"{CALL.name}",'
        f'"prev_change_id":1,"change_id":2,"bids":[],"asks":[["change",0.013,{size}.0]]}}'
    )
    channel = f"book.{CALL.name}.100ms"
    return (
        f'{{"jsonrpc":"2.0","method":"subscription","params":{{"channel":"{channel}",'
        f'"data":{data}}}}}'
    )


async def serve_peer() -> None:
    """Send a frame for each byte on stdin; take what comes in silence."""

    async def serve(request: trio_websocket.WebSocketRequest) -> None:
        connection = await request.accept()
        asked = trio.lowlevel.FdStream(os.dup(sys.stdin.fileno()))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_take, connection)
            number = 0
            while await asked.receive_some(1):
                number += 1
                await connection.send_message(book_frame(number))
            nursery.cancel_scope.cancel()

    async with trio.open_nursery() as nursery:
        server = await nursery.start(trio_websocket.serve_websocket, serve, "127.0.0.1", 0, None)
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()


async def _take(connection: trio_websocket.WebSocketConnection) -> None:
    with suppress(trio_websocket.ConnectionClosed):
        while True:
            await connection.get_message()


if __name__ == "__main__":
    trio.run(serve_peer)
