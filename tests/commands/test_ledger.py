"""`bot ledger`: real ledgers, the real command, its documents and exit codes."""

import gzip
import json
from pathlib import Path

import pytest

from bot.control.errors import Exit
from bot.domain.order import Role
from ledger.connection import DATABASE_NAME
from ledger.errors import LedgerUnwritable
from tests.commands.house import at_terminal, command
from tests.ledger.faulty import FaultyFiles, full
from tests.ledger.making import fill, intent, note, opened
from tests.ledger.tampering import tamper

VERBS = ("verify", "inspect", "export", "backup", "restore", "rebuild", "migrate")
OLD = Path(__file__).resolve().parents[1] / "ledger" / "v1.db.gz"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with opened(tmp_path / "home") as ledger:
        ledger.commit([intent(1), fill(2), note(3)])
    return tmp_path / "home"


@pytest.mark.rule("C-211")
def test_a_good_ledger_verifies_and_says_what_it_holds(home: Path) -> None:
    ran = command("ledger", "verify", "--full", "--json", home=home)
    assert ran.code == 0, ran.out
    assert ran.json["schema"] == "bot.ledger-verify/1"
    assert ran.json["passed"] is True
    assert ran.json["figures"] == {
        "records": 3,
        "bodies": 2,
        "snapshots": 1,
        "faults": 0,
        "reserve_records_waiting": 0,
    }
    assert command("ledger", "verify", home=home).out == (
        "good: 3 records up to 3, 2 bodies, 1 snapshots\n"
    )
    part = command("ledger", "verify", "--from-seq", "3", "--json", home=home)
    assert part.json["figures"]["records"] == 1


@pytest.mark.rule("C-210")
def test_a_damaged_ledger_fails_with_each_fault_named(home: Path) -> None:
    tamper(home, "UPDATE journal SET run_id = 'x' WHERE seq = 2")
    ran = command("ledger", "verify", "--json", home=home)
    assert ran.code == Exit.FAILED
    assert ran.json["passed"] is False
    assert ran.json["results"][0]["name"] == "record 2"
    shown = command("ledger", "verify", home=home)
    assert shown.out.splitlines()[0] == "record 2: its content is not what its hash says"
    for verb in (("backup", "--out", str(home / "copy.db")), ("rebuild",)):
        refused = command("ledger", *verb, "--json", home=home)
        assert refused.code == Exit.LEDGER
        assert refused.json["code"] == "LEDGER_CORRUPT"


@pytest.mark.rule("C-212")
def test_what_waits_in_the_reserve_is_told(tmp_path: Path) -> None:
    files = FaultyFiles()
    ledger = opened(tmp_path, vfs=files.name)
    files.on_write = full
    with pytest.raises(LedgerUnwritable):
        ledger.commit([note(1)])
    ledger.reserve.commit([intent(2, role=Role.CLOSE), fill(3)])
    ran = command("ledger", "verify", "--json", home=tmp_path)
    assert ran.json["figures"]["reserve_records_waiting"] == 2
    assert "wait in the reserve" in command("ledger", "verify", home=tmp_path).out
    ledger.close()


