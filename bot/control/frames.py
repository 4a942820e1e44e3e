"""Frames: one JSON object a line, decoded strictly and encoded in one place (UX §2.2)."""

import re
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from bot.control import faults
from bot.control.errors import ErrorBody
from bot.control.verbs import PLAIN, VERBS, Verb

__all__ = [
    "UNREADABLE",
    "Bad",
    "Request",
    "encode_answer",
    "encode_error",
    "encode_line",
    "parse",
    "parse_args",
    "verb_of",
]

# What decoding raises for bytes that are not ours to trust. Deep nesting is among it: the decoder
# counts its own calls, and the answer is a refusal, no fault of the engine.
UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_ID_MAX: Final = 2**53  # what every JSON reader keeps exact


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One request; `args` stay undecoded until the verb is known."""

    id: Annotated[int, Meta(ge=0, le=_ID_MAX)]
    verb: Annotated[str, Meta(min_length=1, max_length=64)]
    args: msgspec.Raw = msgspec.Raw(b"{}")


class Bad(msgspec.Struct, frozen=True, kw_only=True):
    """A frame that is answered with an error and does nothing."""

    body: ErrorBody
    id: int | None = None


_REQUEST: Final = msgspec.json.Decoder(Request, strict=True)
_UNKNOWN_KEY: Final = re.compile(r"unknown field `([^`]*)`")


def parse(line: bytes) -> Request | Bad:
    """Decode one line; what is no request becomes a Bad."""
    try:
        return _REQUEST.decode(line)
    except msgspec.ValidationError as error:
        return Bad(body=faults.bad_frame(str(error)))
    except UNREADABLE as error:
        return Bad(body=faults.bad_json(str(error)[:200]))


def parse_args(request: Request, *, verb: Verb) -> msgspec.Struct | Bad:
    """Decode the verb's arguments, naming the bad key and the nearest good one."""
    try:
        return msgspec.json.decode(request.args, type=verb.args, strict=True)
    except UNREADABLE as error:
        said = str(error).replace(f"matching regex {PLAIN!r}", "without control characters")
        slip = _UNKNOWN_KEY.search(said)
        close = faults.nearest(slip[1], known=verb.args.__struct_fields__) if slip else None
        body = faults.bad_args(request.verb, what=said[:200], close=close)
        return Bad(body=body, id=request.id)


def verb_of(request: Request) -> Verb | Bad:
    """Find the verb's row, or name the nearest."""
    verb = VERBS.get(request.verb)
    if verb is None:
        return Bad(body=faults.unknown_verb(request.verb, known=VERBS), id=request.id)
    return verb


def encode_line(frame: object) -> bytes:
    """Encode one frame with its line end."""
    return msgspec.json.encode(frame) + b"\n"


def encode_answer(id_: int, ok: object) -> bytes:
    """Encode the one answer to a request; one over the bound becomes an error of ours."""
    line = encode_line({"id": id_, "ok": ok})
    if len(line) > faults.LINE_BYTES_MAX:
        return encode_error(id_, faults.internal("an answer over 1 MiB"))
    return line


def encode_error(id_: int | None, body: ErrorBody) -> bytes:
    """Encode an error answer; without an id it answers something that had none."""
    return encode_line({"id": id_, "error": body})
