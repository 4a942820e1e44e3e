import copy
import pickle
import re
from pathlib import Path

import pytest

from bot.domain.ids import IntentId, Label
from ledger.ledger import Ledger
from ledger.recorded import Recorded
from tests.ledger.making import intent, note, opened

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def permit(tmp_path: Path) -> Recorded:
    with opened(tmp_path) as ledger:
        return ledger.commit([intent(1)]).recorded[0]


@pytest.mark.rule("C-201")
def test_a_commit_makes_one_permit_for_each_intent_and_for_nothing_else(tmp_path: Path) -> None:
    first, second = intent(1), intent(2)
    with opened(tmp_path) as ledger:
        committed = ledger.commit([note(0), first, second])
    assert [(each.intent_id, each.label, each.seq) for each in committed.recorded] == [
        (first.intent_id, first.ref, 2),
        (second.intent_id, second.ref, 3),
    ]
    assert committed.recorded[1].hash == committed.head.hash


@pytest.mark.rule("C-201")
@pytest.mark.parametrize("proof", [None, object(), True, "proof", Ledger])
def test_nobody_else_makes_a_permit(proof: object) -> None:
    with pytest.raises(TypeError, match="only a completed commit"):
        Recorded(proof, intent_id=IntentId("i"), label=Label("l"), seq=1, hash_="h")


@pytest.mark.rule("C-207")
def test_a_permit_is_neither_copied_stored_nor_changed(permit: Recorded) -> None:
    for trial in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            trial(permit)
    with pytest.raises(TypeError):
        permit.label = Label("another")
    with pytest.raises(TypeError):
        del permit.label


@pytest.mark.rule("C-201")
def test_a_permit_made_around_the_constructor_is_empty() -> None:
    with pytest.raises(AttributeError):
        _ = object.__new__(Recorded).label


@pytest.mark.rule("C-201")
def test_only_the_ledger_imports_the_proof() -> None:
    named = {
        str(path.relative_to(ROOT))
        for package in ("bot", "cockpit", "commands", "drills", "ledger")
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"_ONLY_THE_LEDGER", path.read_text())
    }
    assert named == {"ledger/ledger.py", "ledger/recorded.py", "ledger/reserve.py"}
