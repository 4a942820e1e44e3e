"""Exit codes and the two forms of an error."""

import json

from bot.control.errors import EXITS, ErrorBody, Exit, UserError, error_json, error_text
from bot.control.faults import FAULTS


def test_exit_codes_are_those_of_the_table() -> None:
    names = {int(row.code): row.name for row in EXITS}
    assert names == {
        0: "ok",
        1: "failed",
        2: "usage",
        3: "no engine",
        4: "refused",
        5: "config",
        6: "ledger",
        7: "venue",
        8: "evidence",
        9: "approval",
        10: "unsafe start",
        70: "our fault",
        130: "interrupted",
        141: "pipe closed",
    }
    assert [row.code for row in EXITS] == list(Exit)


def test_socket_codes_have_the_exits_of_the_protocol() -> None:
    exits = {code: int(fault.exit) for code, fault in FAULTS.items()}
    assert exits == {
        **dict.fromkeys(
            ["BAD_JSON", "BAD_FRAME", "TOO_LONG", "UNKNOWN_VERB", "BAD_ARGS", "PROTOCOL"], 2
        ),
        **dict.fromkeys(["READ_ONLY", "REFUSED", "CHANGED", "EXPIRED", "CONFLICT"], 4),
        "NEEDS_APPROVAL": 9,
        "NOT_FOUND": 1,
        "NOT_PROVEN": 1,
        **dict.fromkeys(["BUSY", "STOPPING", "STARTING"], 3),
        "LEDGER": 6,
        "VENUE": 7,
        "INTERNAL": 1,
    }


def test_text_has_three_parts_in_80_columns() -> None:
    body = ErrorBody(code="X", exit=5, what="what " * 30, why="why.", next="bot status")
    text = error_text(body)
    assert all(len(line) <= 80 for line in text.splitlines())
    assert text.splitlines()[-2:] == ["why.", "bot status"]


def test_json_is_one_document_of_the_same_words() -> None:
    error = UserError(
        "NO_LEDGER", exit=Exit.LEDGER, what="w", why="y", next="n", details={"line": 4}
    )
    assert json.loads(error_json(error.body)) == {
        "schema": "bot.error/1",
        "code": "NO_LEDGER",
        "exit": 6,
        "what": "w",
        "why": "y",
        "next": "n",
        "details": {"line": 4},
    }
    assert UserError.of(error.body).exit is Exit.LEDGER
