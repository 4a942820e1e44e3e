"""A ledger made older is a whole one of the schema before."""

from pathlib import Path

import pytest

from bot.domain.ids import AccountId, RunId
from bot.domain.mode import Environment
from drills.crash.older import make_older
from ledger.errors import LedgerOlder
from ledger.migrate import migrate
from ledger.open import open_ledger


def open_again(home: Path, *, create: bool) -> None:
    """Open the ledger as an engine does, and let it go."""
    open_ledger(
        home,
        environment=Environment.DEV,
        account=AccountId("main"),
        run_id=RunId("r"),
        now_ms=1,
        create=create,
    ).close()


@pytest.mark.rule("C-211")
def test_an_older_ledger_is_refused_and_migrates_back(tmp_path: Path) -> None:
    open_again(tmp_path, create=True)
    make_older(tmp_path)
    with pytest.raises(LedgerOlder):
        open_again(tmp_path, create=False)
    done = migrate(tmp_path, run_id=RunId("m"), now_ms=1, is_rehearsal=False)
    assert (done.was, done.now) == (1, 2)
    open_again(tmp_path, create=False)