@pytest.mark.rule("C-211")
def test_a_copy_is_made_and_put_back(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy.db"
    rehearsed = command("ledger", "backup", "--out", str(out), "--dry-run", "--json", home=home)
    assert (rehearsed.code, out.exists()) == (0, False)
    made = command("ledger", "backup", "--out", str(out), "--json", home=home)
    assert made.json["schema"] == "bot.ledger-backup/1"
    assert made.json["figures"] == {"records": 3, "size_bytes": out.stat().st_size}
    assert made.json["head"] == rehearsed.json["head"]
    again = command("ledger", "backup", "--out", str(out), home=home)
    assert again.code == Exit.USAGE
    assert "is there already" in " ".join(again.err.split())
    new = tmp_path / "new"
    put = command("ledger", "restore", str(out), "--json", home=new)
    assert put.json["schema"] == "bot.ledger-restore/1"
    assert put.json["head"] == made.json["head"]
    over = command("ledger", "restore", str(out), "--json", home=home)
    assert (over.code, over.json["code"]) == (Exit.LEDGER, "IN_THE_WAY")
    assert command("ledger", "verify", home=new).code == 0


@pytest.mark.rule("C-211")
def test_the_journal_leaves_as_lines_without_the_account(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "journal.jsonl"
    ran = command("ledger", "export", "--out", str(out), "--json", home=home)
    assert ran.json["schema"] == "bot.ledger-export/1"
    assert ran.json["figures"]["records"] == 3
    lines = out.read_text().splitlines()
    assert [json.loads(line)["seq"] for line in lines[1:]] == [1, 2, 3]
    assert "subaccount-7" not in out.read_text()


def test_a_question_in_sql_is_answered_and_a_change_is_refused(home: Path) -> None:
    sql = "SELECT seq, kind FROM journal ORDER BY seq"
    assert command("ledger", "inspect", sql, home=home).out == (
        "seq  kind\n1    intent\n2    fill\n3    anomaly\n"
    )
    ran = command("ledger", "inspect", sql, "-n", "2", "--json", home=home)
    assert ran.json["rows"] == [["1", "intent"], ["2", "fill"]]
    assert ran.json["is_cut"] is True
    refused = command("ledger", "inspect", "DELETE FROM snapshot", "--json", home=home)
    assert (refused.code, refused.json["code"]) == (Exit.USAGE, "QUERY")


@pytest.mark.rule("C-211")
def test_a_rebuild_compares_bytes_and_copies_first(home: Path) -> None:
    rehearsed = command("ledger", "rebuild", "--dry-run", "--json", home=home)
    assert (rehearsed.code, rehearsed.json["backup"]) == (0, None)
    ran = command("ledger", "rebuild", "--json", home=home)
    assert ran.json["schema"] == "bot.ledger-rebuild/1"
    assert ran.json["passed"] is True
    assert ran.json["before"] == ran.json["after"] == rehearsed.json["after"]
    assert Path(ran.json["backup"]).exists()


@pytest.mark.rule("C-211")
def test_an_old_ledger_is_migrated_by_this_command_and_no_other(tmp_path: Path) -> None:
    (tmp_path / DATABASE_NAME).write_bytes(gzip.decompress(OLD.read_bytes()))
    refused = command("ledger", "rebuild", "--json", home=tmp_path)
    assert (refused.code, refused.json["code"]) == (Exit.LEDGER, "LEDGER_OLDER")
    assert "bot ledger migrate" in refused.json["next"]
    rehearsed = command("ledger", "migrate", "--dry-run", "--json", home=tmp_path)
    assert rehearsed.json["figures"]["schema_was"] == 1
    ran = command("ledger", "migrate", "--json", home=tmp_path)
    assert ran.json["schema"] == "bot.ledger-migrate/1"
    assert ran.json["figures"]["records"] == 10
    assert Path(ran.json["backup"]).exists()
    assert "Nothing to do" in command("ledger", "migrate", home=tmp_path).out


@pytest.mark.rule("C-202")
def test_what_changes_a_ledger_is_refused_beside_an_engine_and_what_reads_is_not(
    home: Path, tmp_path: Path
) -> None:
    with opened(home):
        for verb in ("rebuild", "migrate"):
            ran = command("ledger", verb, "--json", home=home)
            assert (ran.code, ran.json["code"]) == (Exit.LEDGER, "LEDGER_HELD")
        assert command("ledger", "verify", home=home).code == 0
        assert command("ledger", "backup", "--out", str(tmp_path / "c.db"), home=home).code == 0
        assert command("ledger", "inspect", "SELECT 1", home=home).code == 0


@pytest.mark.parametrize("verb", VERBS)
def test_without_a_ledger_each_verb_says_so(verb: str, tmp_path: Path) -> None:
    words = {
        "inspect": ("SELECT 1",),
        "export": ("--out", str(tmp_path / "out")),
        "backup": ("--out", str(tmp_path / "out")),
        "restore": (str(tmp_path / "no.db"),),
    }.get(verb, ())
    ran = command("ledger", verb, *words, "--json", home=tmp_path / "none")
    assert (ran.code, ran.json["code"]) == (Exit.LEDGER, "LEDGER_ABSENT")
    assert not (tmp_path / "none").exists()


def test_nothing_but_data_is_on_stdout_and_no_bar_for_what_is_quick(home: Path) -> None:
    ran = at_terminal("ledger", "verify", home=home, typed="")
    assert ran.out.startswith("good: 3 records")
    assert ran.err == ""
