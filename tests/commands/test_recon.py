"""`bot recon prove`: compare now and say so, or tell what the ledger last proved."""

from pathlib import Path

import pytest

from bot.control.port import Act, Acted, ReconRun
from bot.control.view import Reconcile
from tests.bot.control.fake_engine import FakeEngine, a_status, a_view
from tests.bot.control.told import filled_call
from tests.commands.house import command, lived_in, ran
from tests.commands.kept import keep

BEFORE = Reconcile(number=511, at="2026-11-25T11:25:01.000Z", passed=True, difference="0")
AFTER = Reconcile(number=512, at="2026-11-25T11:59:01.000Z", passed=True, difference="0")
OFF = "BTC-PERPETUAL ours -9000 venue -8990"


class Comparing(FakeEngine):
    """An engine whose next comparison ends as told."""

    def __init__(self, ends: Reconcile) -> None:
        super().__init__(a_view(a_status(reconcile=BEFORE), fills=()))
        self.ends = ends

    async def act(self, act: Act, /) -> Acted:
        acted = await super().act(act)
        assert isinstance(act, ReconRun)
        self.publish(at="2026-11-25T12:00:00.000Z", reconcile=self.ends)
        return acted


@pytest.mark.rule("C-502")
@pytest.mark.trio
async def test_a_comparison_is_run_and_its_proof_is_shown(tmp_path: Path) -> None:
    engine = Comparing(AFTER)
    async with lived_in(tmp_path, engine):
        proven = await ran("recon", "prove", "--json", home=tmp_path)
        text = await ran("recon", "prove", "--timeout", "0.1", home=tmp_path)
    assert proven.code == 0, proven.err
    assert proven.json["schema"] == "bot.recon-prove/1"
    assert proven.json["proof"]["number"] == 512
    assert proven.json["proof"]["rows"][1] == {
        "instrument": "BTC-PERPETUAL",
        "ours": "-9000",
        "venue": "-9000",
        "difference": "0",
    }
    assert len(engine.acts) == 2
    # The second comparison never ended: the last proof is shown, and proves nothing now.
    assert text.code == 1
    assert "NOT PROVEN: no comparison ended" in text.out


@pytest.mark.rule("C-502")
@pytest.mark.trio
async def test_a_difference_ends_with_1_and_shows_both_counts(tmp_path: Path) -> None:
    at = BEFORE.at
    engine = Comparing(Reconcile(number=513, at=at, passed=False, difference=OFF))
    async with lived_in(tmp_path, engine):
        differs = await ran("recon", "prove", home=tmp_path)
    assert differs.code == 1
    (row,) = [line for line in differs.out.splitlines() if line.startswith("BTC-PERPETUAL")]
    assert row.split() == ["BTC-PERPETUAL", "-9000", "-8990", "-10"]


@pytest.mark.rule("C-502")
def test_the_ledger_of_an_engine_that_is_down_tells_its_last_proof(tmp_path: Path) -> None:
    assert command("recon", "prove", home=tmp_path).code == 3
    keep(filled_call(), tmp_path)
    told = command("recon", "prove", "--json", home=tmp_path)
    assert told.code == 1
    assert told.json["passed"] is False
    assert "after the comparison" in told.json["proof"]["why"]
    assert "ledger" in command("recon", "prove", home=tmp_path).err
