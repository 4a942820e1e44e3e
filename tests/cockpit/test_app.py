"""The whole cockpit, driven by keys, against the real socket."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.control.ending import NeverStarted
from bot.control.errors import Exit, UserError
from bot.control.port import SetMode
from bot.control.view import ModeWord
from bot.domain.mode import Environment, Mode
from cockpit.app import Cockpit
from cockpit.start import Wish, cockpit_of, open_cockpit
from tests.bot.control.fake_engine import FakeEngine, a_cause, an_event
from tests.cockpit.beside import Beside

SIZE = (80, 24)


def a_cockpit(beside: Beside, **wish: object) -> Cockpit:
    return cockpit_of(Wish(place=beside.place, ending=NeverStarted(home="~/bot"), hz=10, **wish))


async def until(is_so: Callable[[], bool], *, pilot, within_s: float = 10) -> None:
    """Wait for the screen: it follows a real socket, so real time passes."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while not is_so():
        assert loop.time() < deadline, "\n".join(pilot.app.picture().lines)
        await pilot.pause(0.02)


def drive(app: Cockpit, steps: Callable[..., Awaitable[None]], size: tuple = SIZE) -> None:
    async def main() -> None:
        async with app.run_test(size=size) as pilot:
            await steps(pilot)
            app.exit(None)
            await pilot.pause()

    asyncio.run(main())


def text_of(app: Cockpit) -> str:
    return "\n".join(app.picture().lines)


async def synced(pilot) -> None:
    await until(lambda: pilot.app.model.is_live and pilot.app.model.events, pilot=pilot)
    await pilot.pause(0.5)  # the guard of a dialog counts from its opening, not from here


@pytest.mark.rule("C-602")
def test_banner_is_the_engines_three_lines_on_every_screen(tmp_path: Path) -> None:
    engine = FakeEngine()
    with Beside(tmp_path, engine) as beside:
        app = a_cockpit(beside)

        async def steps(pilot) -> None:
            await synced(pilot)
            for key in ("w", "p", "o", "e", "question_mark", "R", "K"):
                await pilot.press(key)
                await pilot.pause(0.35)
                lines = [line.strip() for line in app.picture().lines[:3]]
                assert tuple(lines) == engine.view().status.lines
                assert len(app.picture().lines) == 24
                assert all(len(line) == 80 for line in app.picture().lines)
                if key == "R":
                    await pilot.press("escape")

        drive(app, steps)


def test_screens_show_what_the_engine_publishes(tmp_path: Path) -> None:
    engine = FakeEngine()
    with Beside(tmp_path, engine) as beside:
        app = a_cockpit(beside)

        async def steps(pilot) -> None:
            await synced(pilot)
            shown = text_of(app)
            assert "BTC-27NOV26-93500-P" in shown
            assert "live 10 Hz" in shown
            assert "2 live · 0 unknown · 0 foreign" in shown
            await pilot.press("o")
            await pilot.pause()
            assert "…77c2" in text_of(app)
            await pilot.press("u")
            await pilot.pause()
            assert "…a41f" not in text_of(app)
            await pilot.press("e")
            engine.log(an_event(6, kind="fill", text="a41f 0.1 @ 0.0415"))
            await until(lambda: "a41f 0.1 @ 0.0415" in text_of(app), pilot=pilot)
            await pilot.press(*"/kind:fill")
            await until(lambda: "recorded" not in text_of(app), pilot=pilot)
            assert "a41f 0.1 @ 0.0415" in text_of(app)
            await pilot.press("enter", "escape")
            await until(lambda: "recorded" in text_of(app), pilot=pilot)

        drive(app, steps)


