"""`bot explain`: one word in, one life out; the ledger alone answers."""

from pathlib import Path

import pytest

from bot.core.record import IntentRecorded, Refused
from bot.domain.reason import REASONS, Reason
from bot.domain.side import Side
from tests.bot.control.told import filled_call
from tests.bot.core.desk import Desk, place, ready
from tests.bot.core.market import CALL
from tests.commands.house import command
from tests.commands.kept import keep


def made(desk: Desk) -> IntentRecorded:
    """The one order of this desk."""
    return next(r for r in desk.records if isinstance(r, IntentRecorded))


@pytest.mark.rule("C-701")
def test_every_name_of_an_intent_tells_the_same_life(tmp_path: Path) -> None:
    desk = filled_call()
    keep(desk, tmp_path)
    record = made(desk)
    names = (
        record.intent_id,
        record.intent_id[:8],
        record.label,
        record.label[-4:],
        "o-9",
        "t-2",
        f"#{desk.records.index(record) + 1}",
    )
    told = [command("explain", name, "--json", home=tmp_path) for name in names]
    assert [ran.code for ran in told] == [0] * len(names)
    assert all(ran.json["schema"] == "bot.explain/1" for ran in told)
    assert all(ran.json["intent"] == told[0].json["intent"] for ran in told)
    assert told[0].json["intent"]["slippage"] == "0.0001"
    assert told[0].json["run_id"] == "run-1"


def test_the_text_has_the_whole_story_in_80_columns(tmp_path: Path) -> None:
    desk = filled_call()
    keep(desk, tmp_path)
    ran = command("explain", made(desk).label[-4:], "--gates", "--book", home=tmp_path)
    assert ran.code == 0, ran.err
    assert max(len(line) for line in ran.out.splitlines()) <= 80
    for word in ("FILLED", "wanted", "saw", "recorded", "sent", "acked", "fill", "capsule"):
        assert word in ran.out
    assert ran.out.count("✓") == len(ran.out.split("verdict\n")[1].split("\n\n")[0].splitlines())


def test_a_refusal_has_its_gates_with_figures_and_what_to_do(tmp_path: Path) -> None:
    desk = ready()
    desk.quote()
    desk.tick(place(CALL, Side.SELL, "0.1", "0.2000"))
    number, refused = next((n, r) for n, r in enumerate(desk.records, 1) if isinstance(r, Refused))
    code, was, limit = refused.refusals[0]
    keep(desk, tmp_path)
    ran = command("explain", str(number), home=tmp_path)
    assert ran.code == 0, ran.err
    assert f"✕ {code}" in ran.out
    assert was in ran.out
    assert limit in " ".join(ran.out.split())
    assert f"docs/runbook.md#{code.lower()}" in ran.out
    of_code = command("explain", code, "--json", home=tmp_path)
    assert of_code.json["latest"][-1]["seq"] == number
    assert of_code.json["text"] == REASONS[Reason(code)].text


def test_a_code_needs_no_ledger(tmp_path: Path) -> None:
    ran = command("explain", "data-stale", home=tmp_path)
    assert ran.code == 0
    assert "docs/runbook.md#data_stale" in ran.out


def test_what_nothing_is_named_ends_with_1_and_the_nearest(tmp_path: Path) -> None:
    assert command("explain", "a41f", home=tmp_path).code == 6
    desk = filled_call()
    keep(desk, tmp_path)
    slip = command("explain", "SPREAD_WIDTH", "--json", home=tmp_path)
    assert slip.code == 1
    assert slip.json["details"]["nearest"] == "SPREAD_WIDE"
    none = command("explain", "zzzz", home=tmp_path)
    assert none.code == 1
    assert f"bot explain {made(desk).label[-4:]}" in none.err


def test_a_word_that_fits_two_intents_is_not_guessed(tmp_path: Path) -> None:
    desk = ready()
    desk.rest_one(place(CALL, Side.SELL, "0.1", "0.0120"), order_id="o-1")
    desk.wait(2_000)
    desk.rest_one(place(CALL, Side.SELL, "0.1", "0.0125"), order_id="o-1")
    keep(desk, tmp_path)
    both = command("explain", "o-1", "--json", home=tmp_path)
    assert both.code == 1
    assert both.json["details"]["count"] == 2
    assert command("explain", both.json["details"]["nearest"], home=tmp_path).code == 0
