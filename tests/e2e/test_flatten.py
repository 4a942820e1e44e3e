"""A flatten walks the whole house: engine, ledger and exchange as real processes [C-403]."""

import json
import time
from decimal import Decimal
from pathlib import Path

import pytest

from tests.e2e.house import Json, bot, engine, rows, status, venue_call, wait_for

pytestmark = pytest.mark.rule("C-403")


@pytest.mark.rule("C-601")
def test_what_the_plan_shows_is_closed_at_the_venue(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7"):
        hold_something(tmp_path)
        stop_opens(tmp_path, "reduce-only")
        wrong = bot(tmp_path, "flatten", "--go", "--confirm", "0" * 12)
        assert wrong.returncode == 4, wrong.stderr
        assert wrong.stderr.startswith("Not sent: the plan is ")
        assert rows(tmp_path, "positions")
        plan = plan_of(tmp_path)
        held = {row["instrument"]: row["size"] for row in rows(tmp_path, "positions")}
        assert {e["instrument"]: e["amount"] for e in plan["exits"]} == {
            name: size.lstrip("-") for name, size in held.items()
        }
        went = go(tmp_path, plan)
        assert went["passed"], went
        assert venue_positions(tmp_path) == {}
        assert traded_since(tmp_path, plan) == signed(plan)
        assert status(tmp_path)["mode"] == "REDUCE_ONLY"
        again = bot(tmp_path, "flatten", "--go", "--confirm", plan["hash"])
        assert (again.returncode, again.stdout.splitlines()[0]) == (
            0,
            "Nothing is held: there is nothing to close.",
        )


@pytest.mark.rule("C-304")
def test_it_closes_under_kill_and_a_second_go_is_the_same_flatten(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7"):
        hold_something(tmp_path)
        stop_opens(tmp_path, "kill")
        plan = plan_of(tmp_path)
        words = ("flatten", "--go", "--confirm", plan["hash"], "--wait", "0", "--json")
        bot(tmp_path, *words)
        second = bot(tmp_path, *words)
        # Asked while all is still held it is taken again; once a fill came in, it is CHANGED.
        assert second.returncode in {0, 1, 4}, second.stdout
        deadline = time.monotonic() + 90
        while venue_positions(tmp_path):
            assert time.monotonic() < deadline, status(tmp_path)["lines"]
            time.sleep(0.5)
        assert traded_since(tmp_path, plan) == signed(plan), "each position is closed once"
        assert status(tmp_path)["mode"] == "KILL"


def hold_something(home: Path) -> None:
    """Trade until something is held."""
    wait_for(home, "open")
    deadline = time.monotonic() + 60
    while not rows(home, "positions"):
        assert time.monotonic() < deadline, "nothing filled"
        time.sleep(0.1)


def stop_opens(home: Path, mode: str) -> None:
    """Tighten, and wait until nothing rests that could still change what is held."""
    assert bot(home, "mode", mode, "--reason", "a test").returncode == 0
    deadline = time.monotonic() + 20
    while rows(home, "orders"):
        assert time.monotonic() < deadline, "orders must come off"
        time.sleep(0.1)


def plan_of(home: Path) -> Json:
    """Return the plan; every exit of it can go out."""
    shown = bot(home, "flatten", "--plan", "--json")
    plan: Json = json.loads(shown.stdout)
    assert plan["schema"] == "bot.flatten-plan/1"
    assert plan["exits"]
    assert all(row["prices"] and row["cost"] and not row["refused"] for row in plan["exits"])
    return plan


def go(home: Path, plan: Json) -> Json:
    """Send it, and return the document of its end."""
    done = bot(
        home, "flatten", "--go", "--confirm", plan["hash"], "--wait", "90", "--json", timeout_s=120
    )
    document: Json = json.loads(done.stdout)
    assert done.returncode == (0 if document.get("passed") else 1), done.stdout
    return document


def venue_positions(home: Path) -> dict[str, float]:
    """Return what the exchange itself says is held."""
    found = venue_call(home, "private/get_positions", {"currency": "BTC"})
    return {row["instrument_name"]: row["size"] for row in found if row["size"]}


def signed(plan: Json) -> dict[str, Decimal]:
    """Return what the plan trades of each instrument: what is bought above 0."""
    return {row["instrument"]: _signed(row, row["amount"]) for row in plan["exits"]}


def traded_since(home: Path, plan: Json) -> dict[str, Decimal]:
    """Return what was traded of each instrument after the plan was made."""
    traded: dict[str, Decimal] = {}
    for row in rows(home, "fills"):
        if row["at"] > plan["at"]:
            before = traded.get(row["instrument"], Decimal(0))
            traded[row["instrument"]] = before + _signed(row, row["size"])
    return traded


def _signed(row: Json, size: str) -> Decimal:
    return Decimal(size) if row["side"] == "buy" else -Decimal(size)