def test_r_then_y_reduces_and_enter_or_a_quick_key_does_not(tmp_path: Path) -> None:
    engine = FakeEngine()
    with Beside(tmp_path, engine) as beside:
        app = a_cockpit(beside, by="ann")

        async def steps(pilot) -> None:
            await synced(pilot)
            await pilot.press("R", "y")  # y within the guard
            await pilot.pause(0.4)
            assert engine.acts == []
            await pilot.press("enter", "R", "R", "space")
            await pilot.pause(0.1)
            assert engine.acts == []
            assert "Press y to do it" in text_of(app)
            await pilot.press("y")
            await until(lambda: app.model.mode is ModeWord.REDUCE_ONLY, pilot=pilot)
            assert app.picture().lines[0].strip().startswith("▲ REDUCE ONLY")

        drive(app, steps)
    [act] = engine.acts
    assert isinstance(act, SetMode)
    assert (act.mode, act.by) == (Mode.REDUCE_ONLY, "ann")
    assert uuid.UUID(act.request_id)


def test_k_needs_the_whole_word_and_enter(tmp_path: Path) -> None:
    engine = FakeEngine()
    with Beside(tmp_path, engine) as beside:
        app = a_cockpit(beside)

        async def steps(pilot) -> None:
            await synced(pilot)
            await pilot.press("K", "K", "I", "L", "L", "enter")  # all within the guard
            await pilot.pause(0.4)
            assert engine.acts == []
            await pilot.press("K", "I", "L", "enter")
            assert engine.acts == []
            await pilot.press("L", "enter", "enter")
            await until(lambda: app.model.mode is ModeWord.KILL, pilot=pilot)

        drive(app, steps)
    assert [act.mode for act in engine.acts] == [Mode.KILL]


def test_typed_text_never_reaches_the_next_dialog(tmp_path: Path) -> None:
    engine = FakeEngine()
    with Beside(tmp_path, engine) as beside:
        app = a_cockpit(beside)

        async def steps(pilot) -> None:
            await synced(pilot)
            await pilot.press("K")
            await pilot.pause(0.35)
            await pilot.press("K", "I", "L", "escape", "K", "L", "enter")
            await pilot.pause(0.35)
            assert "K I L" not in text_of(app)
            await pilot.press("L", "enter")
            await pilot.pause(0.1)

        drive(app, steps)
    assert engine.acts == []


def test_lost_engine_is_seen_and_found_again(tmp_path: Path) -> None:
    engine = FakeEngine()
    beside = Beside(tmp_path, engine)
    app = a_cockpit(beside)

    async def steps(pilot) -> None:
        await until(lambda: "NEVER STARTED" in text_of(app), pilot=pilot)
        beside.__enter__()
        await synced(pilot)
        beside.__exit__()
        await until(lambda: "NOT CONNECTED" in text_of(app), pilot=pilot, within_s=2.5)
        shown = text_of(app)
        assert "░ BTC-27NOV26-93500-P" in shown
        assert "Nothing below is live" in shown
        await pilot.press("K")
        await pilot.pause(0.35)
        assert "bot mode kill" in text_of(app)
        await pilot.press("y", "K", "I", "L", "L", "enter", "escape")
        with beside:
            await pilot.press("r")
            await until(lambda: app.model.is_live, pilot=pilot)
            assert "NOT CONNECTED" not in text_of(app)
        assert engine.acts == []

    drive(app, steps)


def test_silent_engine_is_not_connected_within_two_seconds(tmp_path: Path) -> None:
    engine = FakeEngine()

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = (
            b'{"hello":{"protocol":1,"protocols":[1],"run_id":"r","build_id":"b",'
            b'"contract_version":"c","environment":"DEV","pid":1,"now":"2026-11-25T11:31:07.204Z"}}'
        )
        writer.write(hello + b"\n")
        await reader.read()  # until the cockpit gives up
        writer.close()

    async def main() -> None:
        beside = Beside(tmp_path, engine)
        beside.place.path.parent.mkdir()
        server = await asyncio.start_unix_server(deaf, str(beside.place.path))
        app = a_cockpit(beside)
        async with app.run_test(size=SIZE) as pilot:
            await until(lambda: app.model.is_connected, pilot=pilot)
            await until(lambda: not app.model.is_connected, pilot=pilot, within_s=2.5)
            app.exit(None)
            await pilot.pause()
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0)

    asyncio.run(main())


