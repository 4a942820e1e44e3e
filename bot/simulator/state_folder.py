"""The folder in which an exchange keeps what it must not forget, and says where it listens."""

import fcntl
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, final

import msgspec

from bot.domain.ids import AccountId, InstrumentName
from bot.simulator.auth import Key
from bot.simulator.fault import EXIT_CONFIG, EXIT_NOT_REACHABLE, ExchangeError

__all__ = ["ROLES", "Endpoint", "MarketState", "StateFolder"]

# Role → account, scope. What each of the engine's parts needs at least; the watchdog cancels, and
# the venue knows no narrower right for that than writing (PROTOCOL §3).
ROLES: Final[dict[str, tuple[str, str]]] = {
    "trade": ("main", "trade:read_write account:read_write"),
    "read": ("main", "trade:read account:read"),
    "watchdog": ("main", "trade:read_write account:read"),
    "admin": ("main", "trade:read_write account:read_write wallet:read_write"),
    "other": ("other", "trade:read_write account:read_write"),
}


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """`endpoint.json`: where the exchange listens while it runs."""

    port: int
    pid: int
    http: str
    ws: str
    seed: int
    speed: float
    environment: str = "sim"


class MarketState(msgspec.Struct, frozen=True, kw_only=True):
    """The header of `market.state`; the market's own bytes follow it on the next line."""

    market: str  # model, recording
    at_ms: int
    trade_last: int
    change_last: int
    sequences: dict[InstrumentName, int]
    funding: dict[InstrumentName, str]


class _StoredKey(msgspec.Struct, kw_only=True):
    role: str
    account: AccountId
    client_id: str
    client_secret: str
    scope: str


@final
class StateFolder:
    """Locked from the moment it is made until `close`."""

    def __init__(self, path: Path) -> None:
        """Make the folder (0700) and lock it. Raises ExchangeError when another holds it."""
        self.path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock: IO[bytes] = (path / "lock").open("ab")
        except OSError as error:
            raise ExchangeError(
                f"the folder {path} cannot be used ({error.strerror})",
                why="Accounts and orders are kept there",
                next_step="Give another one: --state DIR",
                exit_code=EXIT_CONFIG,
            ) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise ExchangeError(
                f"{path} is held by another simulated exchange",
                why="Two would write one set of accounts",
                next_step="Stop it, or give another folder: --state DIR",
                exit_code=EXIT_NOT_REACHABLE,
            ) from None

    def keys(self) -> dict[str, Key]:
        """Return the keys by client id; at first they are made, readable by the owner only."""
        path = self.path / "keys.json"
        if not path.exists():
            made = [
                _StoredKey(
                    role=role,
                    account=AccountId(account),
                    client_id=secrets.token_urlsafe(6),
                    client_secret=secrets.token_urlsafe(32),
                    scope=scope,
                )
                for role, (account, scope) in ROLES.items()
            ]
            self._write(path, msgspec.json.format(msgspec.json.encode(made)))
        try:
            stored = msgspec.json.decode(path.read_bytes(), type=list[_StoredKey])
        except msgspec.DecodeError as error:
            raise ExchangeError(
                f"{path} cannot be read ({error})",
                why="Without its keys nobody can log in",
                next_step="Mend it, or remove the file to have new keys made",
                exit_code=EXIT_CONFIG,
            ) from None
        return {
            row.client_id: Key(
                client_id=row.client_id,
                secret=row.client_secret,
                account=row.account,
                name=row.role,
                scope=row.scope,
            )
            for row in stored
        }

    def announce(self, endpoint: Endpoint) -> None:
        """Say where the exchange listens."""
        self._write(self.path / "endpoint.json", msgspec.json.encode(endpoint))

    def withdraw(self) -> None:
        """Take back what `announce` said."""
        with suppress(FileNotFoundError):
            (self.path / "endpoint.json").unlink()

    def save_market(self, state: MarketState, *, market: bytes) -> None:
        """Keep the market's state."""
        self._write(self.path / "market.state", msgspec.json.encode(state) + b"\n" + market)

    def load_market(self) -> tuple[MarketState, bytes] | None:
        """Return the market's state, None at the first start."""
        path = self.path / "market.state"
        if not path.exists():
            return None
        head, _, market = path.read_bytes().partition(b"\n")
        try:
            return msgspec.json.decode(head, type=MarketState), market
        except msgspec.DecodeError as error:
            raise ExchangeError(
                f"{path} cannot be read ({error})",
                why="The market would go on from somewhere else",
                next_step="Remove the file to begin a new market on the same accounts",
                exit_code=EXIT_CONFIG,
            ) from None

    def close(self) -> None:
        """Let the folder go."""
        self._lock.close()

    def _write(self, path: Path, content: bytes) -> None:
        fresh = path.with_suffix(".tmp")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        fresh.replace(path)
