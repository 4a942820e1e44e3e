"""The session over the real link and real sockets: connect, be cut off, come back, be cancelled."""

import json
import random

import pytest
import trio
import trio_websocket

from bot.engine.clock import LocalClock, VenueClock
from bot.venue.event import Connected, Disconnected, Subscribed
from bot.venue.purse import Purse
from bot.venue.read import ReadPort, VenueTime
from bot.venue.secret import Credentials, Secret
from bot.venue.session import Session, Terms
from bot.venue.websocket import websocket_dial
from tests.bot.venue.scripted import Listener, ScriptedVenue, result


class Server:
    """Answers by the script over a real WebSocket, and can cut everybody off."""

    def __init__(self) -> None:
        self.script = ScriptedVenue()
        self.script.answers["public/get_time"] = lambda r: [result(r, 1_769_000_000_123)]
        self.peers: list[trio_websocket.WebSocketConnection] = []

    async def serve(self, request: trio_websocket.WebSocketRequest) -> None:
        peer = await request.accept()
        self.peers.append(peer)
        try:
            while True:
                asked = json.loads(await peer.get_message())
                for frame in self.script.answers[asked["method"]](asked):
                    await peer.send_message(frame)
        except trio_websocket.ConnectionClosed:
            return


@pytest.mark.trio
async def test_session_lives_over_a_real_socket_and_comes_back_after_a_cut() -> None:
    server, heard = Server(), Listener()
    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            listening = await nursery.start(
                trio_websocket.serve_websocket, server.serve, "127.0.0.1", 0, None
            )
            session = Session(
                dial=websocket_dial(f"ws://127.0.0.1:{listening.port}/ws/api/v2"),
                terms=Terms(
                    credentials=Credentials(client_id="AMANDA", secret=Secret("AMANDASECRECT")),
                    scope="trade:read_write account:read_write wallet:none",
                    is_testnet=True,
                    is_cancelled_on_disconnect=True,
                ),
                sink=heard,
                purse=Purse(),
                draw=random.Random(7),  # noqa: S311  # jitter, and a nonce for a server of ours
                clock=VenueClock(LocalClock(speed=1.0)),
            )
            await session.want(["deribit_price_index.btc_usd"])
            nursery.start_soon(session.run)
            await heard.nth(Subscribed, 1)
            answer = await ReadPort(call=session.call).get_time()
            assert answer == VenueTime(at_ms=1_769_000_000_123, us_in=1_000, us_out=1_100)
            await server.peers[0].aclose(1012, "restart")
            gone = await heard.nth(Disconnected, 1)
            assert "1012" in gone.why
            await heard.nth(Subscribed, 2)
            assert heard.all(Connected)[-1] == Connected(epoch=2)
            nursery.cancel_scope.cancel()
