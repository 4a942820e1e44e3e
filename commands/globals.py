"""The global flags: taken from before and after the verb alike, before any parser is loaded.

`bot --json status` and `bot status --json` are the same. What is not a global flag stays where it
is, for the verb's own parser. A global flag that has no meaning for a verb is refused by `main`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bot.control.errors import Exit, UserError
from bot.control.faults import nearest
from bot.domain.mode import Environment
from commands.session import TIMEOUT_S, Session, default_home, has_color, is_ascii_terminal

__all__ = ["ACT_FLAGS", "Globals", "environment_of", "session_of", "split"]

_SWITCHES: Final = {
    "--json": "json",
    "--no-color": "no_color",
    "-q": "quiet",
    "--quiet": "quiet",
    "-v": "verbose",
    "--verbose": "verbose",
    "--yes": "yes",
}
_VALUED: Final = {
    "--home": "home",
    "--env": "env",
    "--timeout": "timeout",
    "--as": "as",
    "--reason": "reason",
    "--confirm": "confirm",
}
ACT_FLAGS: Final = frozenset({"as", "reason", "yes", "confirm"})
_FLAG: Final = {name: flag for flag, name in (_SWITCHES | _VALUED).items()}


class Globals(NamedTuple):
    """The global flags that were given, by name, and the words that remain."""

    given: dict[str, str]
    rest: tuple[str, ...]


def split(argv: Sequence[str], *, opaque: frozenset[str] = frozenset()) -> Globals:
    """Take the global flags out of the words.

    After a word in `opaque` nothing is taken: that command has a parser of its own for all of it.
    Raises UserError USAGE for a flag without its value, or given twice with different values.
    """
    given: dict[str, str] = {}
    rest: list[str] = []
    words = list(argv)
    while words:
        word = words.pop(0)
        flag, has_value, value = word.partition("=")
        if word == "--" or (not rest and word in opaque):
            rest.extend([word, *words])
            break
        if word in _SWITCHES:
            given[_SWITCHES[word]] = "yes"
        elif flag in _VALUED:
            if not has_value:
                if not words:
                    raise _usage(
                        f"{flag} needs a value after it.", then=f"For example: bot {flag} X status"
                    )
                value = words.pop(0)
            name = _VALUED[flag]
            if given.get(name, value) != value:
                raise _usage(
                    f"{flag} was given twice: {given[name]} and {value}.", then="Give it once."
                )
            given[name] = value
        else:
            rest.append(word)
    return Globals(given, tuple(rest))


def refuse_flags(given: dict[str, str], *, allowed: frozenset[str], verb: str) -> None:
    """Refuse global flags that mean nothing for a verb. Raises UserError USAGE."""
    for name in given:
        if name not in allowed:
            raise _usage(
                f"{_FLAG[name]} has no meaning for {verb}.", then=f"See its flags: {verb} --help"
            )


def session_of(given: dict[str, str]) -> Session:
    """Resolve the flags. Raises UserError USAGE for a value out of range."""
    return Session(
        home=Path(given["home"]).expanduser() if "home" in given else default_home(),
        environment=environment_of(given["env"]) if "env" in given else None,
        as_json="json" in given,
        has_color=has_color(is_refused="no_color" in given or "json" in given),
        is_ascii=is_ascii_terminal(),
        is_quiet="quiet" in given,
        is_verbose="verbose" in given,
        timeout_s=_seconds(given["timeout"]) if "timeout" in given else TIMEOUT_S,
        by=given.get("as"),
        reason=given.get("reason"),
        says_yes="yes" in given,
        confirm=given.get("confirm"),
    )


def environment_of(word: str) -> Environment:
    """Read `dev`, `staging`, `paper` or `live`. Raises UserError USAGE, with the nearest."""
    for environment in Environment:
        if word.lower() == environment.value.lower():
            return environment
    words = [environment.value.lower() for environment in Environment]
    close = nearest(word.lower(), known=words)
    raise _usage(
        f'Unknown environment "{word}". It is one of {", ".join(words)}.',
        then=f"Did you mean: --env {close}" if close else "For example: --env dev",
    )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= 3600:  # also refuses NaN
        raise _usage(
            f"--timeout was {text}. It must be above 0 and at most 3600 seconds.",
            then="For example: --timeout 5",
        )
    return seconds


def _usage(what: str, *, then: str) -> UserError:
    return UserError("USAGE", exit=Exit.USAGE, what=what, why="Nothing was changed.", next=then)
