"""The cancel loop of the watchdog: the venue's own list decides when it is done [C-305]."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trio

from bot.watchdog.diary import Diary
from bot.watchdog.take_off import take_off
from tests.bot.watchdog.scripted_venue import LIST, Venue, hands, served, wire_order

pytestmark = [pytest.mark.trio, pytest.mark.rule("C-505"), pytest.mark.rule("C-305")]


@pytest.fixture
def diary(tmp_path: Path) -> Iterator[Diary]:
    (tmp_path / "run").mkdir()
    kept = Diary(tmp_path, show=lambda _: None)
    yield kept
    kept.close()


async def acted(
    venue: Venue, folder: Path, diary: Diary, *, until: int, log: list[str] | None = None
) -> int:
    """Let it work until the venue was asked for its list so often; return the steps it took."""

    def on_act() -> None:
        if log is not None:
            log.append(f"before {len(venue.cancels)} cancels")

    with trio.fail_after(20):
        async with served(venue, folder) as endpoint:
            return await take_off(
                hands(endpoint),
                diary=diary,
                is_dead=lambda: venue.asked.count(LIST) < until,
                on_act=on_act,
            )


async def test_what_could_add_risk_comes_off_and_exits_stay(tmp_path: Path, diary: Diary) -> None:
    venue = Venue(wire_order("a"), wire_order("b"), wire_order("exit", reduce_only=True))
    log: list[str] = []
    assert await acted(venue, tmp_path, diary, until=2, log=log) == 2
    assert list(venue.orders) == ["exit"]
    assert sorted(venue.cancels) == ["cancel", "cancel"]
    assert log == ["before 0 cancels"], "it is remembered before the first byte leaves"


async def test_nothing_is_sent_when_nothing_rests(tmp_path: Path, diary: Diary) -> None:
    venue = Venue(wire_order("exit", reduce_only=True))
    log: list[str] = []
    assert await acted(venue, tmp_path, diary, until=3, log=log) == 0
    assert venue.cancels == []
    assert log == []


async def test_an_order_that_filled_meanwhile_is_no_failure(tmp_path: Path, diary: Diary) -> None:
    venue = Venue(wire_order("a"))
    shown = [[wire_order("a"), wire_order("filled")], []]
    venue.answers[LIST] = lambda _: shown.pop(0)
    assert await acted(venue, tmp_path, diary, until=2) == 2


async def test_cancels_that_do_not_help_become_blunter(tmp_path: Path, diary: Diary) -> None:
    venue = Venue(wire_order("a"))
    venue.answers["private/cancel"] = lambda _: 11044  # says that it is gone; the list says not
    venue.answers["private/cancel_by_label"] = lambda _: 0
    await acted(venue, tmp_path, diary, until=5)
    assert venue.cancels == ["cancel", "cancel", "cancel_by_label", "cancel_all_by_currency"]
    assert venue.orders == {}


async def test_a_list_that_cannot_be_read_is_never_an_empty_one(
    tmp_path: Path, diary: Diary
) -> None:
    venue = Venue(wire_order("a"), wire_order("exit", reduce_only=True))
    venue.answers[LIST] = lambda _: 11094
    await acted(venue, tmp_path, diary, until=1)
    assert venue.cancels == ["cancel_all_by_currency"]
    assert venue.orders == {}


async def test_a_list_that_never_comes_is_not_waited_for_longer_than_there_is_time(
    tmp_path: Path, diary: Diary
) -> None:
    venue = Venue(wire_order("a"))
    venue.answers[LIST] = lambda _: None
    began = trio.current_time()
    await acted(venue, tmp_path, diary, until=1)
    assert venue.cancels == ["cancel_all_by_currency"]
    # 6 s have passed before it begins: with these it is within 10 s.
    assert trio.current_time() - began < 4.0


async def test_without_an_address_it_goes_on_trying(tmp_path: Path, diary: Diary) -> None:
    tries = 3

    def is_dead() -> bool:
        nonlocal tries
        tries -= 1
        return tries >= 0

    with trio.fail_after(20):
        done = await take_off(
            hands(tmp_path / "nowhere.json"), diary=diary, is_dead=is_dead, on_act=lambda: None
        )
    assert done == 0
    diary.close()
    assert (tmp_path / "watchdog.jsonl").read_text().count('"round"') == 1, "one line for all"
