"""Ask the simulated venue for its own story, by a client that is not the engine's.

HTTP with the exchange's read key: its order log (`private/sim_order_log`), all of the account's
trades, what rests, and the positions. Numbers stay exact.
"""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import httpx

from drills.story import Placed, Traded, VenueStory

__all__ = ["VenueSilentError", "ask_placed", "ask_story"]

_CURRENCY: Final = "BTC"
_PAGE: Final = 1_000
_PAGES_MAX: Final = 100
_ASK_S: Final = 20.0


class VenueSilentError(Exception):
    """The exchange did not answer, or refused: its text says which question."""


def ask_story(home: Path) -> VenueStory:
    """Read the whole story of the engine's account. Raises VenueSilentError."""
    resting = _ask(home, "private/get_open_orders_by_currency", {"currency": _CURRENCY})
    positions = _ask(home, "private/get_positions", {"currency": _CURRENCY})
    return VenueStory(
        placed=ask_placed(home),
        traded=_trades(home),
        open_labels=frozenset(row.get("label", "") for row in resting),
        positions={
            row["instrument_name"]: Decimal(row["size"]) for row in positions if row["size"] != 0
        },
    )


def ask_placed(home: Path) -> tuple[Placed, ...]:
    """Read the orders that came to life, from the venue's own log. Raises VenueSilentError."""
    return tuple(
        Placed(row["label"], row["order_id"])
        for row in _ask(home, "private/sim_order_log", {})
        if row["event"] == "new"
    )


def _trades(home: Path) -> tuple[Traded, ...]:
    found: dict[str, Traded] = {}
    start: dict[str, str] = {}
    for _ in range(_PAGES_MAX):
        params = {"currency": _CURRENCY, "count": _PAGE, "sorting": "asc", **start}
        page = _ask(home, "private/get_user_trades_by_currency", params)
        for row in page["trades"]:
            key = f"{row['fee_currency']}:{row['trade_id']}"
            sign = 1 if row["direction"] == "buy" else -1
            found[key] = Traded(key, row["instrument_name"], sign * Decimal(row["amount"]))
        if not page["has_more"]:
            return tuple(found.values())
        start = {"start_id": page["trades"][-1]["trade_id"]}  # pages overlap by one
    raise VenueSilentError(f"the trades go on after {_PAGES_MAX} pages")


def _ask(home: Path, method: str, params: dict[str, Any]) -> Any:
    exchange = home / "exchange"
    try:
        address = json.loads((exchange / "endpoint.json").read_text(encoding="utf-8"))["http"]
        keys = json.loads((exchange / "keys.json").read_text(encoding="utf-8"))
        key = next(row for row in keys if row["role"] == "read")
        answer = httpx.post(
            f"{address}/api/v2",
            json={"jsonrpc": "2.0", "id": 1, "method": method, "params": params},
            auth=(key["client_id"], key["client_secret"]),
            timeout=_ASK_S,
        )
        document = json.loads(answer.content, parse_float=Decimal, parse_int=Decimal)
    except (OSError, httpx.HTTPError, ValueError) as fault:
        raise VenueSilentError(f"{method}: {fault!r}") from fault
    if "result" not in document:
        raise VenueSilentError(f"{method}: {document.get('error')}")
    return document["result"]
