"""Getting and keeping a token: `public/auth` (PROTOCOL §3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, assert_never

import msgspec

from bot.venue.backoff import Draw
from bot.venue.reply import Call, NoReply, NotSent, Ok, Refused
from bot.venue.scope import mismatches
from bot.venue.secret import Credentials
from bot.venue.undecodable import UndecodableError, reading
from bot.venue.wire.number import real

__all__ = ["Denied", "Granted", "authenticate", "refresh", "refresh_after_s"]

_AUTH_S: Final = 10.0
_LIFE_PART: Final = 0.8
_REFRESH_S_MIN: Final = 1.0
_REFRESH_S_MAX: Final = 86_400.0
# PROTOCOL §19: permission_denied, invalid_credentials, unauthorized, forbidden, scope_exceeded,
# security_key_authorization_error. Anything else is the venue's trouble, or our pace.
_ABOUT_KEY: Final = frozenset({11042, 13004, 13009, 13021, 13403, 13668})
_MAINTENANCE: Final = 11051


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A token's terms. The access token itself stays with the venue's side of the connection."""

    expires_in_s: float
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """No token. `is_refused`: the venue said no, and asking again soon gets us banned.

    `is_about_key`: it said so of the key or its rights, and not of itself or of how we ask;
    `is_maintenance`: it said that it is in maintenance.
    """

    why: str
    is_refused: bool
    is_about_key: bool = False
    is_maintenance: bool = False


class _WireGrant(msgspec.Struct, frozen=True, kw_only=True):
    expires_in: Decimal
    refresh_token: str
    scope: str


_GRANT: Final = msgspec.json.Decoder(_WireGrant)


async def authenticate(
    call: Call,
    *,
    credentials: Credentials,
    scope: str,
    now_ms: Callable[[], int],
    draw: Draw,
) -> Granted | Denied:
    """Ask for a token with a signature; the secret itself never leaves.

    `now_ms` is the venue-facing wall clock: the venue takes a timestamp for 60 s.
    """
    timestamp, nonce = now_ms(), f"{draw.getrandbits(64):016x}"
    params = {
        "grant_type": "client_signature",
        "client_id": credentials.client_id,
        "timestamp": timestamp,
        "nonce": nonce,
        "data": "",
        "signature": credentials.secret.sign(f"{timestamp}\n{nonce}\n"),
        "scope": scope,
    }
    return await _ask(call, params=params, scope=scope)


async def refresh(call: Call, *, held: Granted, scope: str) -> Granted | Denied:
    """Trade the refresh token for a new pair, on the connection that it was given to."""
    params = {"grant_type": "refresh_token", "refresh_token": held.refresh_token}
    return await _ask(call, params=params, scope=scope)


def refresh_after_s(granted: Granted) -> float:
    """Return 80 % of the token's life, within a second and a day."""
    return min(_REFRESH_S_MAX, max(_REFRESH_S_MIN, _LIFE_PART * granted.expires_in_s))


async def _ask(call: Call, *, params: Mapping[str, object], scope: str) -> Granted | Denied:
    reply = await call("public/auth", params, deadline_s=_AUTH_S, is_exit=True)
    match reply:
        case Ok(result=result):
            return _judge(result, scope=scope)
        case Refused(code=code, message=message):
            return Denied(
                why=f"auth refused: {code} {message}",
                is_refused=True,
                is_about_key=code in _ABOUT_KEY,
                is_maintenance=code == _MAINTENANCE,
            )
        case NoReply(why=why) | NotSent(why=why):
            return Denied(why=f"auth: {why}", is_refused=False)
        case _:
            assert_never(reply)


def _judge(result: bytes, *, scope: str) -> Granted | Denied:
    try:
        with reading("auth"):
            wire = _GRANT.decode(result)
            granted = Granted(expires_in_s=real(wire.expires_in), refresh_token=wire.refresh_token)
    except UndecodableError as fault:
        return Denied(why=str(fault), is_refused=False)
    wrong = mismatches(scope, granted=wire.scope)
    if wrong:
        return Denied(why=f"scope {'; '.join(wrong)}", is_refused=True, is_about_key=True)
    return granted
