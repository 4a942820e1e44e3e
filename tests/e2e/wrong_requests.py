"""Requests that HTTP must refuse, each with the code of its refusal (RELIABILITY §10)."""

import json
import uuid
from collections.abc import Callable
from pathlib import Path

from tests.e2e.hostile import REDUCE, http_port, request, token

MIB = 1 << 20


def a_wish() -> bytes:
    return json.dumps({"reason": "attack", "request_id": str(uuid.uuid4())}).encode()


WRONG: dict[str, tuple[Callable[[Path], bytes], int]] = {
    "cross origin": (
        lambda home: request(
            home, REDUCE, method="POST", body=a_wish(), Origin="http://evil.example"
        ),
        403,
    ),
    "origin null": (
        lambda home: request(home, REDUCE, method="POST", body=a_wish(), Origin="null"),
        403,
    ),
    "two origins, ours last": (
        lambda home: request(
            home,
            REDUCE,
            method="POST",
            body=a_wish(),
            more=("Origin: http://evil.example", f"Origin: http://127.0.0.1:{http_port(home)}"),
        ),
        400,
    ),
    "a name that resolves to us": (
        lambda home: request(
            home, REDUCE, method="POST", body=a_wish(), Host=f"evil.example:{http_port(home)}"
        ),
        403,
    ),
    "no host": (
        lambda home: request(home, REDUCE, method="POST", body=a_wish(), drop=("Host",)),
        400,
    ),
    "two hosts": (
        lambda home: request(
            home, REDUCE, method="POST", body=a_wish(), more=("Host: evil.example",)
        ),
        400,
    ),
    "a host with a dot at its end": (
        lambda home: request(home, Host=f"localhost.:{http_port(home)}"),
        403,
    ),
    "a host in upper case": (lambda home: request(home, Host=f"LOCALHOST:{http_port(home)}"), 403),
    "a host as a number": (lambda home: request(home, Host=f"2130706433:{http_port(home)}"), 403),
    "a host of six": (lambda home: request(home, Host=f"[::1]:{http_port(home)}"), 403),
    "no token": (
        lambda home: request(home, REDUCE, method="POST", body=a_wish(), drop=("Authorization",)),
        401,
    ),
    "a wrong token": (
        lambda home: request(home, REDUCE, method="POST", body=a_wish(), Authorization="Bearer x"),
        401,
    ),
    "a token cut short": (
        lambda home: request(
            home, REDUCE, method="POST", body=a_wish(), Authorization=f"Bearer {token(home)[:-1]}"
        ),
        401,
    ),
    "a token without its scheme": (
        lambda home: request(home, REDUCE, method="POST", body=a_wish(), Authorization=token(home)),
        401,
    ),
    "two tokens": (
        lambda home: request(
            home, REDUCE, method="POST", body=a_wish(), more=("Authorization: Bearer x",)
        ),
        400,
    ),
    "a form": (
        lambda home: request(
            home,
            REDUCE,
            method="POST",
            body=a_wish(),
            Content_Type="application/x-www-form-urlencoded",
        ),
        415,
    ),
    "text that is JSON": (
        lambda home: request(
            home, REDUCE, method="POST", body=a_wish(), drop=("Content-Type",)
        ).replace(b"\r\n\r\n", b"\r\nContent-Type: text/plain\r\n\r\n", 1),
        415,
    ),
    "a preflight": (
        lambda home: request(
            home,
            REDUCE,
            method="OPTIONS",
            Origin="http://evil.example",
            Access_Control_Request_Method="POST",
        ),
        405,
    ),
    "a get with a body": (lambda home: request(home, body=b"{}"), 400),
    "a length told in two ways": (
        lambda home: request(
            home, REDUCE, method="POST", body=a_wish(), more=("Transfer-Encoding: chunked",)
        ),
        400,
    ),
    "ten million bytes with a token": (
        lambda home: request(home, REDUCE, method="POST", body=b" " * 10 * MIB),
        413,
    ),
    "ten million bytes without": (
        lambda home: request(
            home, REDUCE, method="POST", body=b" " * 10 * MIB, drop=("Authorization",)
        ),
        413,
    ),
    "a head without end": (lambda home: request(home, more=("X: " + "y" * MIB,)), 431),
    "nesting without end": (
        lambda home: request(home, REDUCE, method="POST", body=b'{"reason":' + b"[" * 16_000),
        400,
    ),
    "chunks without end": (
        lambda home: (
            request(home, REDUCE, method="POST", more=("Transfer-Encoding: chunked",))
            + (b"1000\r\n" + b"x" * 0x1000 + b"\r\n") * 1_000
        ),
        413,
    ),
    "another version": (lambda home: request(home).replace(b"HTTP/1.1", b"HTTP/2.0"), 400),
    "nothing of the sort": (lambda _home: b"\x00\xff\r\n\r\n", 400),
}
