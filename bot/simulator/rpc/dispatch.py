"""From a request to its one answer: find, decode, admit, charge, act, write down, reply."""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from bot.domain.ids import AccountId
from bot.simulator.auth import Grant
from bot.simulator.floor import Floor
from bot.simulator.limits import Bucket
from bot.simulator.peer import Peer
from bot.simulator.refusal import Refused, bad_param, refuse
from bot.simulator.rpc import (
    account,
    cancelling,
    lookup,
    market,
    session,
    subscription,
    trading,
    user_trades,
)
from bot.simulator.rpc.answer import Answer, carry_out
from bot.simulator.rpc.method import Call, Method
from bot.simulator.trouble.requests import carry_out_in_trouble

__all__ = ["TABLE", "Answer", "answer"]

GROUPS: Final = (
    session,
    market,
    subscription,
    trading,
    cancelling,
    lookup,
    user_trades,
    account,
)
TABLE: Final[Mapping[str, Method]] = {
    method.name: method for group in GROUPS for method in group.METHODS
}

Params = bytes | Mapping[str, str]  # a JSON object, or what a query string says

_MISSING: Final = re.compile(r"missing required field `(\w+)`")
_WHERE: Final = re.compile(r"at `\$\.(\w+)")


class _Token(msgspec.Struct):
    access_token: str | None = None


def answer(
    floor: Floor, peer: Peer, *, method: str, params: Params, bearer: Grant | None = None
) -> Answer:
    """Serve one request. `bearer` is the grant that an HTTP header has proven."""
    now_ms = floor.now()
    floor.meet(peer)
    row = TABLE.get(method)
    grant = _grant_of(floor, peer, params, bearer=bearer)
    payer = _payer(grant, peer)
    if row is None:
        refused = _charge(floor, payer, Bucket.NON_MATCHING)
        return Answer(refused or refuse(-32601))
    asked = _decode(params, row.params)
    bucket = row.bucket if isinstance(row.bucket, Bucket) else None
    if bucket is None:
        bucket = (
            Bucket.CANCEL_ALL
            if isinstance(asked, Refused) or not callable(row.bucket)
            else row.bucket(asked)
        )
    refused = _charge(floor, payer, bucket) or _admit(row, peer, grant)
    if refused is not None:
        return Answer(refused)
    if isinstance(asked, Refused):
        return Answer(asked)
    call = Call(floor, peer, grant if isinstance(grant, Grant) else None, now_ms)
    if floor.trouble.is_quiet:
        return carry_out(call, row, asked)
    return carry_out_in_trouble(call, row, asked)


def _grant_of(
    floor: Floor, peer: Peer, params: Params, *, bearer: Grant | None
) -> Grant | Refused | None:
    """Return the login that a request has: its own token first, then the connection's."""
    token = _decode(params, _Token)
    if isinstance(token, _Token) and token.access_token:
        connection = peer.id if peer.is_socket else None
        return floor.gatekeeper.by_token(token.access_token, connection=connection)
    grant = bearer or peer.grant
    if grant is not None and floor.gatekeeper.is_expired(grant):
        return refuse(13009, data={"reason": "invalid_token"})
    return grant


def _payer(grant: Grant | Refused | None, peer: Peer) -> AccountId | None:
    if isinstance(grant, Grant):
        return grant.key.account
    return peer.grant.key.account if peer.grant is not None else None


def _charge(floor: Floor, payer: AccountId | None, bucket: Bucket) -> Refused | None:
    return None if floor.spend(payer, bucket) else refuse(10028)


def _admit(row: Method, peer: Peer, grant: Grant | Refused | None) -> Refused | None:
    if row.is_socket_only and not peer.is_socket:
        if row.name.endswith("subscribe"):
            return bad_param("channels", reason="value must be a list")
        return refuse(10030)
    if row.need is None:
        # A stale login does not stand in the way of a new one, nor of public data.
        return None
    if grant is None:
        return refuse(13009, data={"reason": "invalid_token"})
    if isinstance(grant, Refused):
        return grant
    area, level = row.need
    if grant.scope.level(area) < level:
        return refuse(13021, data={"reason": f"required scope: {area}:{level.name.lower()}"})
    return None


def _decode(params: Params, kind: type[Any]) -> Any | Refused:
    try:
        if isinstance(params, bytes):
            return msgspec.json.decode(params, type=kind)
        return msgspec.convert(dict(params), kind, strict=False)
    except msgspec.ValidationError as error:
        text = str(error)
        missing = _MISSING.search(text)
        if missing is not None:
            return bad_param(missing[1], reason="value required")
        where = _WHERE.search(text)
        return bad_param(where[1] if where is not None else "params", reason="invalid value")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return refuse(-32700)
