from dataclasses import replace

import pytest

from bot.domain.ids import IntentId
from ledger.entry import BODY_BYTES_MAX, Body
from tests.ledger.making import fill, intent, note


def test_a_body_is_named_by_its_content() -> None:
    # SHA-256 of nothing, as every other tool prints it.
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Body.of(b"").hash == empty


def test_a_body_has_a_largest_size() -> None:
    assert len(Body.of(bytes(BODY_BYTES_MAX)).content) == BODY_BYTES_MAX
    with pytest.raises(ValueError, match="above"):
        Body.of(bytes(BODY_BYTES_MAX + 1))


@pytest.mark.rule("C-203")
def test_a_row_that_contradicts_its_record_is_refused() -> None:
    for entry in (intent(1), fill(1, of=intent(1))):
        with pytest.raises(ValueError, match="the ref was"):
            replace(entry, ref="other")
        with pytest.raises(ValueError, match="the ref was None"):
            replace(entry, ref=None)
        with pytest.raises(ValueError, match="the intent id was"):
            replace(entry, intent_id=IntentId("other"))


def test_other_records_carry_what_they_like() -> None:
    assert replace(note(1), ref="x", intent_id=IntentId("i")).ref == "x"
