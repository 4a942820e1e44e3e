"""`bot recon foreign`: what is not ours is shown, and decided on as shown [C-509]."""

from pathlib import Path

import pytest

from bot.control.port import Classify
from bot.control.view import ForeignRow
from bot.domain.verdict import Verdict
from tests.bot.control.fake_engine import FakeEngine, a_status, a_view
from tests.commands.house import lived_in, ran

ROW = ForeignRow(
    subject="6641190322",
    kind="order",
    instrument="BTC-25DEC26-110000-C",
    amount="-1",
    price="0.021",
    text="sell 1 BTC-25DEC26-110000-C @ 0.021",
    verdict=None,
)


@pytest.mark.rule("C-509")
@pytest.mark.trio
async def test_strangers_are_listed_and_one_is_decided_on_as_it_was_shown(tmp_path: Path) -> None:
    engine = FakeEngine(a_view(a_status(foreign=(ROW,))))
    async with lived_in(tmp_path, engine):
        listed = await ran("recon", "foreign", "list", "--json", home=tmp_path)
        text = await ran("recon", "foreign", home=tmp_path)
        act = ("--reason", "mine", "--confirm", "paper")
        blind = await ran("recon", "foreign", "adopt", ROW.subject, *act, home=tmp_path)
        other = await ran("recon", "foreign", "adopt", "nobody", *act, home=tmp_path)
        seen = ("--expect", ROW.text)
        done = await ran("recon", "foreign", "adopt", ROW.subject, *seen, *act, home=tmp_path)
        close = ("recon", "foreign", "close", ROW.subject, *seen, "--reason", "not mine")
        unsure = await ran(*close, home=tmp_path)
        closed = await ran(*close, "--confirm", "close", home=tmp_path)
    assert listed.json["figures"] == {"foreign": 1, "undecided": 1}
    assert listed.json["foreign"][0]["text"] == ROW.text
    assert "not yet" in text.out
    assert (blind.code, other.code, unsure.code) == (2, 1, 2)
    assert ROW.text in blind.err
    assert (done.code, closed.code) == (0, 0), (done.err, closed.err)
    decided = [(a.verdict, a.expect, a.reason) for a in engine.acts if isinstance(a, Classify)]
    assert decided == [(Verdict.ADOPT, ROW.text, "mine"), (Verdict.CLOSE, ROW.text, "not mine")]


@pytest.mark.rule("C-509")
@pytest.mark.trio
async def test_a_list_of_nothing_says_so(tmp_path: Path) -> None:
    async with lived_in(tmp_path, FakeEngine(a_view(a_status()))):
        text = await ran("recon", "foreign", "list", home=tmp_path)
    assert text.out.strip() == "Nothing foreign."
