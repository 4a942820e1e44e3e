"""Write the pages and modules that are made from data; `--check` fails when one is stale."""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REASONS = ROOT / "bot/guard/reasons.toml"

ENUM_HEAD = '''"""Why something is refused, shut or stopped. Made from guard/reasons.toml."""

from enum import Enum
from typing import Final, NamedTuple

__all__ = ["REASONS", "Effect", "Meaning", "Reason"]


class Effect(Enum):
    """What a reason does [C-302, C-306]."""

    REFUSE = "refuse"
    LATCH = "latch"
    REDUCE_ONLY = "reduce_only"
    KILL = "kill"


class Meaning(NamedTuple):
    """A reason's row of the registry.

    Of latch causes: after `deadline_s` it escalates, 0 means never; once over, its proof must be
    good for `holds_s` before it counts.
    """

    effect: Effect
    deadline_s: int
    holds_s: int
    text: str
    next: str


class Reason(Enum):
    """The closed set of reason codes."""

'''

DOC_HEAD = """# Reason codes

Generated from `bot/guard/reasons.toml`.
Every refusal, shut latch and forced mode names one of these.

| code | what it does | plain words | next step | by itself? |
|---|---|---|---|---|
"""

EFFECT_WORDS = {
    "refuse": "refuses one proposal",
    "latch": "shuts opens",
    "reduce_only": "REDUCE_ONLY",
    "kill": "KILL",
}


def reason_module(reasons: dict[str, dict[str, object]]) -> str:
    """Return the source of bot/domain/reason.py."""
    members = "".join(f'    {code} = "{code}"\n' for code in reasons)
    rows = "".join(
        f"    Reason.{code}: Meaning(\n"
        f"        Effect.{str(row['effect']).upper()},\n"
        f"        {row.get('deadline', 0)},\n"
        f"        {row.get('holds', 0)},\n"
        f'        "{row["text"]}",\n'
        f'        "{row["next"]}",\n'
        "    ),\n"
        for code, row in reasons.items()
    )
    return f"{ENUM_HEAD}{members}\n\nREASONS: Final[dict[Reason, Meaning]] = {{\n{rows}}}\n"


def reason_page(reasons: dict[str, dict[str, object]]) -> str:
    """Return the text of docs/reason_codes.md."""
    rows = ""
    for code, row in sorted(reasons.items()):
        effect, deadline = str(row["effect"]), row.get("deadline", 0)
        once = f"yes, once good for {holds} s" if (holds := row.get("holds", 0)) else "yes"
        own = {
            "refuse": "yes",
            "latch": f"{once}; after {deadline} s REDUCE_ONLY" if deadline else once,
        }.get(effect, "no: operator rearms")
        rows += f"| `{code}` | {EFFECT_WORDS[effect]} | {row['text']} | {row['next']} | {own} |\n"
    return DOC_HEAD + rows


def main() -> int:
    """Write every generated file, or with --check say which one is stale."""
    reasons = tomllib.loads(REASONS.read_text())
    is_check = "--check" in sys.argv
    first = {
        "bot/domain/reason.py": reason_module(reasons),
        "docs/reason_codes.md": reason_page(reasons),
    }
    stale = renew(first, is_check=is_check)
    if is_check and "bot/domain/reason.py" in stale:
        return 1  # the other pages stand on it
    # Loaded only now: it imports the project, and with it the module that was made above.
    import reference

    policy_head = (ROOT / "plans/trading_policy_head.md").read_text()
    pages = {
        "docs/commands.md": reference.commands_page(),
        "docs/exit_codes.md": reference.exit_codes_page(),
        "docs/socket.md": reference.socket_page(),
        "docs/trading_policy.md": reference.policy_page(policy_head),
    }
    stale += renew(pages, is_check=is_check)
    return 1 if is_check and stale else 0


def renew(made: dict[str, str], *, is_check: bool) -> list[str]:
    """Write what differs from what is there, or only name it; return the names."""
    stale = [
        name
        for name, text in made.items()
        if not (ROOT / name).exists() or (ROOT / name).read_text() != text
    ]
    for name in stale:
        if is_check:
            sys.stderr.write(f"{name} is stale; run: python plans/generate.py\n")
        else:
            (ROOT / name).write_text(made[name])
    return stale


if __name__ == "__main__":
    sys.exit(main())
