import json
import stat
from pathlib import Path

import pytest

from bot.core.record import Anomaly
from bot.domain.ids import AccountId
from ledger.errors import InTheWay, LedgerAbsent, LedgerCorrupt
from ledger.export import export, shortened
from tests.ledger.making import ACCOUNT, fill, intent, note, opened, written
from tests.ledger.tampering import tamper


@pytest.mark.rule("C-211")
def test_every_record_is_a_line_and_the_account_is_in_none(tmp_path: Path) -> None:
    said = Anomaly(code="SAID", detail=f"the venue says {ACCOUNT} is busy", at_ms=1)
    with opened(tmp_path / "home") as ledger:
        ledger.commit([intent(1), fill(2), written(said, 3)])
        done = export(tmp_path / "home", to=tmp_path / "out.jsonl")
        assert (done.records, done.head) == (3, ledger.head)
    text = (tmp_path / "out.jsonl").read_text()
    assert ACCOUNT not in text
    head, *lines = [json.loads(line) for line in text.splitlines()]
    assert (head["schema"], head["account"]) == ("bot.ledger-lines/1", "su…-7")
    assert [line["kind"] for line in lines] == ["intent", "fill", "anomaly"]
    assert lines[-1]["hash"] == done.head.hash
    assert lines[0]["record"]["intent"]["owner"]["account"] == "su…-7"
    assert lines[1]["record"]["fill"]["price"] == "60000.5"  # money stays a text
    assert lines[2]["record"]["detail"] == "the venue says su…-7 is busy"
    assert stat.S_IMODE((tmp_path / "out.jsonl").stat().st_mode) == 0o600


def test_a_rehearsal_counts_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(LedgerAbsent):
        export(tmp_path, to=tmp_path / "out")
    with opened(tmp_path / "home") as ledger:
        ledger.commit([note(1)])
    told: list[tuple[int, int]] = []
    rehearsed = export(
        tmp_path / "home",
        to=tmp_path / "out",
        is_rehearsal=True,
        progress=lambda done, of: told.append((done, of)),
    )
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    assert export(tmp_path / "home", to=tmp_path / "out") == rehearsed
    assert (tmp_path / "out").stat().st_size == rehearsed.bytes
    assert told == [(1, 1)]
    with pytest.raises(InTheWay):
        export(tmp_path / "home", to=tmp_path / "out")


@pytest.mark.rule("C-203")
def test_a_record_that_is_not_what_was_written_ends_it_without_a_file(tmp_path: Path) -> None:
    with opened(tmp_path / "home") as ledger:
        ledger.commit([note(1), note(2)])
    tamper(tmp_path / "home", "UPDATE journal SET run_id = 'x' WHERE seq = 2")
    with pytest.raises(LedgerCorrupt, match="record 2"):
        export(tmp_path / "home", to=tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


@pytest.mark.parametrize(
    ("account", "short"), [("12345", "12…45"), ("1234", "…"), ("1", "…"), ("subaccount-7", "su…-7")]
)
def test_an_account_is_shortened(account: str, short: str) -> None:
    assert shortened(AccountId(account)) == short