def test_reader_sees_no_act_and_can_do_none(tmp_path: Path) -> None:
    engine = FakeEngine()
    with Beside(tmp_path, engine) as beside:
        app = a_cockpit(beside, is_read_only=True)

        async def steps(pilot) -> None:
            await synced(pilot)
            for key in ("w", "question_mark"):
                await pilot.press(key)
                await pilot.pause()
                assert "reduce" not in "\n".join(app.picture().lines[4:]).lower()
                assert "K kill" not in text_of(app)
            await pilot.press("R", "K")
            await pilot.pause(0.35)
            assert app.model.dialog is None
            await pilot.press("y", "K", "I", "L", "L", "enter")
            await pilot.pause(0.1)

        drive(app, steps)
    assert engine.acts == []


def test_refusal_is_shown_under_the_banner(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.fail = UserError(
        "LEDGER", exit=Exit.LEDGER, what="Not done: disk full.", why="", next=""
    )
    with Beside(tmp_path, engine) as beside:
        app = a_cockpit(beside)

        async def steps(pilot) -> None:
            await synced(pilot)
            await pilot.press("R")
            await pilot.pause(0.35)
            await pilot.press("y")
            await until(lambda: "Not done: disk full." in text_of(app), pilot=pilot)
            assert app.picture().lines[0].strip() == engine.view().status.lines[0]

        drive(app, steps)


def test_flood_and_resizes_never_break_the_screen(tmp_path: Path) -> None:
    engine = FakeEngine()
    with Beside(tmp_path, engine) as beside:
        app = a_cockpit(beside)

        async def steps(pilot) -> None:
            await synced(pilot)
            for round_ in range(12):
                rows = [an_event(1000 * round_ + n + 10, text="flood") for n in range(900)]
                engine.log(*rows)
                engine.publish(causes=(a_cause(f"CODE_{round_}"),), mode=ModeWord.KILL)
                await pilot.resize_terminal(20 + 15 * round_, 3 + 4 * round_)
                await pilot.press("e", "p", "o", "w")
                assert len(app.picture().lines) == 3 + 4 * round_
            await until(lambda: "CODE_11" in text_of(app), pilot=pilot)

        drive(app, steps)


def test_engine_of_another_environment_ends_the_screen(tmp_path: Path) -> None:
    with Beside(tmp_path, FakeEngine()) as beside:
        app = a_cockpit(beside, environment=Environment.DEV)

        async def main() -> UserError | None:
            async with app.run_test(size=SIZE) as pilot:
                await until(lambda: app.return_value is not None, pilot=pilot)
            return app.return_value

        error = asyncio.run(main())
    assert error is not None
    assert error.exit is Exit.UNSAFE_START


def test_snapshot_writes_each_screen_as_text_and_svg(tmp_path: Path) -> None:
    engine = FakeEngine()
    folder = tmp_path / "pictures"
    with Beside(tmp_path, engine) as beside:
        wish = Wish(place=beside.place, ending=NeverStarted(home="~"), hz=10, snapshot=folder)
        open_cockpit(wish)
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 2 * 2 * 5
    text = (folder / "watch-80x24.txt").read_text()
    assert text.splitlines()[0].strip() == engine.view().status.lines[0]
    assert (folder / "watch-160x48.svg").read_text().startswith("<svg")


def test_unknown_screen_names_the_nearest(tmp_path: Path) -> None:
    wish = Wish(place=Beside(tmp_path, FakeEngine()).place, ending=NeverStarted(home="~"))
    with pytest.raises(UserError) as caught:
        cockpit_of(Wish(place=wish.place, ending=wish.ending, screen="order"))
    assert "orders" in caught.value.body.next


def test_no_colour_means_no_colour_codes(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    with Beside(tmp_path, FakeEngine()) as beside:
        app = a_cockpit(beside, has_color=False)

        async def steps(pilot) -> None:
            await synced(pilot)
            strips = app.screen._compositor.render_strips()
            for strip in strips:
                for segment in strip:
                    style = segment.style
                    assert style is None or style.color is None or style.color.is_default
                    assert style is None or style.bgcolor is None or style.bgcolor.is_default

        drive(app, steps)
