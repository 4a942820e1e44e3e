"""What a person may type to mean an intent, an order, a trade, a code or a record."""

import pytest

from bot.control.find import intent_named, is_hash, is_label, reason_named, seq_named
from bot.core.record import IntentRecorded
from bot.domain.reason import Reason
from tests.bot.control.told import filled_call, lines_of


@pytest.mark.rule("C-103")
def test_an_intent_answers_to_its_hash_label_order_and_trades() -> None:
    lines = lines_of(filled_call())
    made = lines[0].record
    assert isinstance(made, IntentRecorded)
    words = (made.intent_id[:8], made.label[-4:], made.label, "o-9", "t-1", "t-2")
    for word in words:
        assert {intent_named(line.record, word) for line in lines} - {None} == {made.intent_id}
    for word in (made.intent_id[:3], "t-3", "", "o-"):
        assert {intent_named(line.record, word) for line in lines} == {None}


@pytest.mark.parametrize("word", ["SPREAD_WIDE", "spread_wide", "spread-wide"])
def test_a_code_is_known_in_any_case(word: str) -> None:
    assert reason_named(word) is Reason.SPREAD_WIDE
    assert reason_named("a41f") is None


@pytest.mark.parametrize(
    ("word", "seq"), [("412", 412), ("#412", 412), ("0", None), ("#", None), ("4a", None)]
)
def test_a_number_names_a_record(word: str, seq: int | None) -> None:
    assert seq_named(word) == seq


def test_whole_names_are_told_apart_from_parts() -> None:
    assert is_hash("ab" * 32)
    assert not is_hash("ab" * 31)
    assert is_label("bd-4f1c09aa-" + "ab" * 24)
    assert not is_label("ab" * 24)
