"""Leave nothing running: the exchanges of a drill's homes outlive whoever started them."""

from pathlib import Path

import msgspec

from bot.engine.embedded import Endpoint, stop_exchange
from bot.engine.home import Home

__all__ = ["stop_exchanges"]


def stop_exchanges(folder: Path) -> None:
    """End the exchange of each home under `folder` that still has one, and wait for its end."""
    for place in sorted(folder.glob("home-*/exchange/endpoint.json")):
        try:
            endpoint = msgspec.json.decode(place.read_bytes(), type=Endpoint)
        except (OSError, msgspec.DecodeError):
            continue  # it has ended meanwhile
        stop_exchange(Home(place.parents[1]), endpoint)
