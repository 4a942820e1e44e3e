"""Log in: keys, grants, tokens (PROTOCOL §3). Secrets are compared in constant time."""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, final

from bot.domain.ids import AccountId
from bot.simulator.refusal import Refused, bad_param, refuse
from bot.simulator.scope import AREAS, Scope, granted, parse_scope

__all__ = ["TOKEN_LIFE_S", "Gatekeeper", "Grant", "Key", "signature_of"]

TOKEN_LIFE_S: Final = 900
_SIGNATURE_LIFE_MS: Final = 60_000
_NONCES_MAX: Final = 10_000
_TOKENS_MAX: Final = 10_000


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An API key of an account. `scope` is the most that it can ever do."""

    client_id: str
    secret: str = field(repr=False)
    account: AccountId
    name: str
    scope: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a token stands for. A connection-scoped one is of use on its own connection only."""

    key: Key
    scope: Scope
    expires_at_s: float
    connection: str | None
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)


def signature_of(secret: str, *, message: str) -> str:
    """Sign: lower-case hex HMAC-SHA256 of the message with the secret."""
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


@final
class Gatekeeper:
    """All keys and the tokens that are alive. Tokens die with the process.

    `now_s` is a clock for token life (seconds, real), `token` makes secrets: both from the shell.
    """

    def __init__(
        self,
        keys: Mapping[str, Key],
        *,
        now_s: Callable[[], float],
        token: Callable[[], str],
        speed: float = 1.0,
    ) -> None:
        self._keys = dict(keys)
        self._now_s = now_s
        self._token = token
        # A clock that runs faster makes a signature old in less real time; the wait is real.
        self._signature_life_ms = int(_SIGNATURE_LIFE_MS * max(speed, 1.0))
        self._nonces: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._access: OrderedDict[str, Grant] = OrderedDict()
        self._refresh: OrderedDict[str, Grant] = OrderedDict()

    def by_credentials(self, client_id: str, *, secret: str) -> Key | Refused:
        """Check an id with its secret."""
        key = self._keys.get(client_id)
        if key is None or not hmac.compare_digest(key.secret.encode(), secret.encode()):
            return refuse(13004)
        return key

    def by_signature(
        self,
        client_id: str,
        *,
        timestamp_ms: int,
        nonce: str,
        rest: str,
        signature: str,
        now_ms: int,
    ) -> Key | Refused:
        """Check a signature over `timestamp\\nnonce\\nrest`: fresh, its nonce never used before."""
        key = self._keys.get(client_id)
        if key is None or abs(now_ms - timestamp_ms) > self._signature_life_ms:
            return refuse(13004)
        right = signature_of(key.secret, message=f"{timestamp_ms}\n{nonce}\n{rest}")
        if not hmac.compare_digest(right, signature):
            return refuse(13004)
        if nonce and (client_id, nonce) in self._nonces:
            return refuse(13004)
        if nonce:
            self._nonces[(client_id, nonce)] = None
            if len(self._nonces) > _NONCES_MAX:
                self._nonces.popitem(last=False)
        return key

    def grant(self, key: Key, *, asked: str, connection: str | None) -> Grant | Refused:
        """Give a token for what was asked, narrowed to what the key can do."""
        wanted, most = parse_scope(asked), parse_scope(key.scope)
        if wanted is None or most is None:
            return bad_param("scope", reason="invalid scope")
        levels = {
            area: min(wanted.levels.get(area, most.level(area)), most.level(area)) for area in AREAS
        }
        life_s = min(wanted.expires_s or TOKEN_LIFE_S, TOKEN_LIFE_S)
        made = Grant(
            key=key,
            scope=Scope(levels, wanted.session),
            expires_at_s=self._now_s() + life_s,
            connection=None if wanted.session else connection,
            access_token=self._token(),
            refresh_token=self._token(),
        )
        self._remember(made)
        return made

    def proven(self, key: Key) -> Grant | Refused:
        """Return what a key may do in a request that proved it by itself; no token is made."""
        most = parse_scope(key.scope)
        if most is None:
            return refuse(13004)
        return Grant(
            key=key,
            scope=most,
            expires_at_s=float("inf"),
            connection=None,
            access_token="",
            refresh_token="",
        )

    def refresh(self, token: str, *, connection: str | None) -> Grant | Refused:
        """Give a new pair for a refresh token; the old pair is no more."""
        old = self._refresh.pop(token, None)
        if old is None or (old.connection is not None and old.connection != connection):
            return refuse(13009, data={"reason": "invalid_token"})
        self._access.pop(old.access_token, None)
        words = [f"{area}:{old.scope.level(area).name.lower()}" for area in AREAS]
        if old.scope.session:
            words.append(f"session:{old.scope.session}")
        return self.grant(old.key, asked=" ".join(words), connection=connection)

    def by_token(self, token: str, *, connection: str | None) -> Grant | Refused:
        """Return what a token stands for; expired or used elsewhere: 13009."""
        found = self._access.get(token)
        if found is None or self.is_expired(found):
            return refuse(13009, data={"reason": "invalid_token"})
        if found.connection is not None and found.connection != connection:
            return refuse(13009, data={"reason": "invalid_token"})
        return found

    def revoke(self, grant: Grant) -> Grant:
        """End a grant before its time; return it as it is now."""
        self._access.pop(grant.access_token, None)
        self._refresh.pop(grant.refresh_token, None)
        return replace(grant, expires_at_s=float("-inf"))

    def withdraw(self, client_id: str) -> Key | None:
        """Take a key back, as its owner does on the venue's page: no login succeeds by it."""
        return self._keys.pop(client_id, None)

    def admit(self, key: Key) -> None:
        """Let a key log in."""
        self._keys[key.client_id] = key

    def is_expired(self, grant: Grant) -> bool:
        """Say whether a token's life is over."""
        return self._now_s() >= grant.expires_at_s

    def forget_connection(self, connection: str) -> None:
        """Drop the tokens that die with a connection."""
        for store in (self._access, self._refresh):
            for token in [t for t, held in store.items() if held.connection == connection]:
                del store[token]

    def show(self, grant: Grant, *, state: str | None) -> dict[str, Any]:
        """Return the answer of `public/auth`."""
        answer: dict[str, Any] = {
            "access_token": grant.access_token,
            "refresh_token": grant.refresh_token,
            "expires_in": max(int(grant.expires_at_s - self._now_s() + 0.5), 0),
            "scope": granted(grant.scope, key_name=grant.key.name),
            "token_type": "bearer",
            "enabled_features": [],
            "sid": grant.key.client_id,
        }
        return answer if state is None else answer | {"state": state}

    def _remember(self, made: Grant) -> None:
        self._access[made.access_token] = made
        self._refresh[made.refresh_token] = made
        for store in (self._access, self._refresh):
            if len(store) > _TOKENS_MAX:
                store.popitem(last=False)
