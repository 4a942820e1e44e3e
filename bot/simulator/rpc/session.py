"""Log in and stay connected (PROTOCOL §3, §4, §14)."""

from typing import Final, Literal

import msgspec

from bot.simulator.auth import Grant
from bot.simulator.exchange.account import SelfTrading
from bot.simulator.refusal import Refused, bad_param, refuse
from bot.simulator.rpc.method import NO_ANSWER, Call, Method, NoParams
from bot.simulator.scope import Level

__all__ = ["METHODS", "VERSION"]

VERSION: Final = "1.2.26"
_HEARTBEAT_MIN_S: Final = 10
_HEARTBEAT_MAX_S: Final = 3_600
_READ_ACCOUNT: Final = ("account", Level.READ)
_WRITE_ACCOUNT: Final = ("account", Level.READ_WRITE)


class Auth(msgspec.Struct):
    """Parameters of `public/auth`, for any of the grants."""

    grant_type: str
    client_id: str = ""
    client_secret: str = ""
    timestamp: int = 0
    signature: str = ""
    nonce: str = ""
    data: str = ""
    refresh_token: str = ""
    scope: str = ""
    state: str | None = None


class Heartbeat(msgspec.Struct):
    """Seconds between heartbeats."""

    interval: int


class Test(msgspec.Struct):
    """`expected_result` "exception" asks for an error."""

    expected_result: str = ""


class CodScope(msgspec.Struct):
    """Where cancel on disconnect holds."""

    scope: Literal["connection", "account"] = "connection"


class SelfTradingConfig(msgspec.Struct):
    """What to do when own orders meet."""

    mode: SelfTrading
    extended_to_subaccounts: bool = False


def _auth(call: Call, asked: Auth) -> object | Refused:
    result = _grant(call, asked)
    if isinstance(result, Refused):
        return result
    if call.peer.is_socket:
        call.peer.grant = result
    return call.floor.gatekeeper.show(result, state=asked.state)


def _grant(call: Call, asked: Auth) -> Grant | Refused:
    keeper = call.floor.gatekeeper
    connection = call.peer.id if call.peer.is_socket else None
    match asked.grant_type:
        case "refresh_token":
            return keeper.refresh(asked.refresh_token, connection=connection)
        case "client_credentials":
            key = keeper.by_credentials(asked.client_id, secret=asked.client_secret)
        case "client_signature":
            key = keeper.by_signature(
                asked.client_id,
                timestamp_ms=asked.timestamp,
                nonce=asked.nonce,
                rest=asked.data,
                signature=asked.signature,
                now_ms=call.now_ms,
            )
        case _:
            return bad_param("grant_type", reason="invalid value")
    if isinstance(key, Refused):
        return key
    if call.floor.trouble.take("auth_refused"):
        return refuse(13004)
    return keeper.grant(key, asked=asked.scope, connection=connection)


def _logout(call: Call, _asked: NoParams) -> object:
    call.peer.is_logged_out = True
    call.peer.close()
    return NO_ANSWER


def _set_heartbeat(call: Call, asked: Heartbeat) -> str | Refused:
    if asked.interval < _HEARTBEAT_MIN_S:
        return bad_param("interval", reason=f"value must be >= {_HEARTBEAT_MIN_S}")
    if asked.interval > _HEARTBEAT_MAX_S:
        return bad_param("interval", reason=f"value must be <= {_HEARTBEAT_MAX_S}")
    call.peer.heartbeat_s = asked.interval
    call.peer.is_test_due = False
    call.peer.wake()
    return "ok"


def _disable_heartbeat(call: Call, _asked: NoParams) -> str:
    call.peer.heartbeat_s = None
    return "ok"


def _test(call: Call, asked: Test) -> object | Refused:
    call.peer.is_test_due = False
    if asked.expected_result == "exception":
        return refuse(11050)
    return {"version": VERSION}


def _hello(_call: Call, _asked: NoParams) -> object:
    return {"version": VERSION}


def _get_time(call: Call, _asked: NoParams) -> int:
    return call.now_ms


def _status(call: Call, _asked: NoParams) -> object:
    locked = sorted(call.venue.indices) if call.floor.trouble.stands("locked") else []
    return {"locked": "true" if locked else "false", "locked_indices": locked}


def _enable_cod(call: Call, asked: CodScope) -> str | Refused:
    return _set_cod(call, asked, enabled=True)


def _disable_cod(call: Call, asked: CodScope) -> str | Refused:
    return _set_cod(call, asked, enabled=False)


def _set_cod(call: Call, asked: CodScope, *, enabled: bool) -> str | Refused:
    if asked.scope == "connection":
        if not call.peer.is_socket:
            return refuse(10030)
        call.peer.cod_enabled = enabled
        return "ok"
    # It applies to this connection and is where new ones begin (PROTOCOL §14).
    account = call.venue.accounts[call.account]
    call.venue.put_account(msgspec.structs.replace(account, is_cod_default=enabled))
    if call.peer.is_socket:
        call.peer.cod_enabled = enabled
    return "ok"


def _get_cod(call: Call, asked: CodScope) -> object | Refused:
    if asked.scope == "account":
        enabled = call.venue.accounts[call.account].is_cod_default
    elif not call.peer.is_socket:
        return refuse(10030)
    else:
        enabled = call.floor.is_cod_enabled(call.peer)
    return {"scope": asked.scope, "enabled": enabled}


def _set_self_trading(call: Call, asked: SelfTradingConfig) -> str:
    account = call.venue.accounts[call.account]
    call.venue.put_account(
        msgspec.structs.replace(
            account,
            self_trading=asked.mode,
            is_self_trading_extended=asked.extended_to_subaccounts,
        )
    )
    return "ok"


METHODS: Final = (
    Method(name="public/auth", params=Auth, act=_auth),
    Method(name="public/hello", params=NoParams, act=_hello),
    Method(name="public/test", params=Test, act=_test),
    Method(name="public/get_time", params=NoParams, act=_get_time),
    Method(name="public/status", params=NoParams, act=_status),
    Method(name="public/set_heartbeat", params=Heartbeat, act=_set_heartbeat, is_socket_only=True),
    Method(
        name="public/disable_heartbeat",
        params=NoParams,
        act=_disable_heartbeat,
        is_socket_only=True,
    ),
    Method(
        name="private/logout",
        params=NoParams,
        act=_logout,
        need=("account", Level.NONE),
        is_socket_only=True,
    ),
    Method(
        name="private/enable_cancel_on_disconnect",
        params=CodScope,
        act=_enable_cod,
        need=_WRITE_ACCOUNT,
    ),
    Method(
        name="private/disable_cancel_on_disconnect",
        params=CodScope,
        act=_disable_cod,
        need=_WRITE_ACCOUNT,
    ),
    Method(
        name="private/get_cancel_on_disconnect",
        params=CodScope,
        act=_get_cod,
        need=_READ_ACCOUNT,
    ),
    Method(
        name="private/set_self_trading_config",
        params=SelfTradingConfig,
        act=_set_self_trading,
        need=_WRITE_ACCOUNT,
    ),
)
