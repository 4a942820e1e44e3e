"""The words of `bot`, as data: which module carries each out and which global flags it takes.

Modules are named, not imported, so that `bot --help` and `bot status --json` load none of them.
"""

import textwrap
from typing import Final, NamedTuple

from commands.globals import ACT_FLAGS

__all__ = ["DAILY", "GROUPS", "OPAQUE", "Group", "help_lines"]

_ALWAYS: Final = frozenset({"home", "env", "json", "no_color", "quiet", "verbose"})
_LOOK: Final = _ALWAYS | {"timeout"}
_ACT: Final = _LOOK | ACT_FLAGS


class Group(NamedTuple):
    """One word. `verbs` are what may stand after it; none for a word that stands alone."""

    section: str
    module: str
    summary: str
    flags: frozenset[str]
    verbs: tuple[str, ...] = ()


GROUPS: Final = {
    "run": Group("engine", "commands.run", "start the engine in the foreground", _ALWAYS),
    "down": Group("engine", "commands.down", "stop it in order; says what stays", _ACT),
    "watchdog": Group(
        "engine", "commands.watchdog", "a second process that cancels for it", _ALWAYS
    ),
    "status": Group("engine", "commands.status", "mode, why, what next, the day", _LOOK),
    "health": Group("engine", "commands.health", "ok or not, for a monitor", _LOOK),
    "cockpit": Group("engine", "commands.cockpit", "the screen", _ALWAYS | {"as"}, ("keys",)),
    "mode": Group(
        "control",
        "commands.mode",
        "see the mode, tighten it, rearm",
        _ACT,
        ("show", "reduce-only", "kill", "rearm"),
    ),
    "flatten": Group(
        "control",
        "commands.flatten",
        "close everything: see it, then do it",
        _LOOK | {"as", "reason", "confirm"},  # no --yes: only the plan's own words do it
    ),
    "recon": Group(
        "control",
        "commands.recon",
        "compare everything with the venue",
        _ACT,
        ("run", "prove", "foreign"),
    ),
    "positions": Group("look", "commands.positions", "what is held", _LOOK),
    "orders": Group("look", "commands.orders", "what could still fill", _LOOK),
    "fills": Group("look", "commands.fills", "the newest trades of ours", _LOOK),
    "tail": Group("look", "commands.tail", "events, one a line", _LOOK),
    "explain": Group("look", "commands.explain", "the life of anything, in plain words", _ALWAYS),
    "intent": Group(
        "look",
        "commands.intent",
        "intents of the ledger",
        _ALWAYS,
        ("show", "explain", "list"),
    ),
    "ledger": Group(
        "ledger",
        "commands.ledger",
        "what is remembered",
        _ALWAYS - {"env"},
        ("verify", "inspect", "export", "backup", "restore", "rebuild", "migrate"),
    ),
    "drill": Group(
        "world",
        "commands.drill",
        "prove promises, each by a drill",
        frozenset({"json", "no_color", "quiet"}),
        (
            "list",
            "crash-matrix",
            "explore",
            "faults",
            "groups",
            "points",
            "reduce-only",
            "storm",
            "wal-order",
        ),
    ),
    "paper": Group(
        "world",
        "commands.paper",
        "days of trading, simulated",
        frozenset({"json", "no_color", "quiet"}),
        ("soak",),
    ),
    "sim": Group(
        "world",
        "commands.sim",
        "the simulated exchange alone",
        _ALWAYS,
        ("exchange", "faults"),
    ),
    "config": Group(
        "world",
        "commands.config",
        "what a service manager is to be told",
        _ALWAYS,
        ("service",),
    ),
    "help": Group(
        "world",
        "commands.help",
        "tables: exit codes, reasons",
        frozenset({"json", "no_color"}),
        ("exit-codes", "reasons"),
    ),
}

OPAQUE: Final = frozenset({"sim"})  # has a parser of its own for everything after it

DAILY: Final = (
    ("bot run", "start the engine"),
    ("bot status", "mode, why, what next, the day"),
    ("bot cockpit", "the screen"),
    ("bot mode reduce-only", "no new risk, exits go on"),
    ("bot mode kill", "stop"),
    ("bot down", "stop the engine in order"),
)

_GLOBAL_HELP: Final = (
    ("--home DIR", "where this engine lives; else $BOT_HOME"),
    ("--env ENV", "dev, staging, paper, live"),
    ("--json", "one document on stdout and nothing else"),
    ("--no-color", "no colour"),
    ("-q, -v", "only errors; the trace too"),
    ("--timeout S", "patience with the engine (5): exit 3"),
    ("--as, --reason, --yes, --confirm", "on acts: who, why, and the answers"),
)

_SUMMARY_AT: Final = 44
_WIDTH: Final = 80


def help_lines() -> list[str]:
    """Return the text of `bot --help`: examples first."""
    lines = ["bot: an options engine that never panics.", "", "examples"]
    lines += [f"  {command:<24}{what}" for command, what in DAILY]
    for section in dict.fromkeys(group.section for group in GROUPS.values()):
        lines += ["", section]
        for word, group in GROUPS.items():
            if group.section == section:
                verbs = f" {' | '.join(group.verbs)}" if group.verbs else ""
                head = f"  {word}{verbs}"
                if len(head) >= _SUMMARY_AT:  # its summary stands below
                    lines, head = [*lines, *_wrapped(head)], ""
                lines.append(f"{head:<{_SUMMARY_AT}}{group.summary}")
    lines += ["", "before or after the verb"]
    lines += [f"  {flag:<36}{what}" for flag, what in _GLOBAL_HELP]
    return [
        *lines,
        "",
        "Flags of one: bot status --help     Exit codes: bot help exit-codes",
    ]


def _wrapped(head: str) -> list[str]:
    """Go on below the first verb when they are too many for one line."""
    below = " " * (head.index(" ", 2) + 1)
    return textwrap.wrap(head.strip(), _WIDTH, initial_indent="  ", subsequent_indent=below)
