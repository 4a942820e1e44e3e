"""The reference pages, made from the tables that the code itself works by.

Only `generate.py` imports this, after it has made sure of `bot/domain/reason.py`: everything below
stands on that module.
"""

import inspect
import re
from collections.abc import Iterable, Iterator
from enum import Enum
from importlib import import_module
from typing import Any, Final

import msgspec
import typer.main

from bot.control.errors import EXITS
from bot.control.faults import FAULTS, LINE_BYTES_MAX
from bot.control.topics import LOGS, TABLES, WHOLES
from bot.control.verbs import HZ_MAX, HZ_MIN, PROTOCOLS, VERBS
from bot.policy.outline import Field, fields
from cockpit.keys import KEYS
from commands.groups import GROUPS, help_lines

__all__ = ["commands_page", "exit_codes_page", "policy_page", "socket_page"]

# A test holds these to the module that serves them: `bot/control/http.py` keeps its routes private.
_ROUTES: Final = (
    ("GET /api/v1/status", "`bot.status/1`; with `Accept: text/plain` the three lines"),
    (
        "GET /api/v1/health",
        "`bot.health/1`, 200 when ok, else 503; the watchdog shows the token as bearer, and in "
        "`X-Bot-Watchdog` the machine's monotonic time in ms at which it looks",
    ),
    ("GET /metrics", "figures in Prometheus text"),
    (
        "POST /api/v1/emergency/reduce_only",
        "`reason` and `request_id` in JSON, the token as bearer; 200 once durable",
    ),
    (
        "POST /api/v1/emergency/watchdog_acted",
        "the same; the watchdog has taken orders off, which is KILL",
    ),
)


def exit_codes_page() -> str:
    """Return docs/exit_codes.md."""
    rows = ((str(int(row.code)), row.name, row.when, row.example) for row in EXITS)
    return (
        "# Exit codes\n\n"
        "Generated from `bot/control/errors.py`. `bot help exit-codes` prints it.\n\n"
        + _table(("code", "name", "when", "example"), rows)
    )


def commands_page() -> str:
    """Return docs/commands.md: every word, its flags, the global flags, and the cockpit's keys."""
    text = "# Commands\n\nGenerated from `commands/` and `cockpit/keys.py`.\n"
    text += "\n## Before or after the verb\n\n"
    text += _table(("flag", "meaning"), ((f"`{flag}`", what) for flag, what in _global_flags()))
    text += "\nA flag that has no meaning for a verb is refused; each verb lists those it takes.\n"
    for word, group in GROUPS.items():
        command = typer.main.get_command(import_module(group.module).app)
        text += f"\n## bot {word}\n\n{_sentence(group.summary)}\n"
        verbs: dict[str, Any] = getattr(command, "commands", {})
        text += _flags(command.params)
        for verb, inner in verbs.items():
            text += f"\n### bot {word} {verb}\n\n{_first(inner.help)}\n{_flags(inner.params)}"
        taken = ", ".join(
            f"`{flag}`" for flag, _ in _global_flags() if _is_taken(flag, group.flags)
        )
        text += f"\nAlso: {taken}.\n"
    text += "\n## Keys of the cockpit\n\n"
    rows = ((f"`{key.key}`", key.screen or "everywhere", key.does) for key in KEYS)
    return text + _table(("key", "screen", "does"), rows)


