"""`bot intent`: show, explain and list, from the ledger."""

from pathlib import Path

import pytest

from tests.bot.control.told import filled_call
from tests.commands.house import command
from tests.commands.kept import keep


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose ledger has one filled order."""
    keep(filled_call(), tmp_path)
    return tmp_path


def test_the_list_has_each_order_with_its_state(home: Path) -> None:
    listed = command("intent", "list", "--json", home=home)
    assert listed.code == 0, listed.err
    assert listed.json["schema"] == "bot.intent-list/1"
    (row,) = listed.json["intents"]
    assert (row["state"], row["filled"], row["size"]) == ("FILLED", "0.2", "0.2")
    text = command("intent", "list", home=home).out
    assert max(len(line) for line in text.splitlines()) <= 80
    assert row["label"][-4:] in text


@pytest.mark.parametrize(("state", "count"), [("filled", 1), ("unknown", 0), ("open", 0)])
def test_the_list_is_narrowed_by_state(home: Path, state: str, count: int) -> None:
    listed = command("intent", "list", "--state", state, "--json", home=home)
    assert listed.json["figures"] == {"intents": count}


def test_show_is_the_life_and_explain_adds_gates_and_book(home: Path) -> None:
    (row,) = command("intent", "list", "--json", home=home).json["intents"]
    short = command("intent", "show", row["label"], home=home).out
    whole = command("intent", "explain", row["intent_id"][:6], home=home).out
    assert whole.startswith(short)
    assert "self_cross" in whole
    assert "self_cross" not in short
    told = command("intent", "explain", row["label"], "--json", home=home).json
    assert told["schema"] == "bot.intent-explain/1"
    assert told["figures"]["gates"] == len(told["intent"]["gates"])


def test_an_intent_that_does_not_exist_ends_with_1(home: Path) -> None:
    assert command("intent", "show", "SPREAD_WIDE", home=home).code == 1
    assert command("intent", "show", "ffff", "--json", home=home).json["code"] == "NOT_FOUND"
