"""`bot flatten`: see the exact orders, agree to just these, follow them to the end [C-403]."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from bot.control.port import Act, Acted, Flatten
from bot.control.view import ModeWord
from tests.bot.control.fake_engine import (
    PLAN,
    POSITIONS,
    FakeEngine,
    a_cause,
    a_closing,
    a_status,
    a_view,
)
from tests.commands.house import lived_in, ran, typed_at

pytestmark = [pytest.mark.trio, pytest.mark.rule("C-403")]

HASH = PLAN.hash
EMPTY = msgspec.structs.replace(PLAN, exits=())
CLOSING = tuple(msgspec.structs.replace(row, closing=a_closing()) for row in POSITIONS[:1])


class Closing(FakeEngine):
    """An engine that takes a flatten; `then` is what it does after so many looks at it."""

    def __init__(self, *, looks: int, then: Callable[["Closing"], None]) -> None:
        super().__init__(a_view(a_status(mode=ModeWord.KILL, causes=(a_cause("LOSS_DAY"),))))
        self.left, self.then = looks, then

    async def act(self, act: Act, /) -> Acted:
        acted = await super().act(act)
        self.published = msgspec.structs.replace(self.published, positions=CLOSING)
        return acted

    def view(self) -> object:
        if self.acts and self.left >= 0:
            self.left -= 1
            if self.left < 0:
                self.then(self)
        return self.published


def ends_flat(engine: Closing) -> None:
    engine.plan = EMPTY
    engine.published = msgspec.structs.replace(engine.published, positions=())


def gives_up(engine: Closing) -> None:
    engine.published = msgspec.structs.replace(engine.published, positions=POSITIONS[:1])


def never(_engine: Closing) -> None: ...


def loses_the_venue(engine: Closing) -> None:
    engine.publish(causes=(a_cause("RECONNECTING", text="the line to the venue is down"),))


async def test_a_plan_shows_each_order_with_its_limits_cost_and_hash(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with lived_in(tmp_path, engine):
        shown = await ran("flatten", "--plan", home=tmp_path)
        document = await ran("flatten", "--plan", "--json", home=tmp_path)
    assert shown.code == document.code == 0, shown.err
    lines = shown.out.splitlines()
    assert lines[1].split() == [
        *("BTC-27NOV26-93500-P", "buy", "0.5", "0.0060", "0.0070", "0.0058", "0.0006", "BTC")
    ]
    assert lines[2].split() == ["BTC-PERPETUAL", "buy", "9000", "-", "-", "-", "-", "BTC"]
    assert lines[3] == "BTC-PERPETUAL: no order would go out now: no price is known"
    assert f"plan {HASH} at 11:25:19 UTC" in lines
    assert all(len(line) <= 80 for line in lines)
    assert document.json["schema"] == "bot.flatten-plan/1"
    assert document.json["hash"] == HASH
    assert document.json["exits"][0]["prices"] == ["0.0060", "0.0065", "0.0070"]
    assert document.json["figures"] == {"exits": 2, "refused": 1}
    assert engine.acts == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--plan shows the exact orders and their hash; --go sends them."),
        (("--plan", "--go"), "only one"),
        (("--go",), "bot flatten --go --confirm HASH"),
        (("--go", "--confirm", "FLATTEN"), "It must be the hash of the plan."),
        (("--go", "--yes"), "--yes has no meaning"),
        (("--plan", "--confirm", HASH), "--confirm has no meaning"),
    ],
)
async def test_a_slip_is_a_usage_error_and_sends_nothing(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    engine = FakeEngine()
    async with lived_in(tmp_path, engine):
        shown = await ran("flatten", *words, home=tmp_path)
    assert shown.code == 2
    assert said in shown.err.replace("\n", " ")
    assert engine.acts == []


async def test_at_a_terminal_the_plan_is_shown_and_the_word_is_typed(tmp_path: Path) -> None:
    engine = Closing(looks=3, then=ends_flat)
    async with lived_in(tmp_path, engine):
        shown = await typed_at("flatten", "--go", home=tmp_path, typed="FLATTEN\n")
    assert shown.code == 0, shown.err
    assert f"plan {HASH}" in shown.err
    assert "closing: buy 0.2 of BTC-27NOV26-93500-P, step 3, asked by owner" in shown.err
    assert shown.out == "Flat: nothing is held any more.\n"
    [act] = engine.acts
    assert isinstance(act, Flatten)
    assert (act.plan, act.reason) == (HASH, "bot flatten --go")


@pytest.mark.parametrize("typed", ["flatten\n", "y\n", "\n"])
async def test_another_word_sends_nothing(tmp_path: Path, typed: str) -> None:
    engine = FakeEngine()
    async with lived_in(tmp_path, engine):
        shown = await typed_at("flatten", "--go", home=tmp_path, typed=typed)
    assert shown.code == 1
    assert engine.acts == []


async def test_off_a_terminal_the_hash_is_the_consent(tmp_path: Path) -> None:
    engine = Closing(looks=3, then=ends_flat)
    words = ("flatten", "--go", "--confirm", HASH, "--reason", "news", "--as", "ann", "--json")
    async with lived_in(tmp_path, engine):
        done = await ran(*words, home=tmp_path)
    assert done.code == 0, done.out
    assert done.json["schema"] == "bot.flatten/1"
    assert (done.json["passed"], done.json["plan"], done.json["left"]) == (True, HASH, [])
    assert done.json["figures"] == {"exits": 2, "positions_left": 0}
    assert done.json["record_seq"] == 88_413
    assert (engine.acts[0].by, engine.acts[0].reason) == ("ann", "news")


async def test_another_hash_is_changed_with_4_and_sends_nothing(tmp_path: Path) -> None:
    async with lived_in(tmp_path, FakeEngine()):
        done = await ran("flatten", "--go", "--confirm", "f" * 12, "--json", home=tmp_path)
    assert done.code == 4
    assert (done.json["code"], done.json["details"]) == ("CHANGED", {"plan": HASH})


@pytest.mark.parametrize(
    ("looks", "then", "wait"), [(1, gives_up, "30"), (9_999, never, "0.3"), (9_999, never, "0")]
)
async def test_something_left_is_1_and_named(
    tmp_path: Path, looks: int, then: Callable[[Closing], None], wait: str
) -> None:
    engine = Closing(looks=looks, then=then)
    async with lived_in(tmp_path, engine):
        shown = await ran("flatten", "--go", "--confirm", HASH, "--wait", wait, home=tmp_path)
    assert shown.code == 1
    assert "left: buy 0.5 of BTC-27NOV26-93500-P" in shown.out
    assert "left: buy 9000 of BTC-PERPETUAL: no order would go out now" in shown.out


async def test_a_venue_that_is_not_reached_is_7(tmp_path: Path) -> None:
    engine = Closing(looks=0, then=loses_the_venue)
    words = ("flatten", "--go", "--confirm", HASH, "--wait", "0.3", "--json")
    async with lived_in(tmp_path, engine):
        done = await ran(*words, home=tmp_path)
    assert done.code == 7
    assert done.json["code"] == "VENUE"
    assert len(engine.acts) == 1


async def test_nothing_held_is_already_flat(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.plan = EMPTY
    async with lived_in(tmp_path, engine):
        shown = await ran("flatten", "--go", "--confirm", HASH, home=tmp_path)
    assert shown.code == 0
    assert shown.out.startswith("Nothing is held")
    assert engine.acts == []


async def test_an_engine_that_goes_away_meanwhile_is_3_and_says_what_may_have_gone(
    tmp_path: Path,
) -> None:
    engine = Closing(looks=1, then=never)
    async with lived_in(tmp_path, engine) as serving:
        engine.then = lambda _engine: serving.cancel()
        shown = await ran("flatten", "--go", "--confirm", HASH, home=tmp_path)
    assert shown.code == 3
    assert "The flatten was taken" in shown.err
    assert "Nothing was changed" not in shown.err


@pytest.mark.rule("C-602")
async def test_status_and_positions_show_each_closing(tmp_path: Path) -> None:
    engine = FakeEngine(a_view(positions=CLOSING))
    line = "closing: buy 0.2 of BTC-27NOV26-93500-P, step 3, asked by owner"
    async with lived_in(tmp_path, engine):
        assert line in (await ran("status", home=tmp_path)).out.splitlines()
        assert line in (await ran("positions", home=tmp_path)).out.splitlines()
        [row] = (await ran("positions", "--json", home=tmp_path)).json["positions"]
    assert row["closing"]["step"] == 3
