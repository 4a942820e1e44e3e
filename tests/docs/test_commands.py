"""What the pages tell to type can be typed: every command, flag and make target exists."""

import re
import shlex
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
import typer.main

from commands.globals import refuse_flags, split
from commands.groups import GROUPS, OPAQUE
from tests.docs.pages import PAGES, ROOT, typed

# A decision may name what is planned; every other page only what exists.
TYPED = sorted(
    {(page.name, text) for page in PAGES if page.parent.name != "adr" for text in typed(page)}
)


@pytest.mark.parametrize(("page", "text"), TYPED)
def test_what_a_page_tells_to_type_exists(page: str, text: str) -> None:
    program, *words = shlex.split(text)
    if program == "make":
        assert set(words) <= make_targets()
    else:
        parse(words)


def test_the_readme_names_the_two_commands() -> None:
    assert {"make run", "make test"} <= {text for page, text in TYPED if page == "README.md"}


@pytest.mark.parametrize(
    "wrong", ["bot stat", "bot status --wach", "bot mode kil", "bot run --reason x"]
)
def test_a_word_that_does_not_exist_would_be_found(wrong: str) -> None:
    with pytest.raises(Exception, match=r"(?i)no such|no meaning|not in"):
        parse(shlex.split(wrong)[1:])


def parse(words: list[str]) -> None:
    """Take a command apart as `bot` does, without doing it."""
    given, rest = split(words, opaque=OPAQUE)
    if not rest or rest[0] in {"--help", "help"}:
        return
    word, *args = rest
    assert word in GROUPS, f"{word} is not in the tree"
    refuse_flags(given, allowed=GROUPS[word].flags, verb=word)
    command: Any = typer.main.get_command(import_module(GROUPS[word].module).app)
    verbs = getattr(command, "commands", {})
    if verbs and args and not args[0].startswith("-"):
        assert args[0] in verbs, f"{args[0]} is not in {word}"
        command, args = verbs[args[0]], args[1:]
    try:
        command.make_context(word, args)
    except typer.TyperException as error:
        # Prose names a verb without what it must be given.
        if args or type(error).__name__ != "MissingParameter":
            raise


def make_targets() -> set[str]:
    text = Path(ROOT / "Makefile").read_text()
    return set(re.findall(r"^(\w+):", text, re.MULTILINE))