def socket_page() -> str:
    """Return docs/socket.md: frames, verbs, topics, faults, and the HTTP routes."""
    verbs = (
        (f"`{name}`", verb.kind.value, ", ".join(_arguments(verb.args)) or "none")
        for name, verb in VERBS.items()
    )
    topics = [(f"`{name}`", "whole", "`full`, the newest replaces what waits") for name in WHOLES]
    topics += [
        (f"`{name}`", "table", "`full`, then `delta` with `set` and `del`") for name in TABLES
    ]
    topics += [(f"`{name}`", "log", "`rows`, and `gap` for what was passed over") for name in LOGS]
    faults = (
        (f"`{code}`", str(int(fault.exit)), fault.meaning, "closed" if fault.closes else "stays")
        for code, fault in FAULTS.items()
    )
    return (
        "# The engine's socket and its HTTP\n\n"
        "Generated from `bot/control/`.\n\n"
        "The socket is `run/engine.sock` in the home, for the engine's own user only. "
        f"One JSON object a line, at most {LINE_BYTES_MAX // 1024} KiB. "
        "The server speaks first, with `hello`; "
        f"the protocol is {', '.join(map(str, PROTOCOLS))}.\n"
        'A request is `{"id": 7, "verb": "orders", "args": {}}`; '
        "its one answer carries the same `id`, and `ok` or `error`. "
        "Reading and tightening need no greeting; every other act follows a `hello`.\n"
        f"A subscription is sent at {HZ_MIN:g} to {HZ_MAX:g} Hz. A `beat` comes each second.\n\n"
        "## Verbs\n\n"
        + _table(("verb", "kind", "arguments (* must be given)"), verbs)
        + "\n## Topics\n\n"
        + _table(("topic", "kind", "carries"), topics)
        + "\n## Faults\n\n"
        + _table(("code", "exit", "meaning", "connection"), faults)
        + "\n## HTTP\n\nOn 127.0.0.1 only; "
        "the port is in `run/http.port`, the token in `run/http.token`. "
        "Nothing that loosens is reachable here.\n\n"
        + _table(("route", "answer"), ((f"`{route}`", what) for route, what in _ROUTES))
    )


def policy_page(head: str) -> str:
    """Return docs/trading_policy.md: the written head, then a row for each field."""
    text, block = head, ""
    for path, field in fields():
        here, _, name = path.rpartition(".")
        if here.startswith("stages.") and here != "stages.paper":
            continue  # the same fields as paper
        if here != block:
            block = here
            shown = "stages.paper, stages.micro_live, stages.full" if "stages" in here else here
            text += f"\n## {shown}\n\n| field | plain words | unit | riskier | breach |\n"
            text += "|---|---|---|---|---|\n"
        term = field.term
        text += (
            f"| `{name}` | {term.says} | {term.unit} | {term.riskier.value} | {_breach(field)} |\n"
        )
    return text


def _global_flags() -> tuple[tuple[str, str], ...]:
    """Take the flags for every verb from `bot --help`."""
    lines = help_lines()
    start = lines.index("before or after the verb") + 1
    block = lines[start : lines.index("", start)]
    rows = []
    for line in block:
        flag, what = re.split(r" {2,}", line.strip(), maxsplit=1)
        rows.append((flag, what))
    return tuple(rows)


def _breach(field: Field) -> str:
    reason = field.term.reason
    return "" if reason is None else f"[{reason.value}](runbook.md#{reason.value.lower()})"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)


def _flags(params: Iterable[Any]) -> str:
    rows = []
    for param in params:
        if "completion" in str(param.name):
            continue
        names = [*param.opts, *param.secondary_opts]
        default = param.default.value if isinstance(param.default, Enum) else param.default
        is_plain = default is None or default is False or default == ""
        rows.append(
            (
                " ".join(f"`{name}`" for name in names),
                _sentence(getattr(param, "help", None) or ""),
                "must be given" if param.required else "" if is_plain else f"{default}",
            )
        )
    return "\n" + _table(("flag", "meaning", "default"), rows) if rows else ""


def _is_taken(flag: str, taken: frozenset[str]) -> bool:
    name = flag.split()[0]
    short = {"-q": "quiet", "-v": "verbose"}
    return short.get(name, name.removeprefix("--").replace("-", "_")) in taken


def _arguments(args: type[msgspec.Struct]) -> Iterator[str]:
    for field in msgspec.structs.fields(args):
        yield f"`{field.name}`*" if field.required else f"`{field.name}`"


def _first(doc: str | None) -> str:
    """Return the first paragraph of a help text on one line."""
    return " ".join(inspect.cleandoc(doc or "").split("\n\n")[0].split())


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if not text or text.endswith(".") else f"{text}."
