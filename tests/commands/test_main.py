"""Words, flags, exit codes: the whole command line, run as the shell runs it."""

import json
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import trio

from bot.control.errors import EXITS, Exit, UserError
from bot.control.port import Down, Rearm, ReconRun, SetMode
from bot.control.view import Latch, ModeWord
from bot.domain.mode import Environment, Mode
from commands.globals import session_of, split
from commands.groups import GROUPS, help_lines
from tests.bot.control.fake_engine import FakeEngine, a_cause, a_status, a_view, an_event
from tests.commands.house import ROOT, command, lived_in, ran, shown_at, typed_at

LIGHT = """
import sys
from commands.main import main
code = main(["status", "--json"])
heavy = {"typer", "rich", "numpy", "trio", "textual", "httpx", "h11", "pydantic", "structlog",
         "asyncio", "prometheus_client", "apsw", "sqlite3", "logging"}
print(sorted(heavy & {name.partition(".")[0] for name in sys.modules}))
sys.exit(code)
"""


@pytest.mark.trio
async def test_status_as_json_loads_nothing_heavy(tmp_path: Path) -> None:
    async with lived_in(tmp_path, FakeEngine()):
        done = await trio.run_process(
            [sys.executable, "-c", LIGHT],
            cwd=ROOT,
            env={"BOT_HOME": str(tmp_path), "PYTHONUTF8": "1"},
            capture_stdout=True,
            check=False,
        )
    document, modules = done.stdout.decode().splitlines()
    assert json.loads(document)["schema"] == "bot.status/1"
    assert modules == "[]"
    assert done.returncode == 0


def test_help_names_every_word_and_loads_nothing_heavy(tmp_path: Path) -> None:
    script = LIGHT.replace('["status", "--json"]', '["--help"]')
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    *text, modules = done.stdout.splitlines()
    assert modules == "[]"
    assert all(len(line) <= 80 for line in text)
    for word in GROUPS:
        assert any(line.strip().startswith(word) for line in text)


@pytest.mark.parametrize("word", [word for word in GROUPS if word != "run"])
def test_every_word_of_the_help_exists(word: str, tmp_path: Path) -> None:
    ran_ = command(word, "--help", home=tmp_path)
    assert ran_.code == 0, ran_.err
    assert "Usage: bot" in ran_.out


@pytest.mark.rule("C-602")
@pytest.mark.trio
async def test_status_shows_mode_reason_and_next_first(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with lived_in(tmp_path, engine):
        shown = await ran("status", home=tmp_path)
        assert shown.code == 0
        lines = shown.out.splitlines()
        assert tuple(lines[:3]) == engine.view().status.lines
        assert len(lines) <= 23
        assert all(len(line) <= 80 for line in lines)
        assert "\x1b" not in shown.out
        only = await ran("status", "--lines", home=tmp_path)
        assert only.out.splitlines() == list(engine.view().status.lines)
        plain = await ran("status", home=tmp_path, BOT_ASCII="1")
        assert plain.out.isascii()
        assert plain.out.startswith("[ACTIVE] ACTIVE  PAPER")


@pytest.mark.trio
async def test_status_is_answers_with_its_exit_code(tmp_path: Path) -> None:
    async with lived_in(tmp_path, FakeEngine()):
        assert (await ran("status", "--is", "ACTIVE", home=tmp_path)).code == 0
        assert (await ran("status", "--is", "reduce-only", home=tmp_path)).code == 1
        slip = await ran("status", "--is", "activ", home=tmp_path)
        assert slip.code == 2
        assert "--is ACTIVE" in slip.err


def test_status_without_an_engine_is_complete_and_exits_3(tmp_path: Path) -> None:
    shown = command("status", "--json", home=tmp_path)
    assert shown.code == 3
    assert shown.json["schema"] == "bot.status/1"
    assert shown.json["connected"] is False
    assert shown.json["mode"] == "UNKNOWN"
    assert shown.json["lines"][0].startswith("○ NEVER STARTED")
    assert command("status", home=tmp_path).out.splitlines()[0].startswith("○ NEVER STARTED")


def test_bot_alone_shows_three_lines_and_the_commands_of_the_day(tmp_path: Path) -> None:
    shown = command(home=tmp_path)
    lines = shown.out.splitlines()
    assert lines[0].startswith("○ NEVER STARTED")
    assert len([line for line in lines if line.startswith("  bot ")]) == 6


@pytest.mark.trio
async def test_health_is_0_or_1_or_3(tmp_path: Path) -> None:
    engine = FakeEngine()
    assert (await ran("health", home=tmp_path)).code == 3
    async with lived_in(tmp_path, engine):
        good = await ran("health", "--json", home=tmp_path)
        assert good.code == 0
        assert good.json["schema"] == "bot.health/1"
        assert good.json["passed"] is True
        assert good.json["contract_version"] == "2026-01-26"
        engine.publish(latch=Latch(open=False, proofs=()))
        assert (await ran("health", home=tmp_path)).code == 1
        quiet = await ran("-q", "health", home=tmp_path)
        assert (quiet.code, quiet.out, quiet.err) == (1, "", "")


@pytest.mark.trio
async def test_health_waits_for_ok(tmp_path: Path) -> None:
    engine = FakeEngine(a_view(a_status(latch=Latch(open=False, proofs=()))))
    async with lived_in(tmp_path, engine), trio.open_nursery() as nursery:

        async def open_soon() -> None:
            await trio.sleep(0.5)
            engine.publish(latch=Latch(open=True, proofs=()))

        nursery.start_soon(open_soon)
        assert (await ran("health", "--wait", "20", home=tmp_path)).code == 0


@pytest.mark.trio
@pytest.mark.parametrize("word", ["positions", "orders", "fills"])
async def test_tables_are_lines_or_one_document(tmp_path: Path, word: str) -> None:
    async with lived_in(tmp_path, FakeEngine()):
        lines = (await ran(word, home=tmp_path)).out.splitlines()
        assert len(lines) == 1 + {"positions": 2, "orders": 2, "fills": 1}[word]
        document = (await ran(word, "--json", home=tmp_path)).json
        assert document["schema"] == f"bot.{word}/1"
        assert document["figures"][word] == len(lines) - 1
        assert document["run_id"] == "r-0193"


@pytest.mark.trio
async def test_money_keeps_its_digits(tmp_path: Path) -> None:
    async with lived_in(tmp_path, FakeEngine()):
        shown = await ran("status", "--json", home=tmp_path)
        assert shown.json["loss"] == {
            "used": "0.0041",
            "limit": "0.0500",
            "currency": "BTC",
            "from": "2026-11-25T08:00:00.000Z",
        }


@pytest.mark.trio
async def test_tail_prints_one_event_a_line(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.log(an_event(6, kind="mode", text="ACTIVE to KILL"))
    async with lived_in(tmp_path, engine):
        shown = await ran("tail", "-n", "2", home=tmp_path)
        assert len(shown.out.splitlines()) == 2
        assert "mode" in shown.out.splitlines()[1]
        only = await ran("tail", "--kind", "mode", "--json", home=tmp_path)
        assert [json.loads(line)["seq"] for line in only.out.splitlines()] == [6]
        assert json.loads(only.out.splitlines()[0])["schema"] == "bot.tail/1"


@pytest.mark.trio
async def test_tail_follows_until_the_engine_goes(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with lived_in(tmp_path, engine) as serving, trio.open_nursery() as nursery:

        async def go_on() -> None:
            await trio.sleep(1)
            engine.log(an_event(6, text="the next one"))
            await trio.sleep(1)
            serving.cancel()

        nursery.start_soon(go_on)
        shown = await ran("tail", "-f", "-n", "1", home=tmp_path)
        assert [line.split()[-1] for line in shown.out.splitlines()] == ["recorded", "one"]
        assert shown.code == 3


@pytest.mark.trio
async def test_reader_that_goes_away_ends_with_141(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.log(*(an_event(seq, text="x" * 500) for seq in range(6, 1_000)))
    async with lived_in(tmp_path, engine):
        pipe = f"{sys.executable} -m commands.main tail -n 900 | head -1; exit ${{PIPESTATUS[0]}}"
        done = await trio.run_process(
            ["/bin/bash", "-c", pipe],
            cwd=ROOT,
            env={"BOT_HOME": str(tmp_path), "PYTHONUTF8": "1", "PATH": "/usr/bin:/bin"},
            capture_stdout=True,
            capture_stderr=True,
            check=False,
        )
    assert done.returncode == 141
    assert done.stderr == b""


@pytest.mark.trio
async def test_watching_goes_on_until_ctrl_c_and_exits_130(tmp_path: Path) -> None:
    async with lived_in(tmp_path, FakeEngine()), trio.open_nursery() as nursery:
        process: trio.Process = await nursery.start(
            partial(
                trio.run_process,
                [sys.executable, "-m", "commands.main", "status", "--watch", "--json"],
                cwd=ROOT,
                env={"BOT_HOME": str(tmp_path), "PYTHONUTF8": "1"},
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                check=False,
            )
        )
        seen = b""
        with trio.fail_after(20):
            while seen.count(b"\n") < 2:
                seen += await process.stdout.receive_some()
        process.send_signal(signal.SIGINT)
        await process.wait()
    assert process.returncode == 130
    assert all(json.loads(line)["schema"] == "bot.status/1" for line in seen.splitlines()[:2])


@pytest.mark.trio
async def test_colour_is_only_for_terminals_that_want_it(tmp_path: Path) -> None:
    async with lived_in(tmp_path, FakeEngine()):
        for env, is_colored in (
            ({"TERM": "xterm"}, True),
            ({"TERM": "xterm", "NO_COLOR": "1"}, False),
            ({"TERM": "dumb"}, False),
        ):
            shown = await shown_at(tmp_path, env)
            assert ("\x1b[" in shown) is is_colored
            assert "ACTIVE  PAPER" in shown


# --- acts


@pytest.mark.trio
@pytest.mark.parametrize(("verb", "mode"), [("reduce-only", "REDUCE_ONLY"), ("kill", "KILL")])
async def test_tightening_off_a_terminal_asks_nothing(tmp_path: Path, verb: str, mode: str) -> None:
    engine = FakeEngine()
    async with lived_in(tmp_path, engine):
        shown = await ran("mode", verb, "--reason", "news", "--as", "ann", home=tmp_path)
        assert shown.code == 0, shown.err
        assert shown.out.splitlines() == list(engine.view().status.lines)
    [act] = engine.acts
    assert isinstance(act, SetMode)
    assert (act.mode, act.reason, act.by) == (Mode(mode), "news", "ann")


@pytest.mark.trio
async def test_act_as_json_is_one_document(tmp_path: Path) -> None:
    async with lived_in(tmp_path, FakeEngine()):
        shown = await ran("--json", "mode", "kill", home=tmp_path)
        assert shown.json["schema"] == "bot.mode-kill/1"
        assert {"op", "request_id", "record_seq", "figures", "lines"} <= set(shown.json)


@pytest.mark.rule("C-307")
@pytest.mark.trio
async def test_rearm_off_a_terminal_needs_reason_and_word(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with lived_in(tmp_path, engine):
        bare = await ran("mode", "rearm", home=tmp_path)
        assert bare.code == 2
        assert "--reason" in bare.err
        no_word = await ran("mode", "rearm", "--reason", "over", home=tmp_path)
        assert no_word.code == 2
        assert "--confirm paper" in no_word.err
        yes = await ran("mode", "rearm", "--reason", "over", "--yes", home=tmp_path)
        assert yes.code == 2  # PAPER is no playground
        wrong = await ran("mode", "rearm", "--reason", "over", "--confirm", "live", home=tmp_path)
        assert wrong.code == 2
        assert engine.acts == []
        done = await ran("mode", "rearm", "--reason", "over", "--confirm", "paper", home=tmp_path)
        assert done.code == 0, done.err
    [act] = engine.acts
    assert isinstance(act, Rearm)
    assert (act.reason, act.expect) == ("over", 4412)


@pytest.mark.trio
async def test_yes_is_enough_for_rearm_in_dev(tmp_path: Path) -> None:
    engine = FakeEngine(a_view(a_status(environment=Environment.DEV)))
    async with lived_in(tmp_path, engine):
        done = await ran("mode", "rearm", "--reason", "over", "--yes", home=tmp_path)
        assert done.code == 0, done.err


@pytest.mark.trio
async def test_at_a_terminal_the_word_is_asked_for(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with lived_in(tmp_path, engine):
        no = await typed_at("mode", "kill", home=tmp_path, typed="y\n")
        assert no.code == 1
        assert "Nothing was changed" in no.err
        enter = await typed_at("mode", "reduce-only", home=tmp_path, typed="\n")
        assert enter.code == 1
        assert engine.acts == []
        kill = await typed_at("mode", "kill", home=tmp_path, typed="KILL\n")
        assert kill.code == 0, kill.err
        rearm = await typed_at("mode", "rearm", home=tmp_path, typed="all is well\npaper\n")
        assert rearm.code == 0, rearm.err
    assert [type(act) for act in engine.acts] == [SetMode, Rearm]
    assert engine.acts[1].reason == "all is well"


@pytest.mark.trio
async def test_refusal_of_the_engine_exits_4_with_its_words(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.fail = UserError(
        "REFUSED",
        exit=Exit.REFUSED,
        what="Refused: rearm, because 1 cause still stands: POSITION_MISMATCH.",
        why="Trading on a wrong position adds risk.",
        next="Clear it first: bot recon run",
    )
    words = ("mode", "rearm", "--reason", "x", "--confirm", "paper")
    async with lived_in(tmp_path, engine):
        shown = await ran(*words, home=tmp_path)
        assert shown.code == 4
        assert shown.out == ""
        assert shown.err.splitlines()[0].startswith("Refused: rearm")
        document = await ran(*words, "--json", home=tmp_path)
        assert document.code == 4
        assert document.json["schema"] == "bot.error/1"
        assert document.json["code"] == "REFUSED"
        assert document.err == ""


@pytest.mark.trio
async def test_down_stops_and_waits_for_the_end(tmp_path: Path) -> None:
    engine = FakeEngine(a_view(a_status(environment=Environment.DEV)))
    async with lived_in(tmp_path, engine) as serving, trio.open_nursery() as nursery:

        async def end_after_down() -> None:
            while not engine.acts:  # noqa: ASYNC110  # the fake has no event for it
                await trio.sleep(0.05)
            await trio.sleep(0.2)
            serving.cancel()

        nursery.start_soon(end_after_down)
        shown = await ran("down", "--keep", home=tmp_path)
        assert shown.code == 0, shown.err
    [act] = engine.acts
    assert isinstance(act, Down)
    assert act.cancel_opens is False


@pytest.mark.trio
async def test_down_that_does_not_end_in_time_is_1(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with lived_in(tmp_path, engine):
        asked = await ran("down", home=tmp_path)
        assert asked.code == 2  # in PAPER it must be confirmed
        assert engine.acts == []
        shown = await ran("down", "--yes", "--wait", "0.3", home=tmp_path)
        assert shown.code == 1
        assert "bot status" in shown.err


@pytest.mark.trio
async def test_recon_run_is_asked_for(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with lived_in(tmp_path, engine):
        assert (await ran("recon", "run", home=tmp_path)).code == 0
    assert isinstance(engine.acts[0], ReconRun)


@pytest.mark.trio
async def test_mode_show_says_who_may_change_it(tmp_path: Path) -> None:
    engine = FakeEngine(a_view(a_status(mode=ModeWord.REDUCE_ONLY, causes=(a_cause(),))))
    async with lived_in(tmp_path, engine):
        shown = await ran("mode", "show", home=tmp_path)
        assert "DATA_GAP" in shown.out
        assert "bot mode rearm" in shown.out
        assert (await ran("mode", "show", "--json", home=tmp_path)).json["rev"] == 4412


# --- slips


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["mode", "kil"], 2, 'Unknown word "kil" after "bot mode". Did you mean: bot mode kill'),
        (["statsu"], 2, "bot status"),
        (["status", "--lins"], 2, "--lines"),
        (["--nonsense"], 2, "bot --help"),
        (["mode"], 2, "reduce-only"),
        (["status", "--yes"], 2, "--yes has no meaning for bot status"),
        (["run", "--timeout", "3"], 2, "--timeout has no meaning for bot run"),
        (["status", "--env", "pper"], 2, "--env paper"),
        (["status", "--timeout", "nan"], 2, "--timeout was nan"),
        (["status", "--home"], 2, "--home needs a value"),
        (["--env", "dev", "status", "--env", "live"], 2, "given twice"),
        (["orders"], 3, "bot run"),
        (["mode", "kill"], 3, "bot run"),
        (["orders", "--state", "lost"], 2, "unknown"),
        (["fills", "-n", "0"], 2, "bot fills --help"),
        (["run", "--env", "live"], 10, "--live-i-mean-it"),
        (["run", "--live-i-mean-it"], 2, "no meaning in DEV"),
        (["run", "--for", "soon"], 2, "--for was soon"),
        (["run", "--market", "/nowhere/at/all"], 5, "/nowhere/at/all"),
        (["help", "reasons", "LOSS_DYA"], 1, "LOSS_DAY"),
        (["cockpit"], 2, "needs a terminal"),
        (["cockpit", "--screen", "order", "--snapshot", "/nowhere"], 2, "--screen orders"),
    ],
)
def test_slip_has_its_exit_code_and_says_what_next(
    tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    shown = command(*words, home=tmp_path)
    assert shown.code == code, shown
    assert said in shown.err.replace("\n", " ")
    assert "Traceback" not in shown.err
    assert shown.out == ""
    document = command("--json", *words, home=tmp_path)
    assert document.code == code
    assert document.json["schema"] == "bot.error/1"
    assert document.json["exit"] == code


@pytest.mark.trio
async def test_engine_of_another_environment_is_not_acted_on(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with lived_in(tmp_path, engine):
        shown = await ran("--env", "dev", "mode", "kill", home=tmp_path)
        assert shown.code == 10
        assert "PAPER" in shown.err
    assert engine.acts == []


def test_silent_engine_is_given_up_after_the_timeout(tmp_path: Path) -> None:
    import socket

    (tmp_path / "run").mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as deaf:
        deaf.bind(str(tmp_path / "run" / "engine.sock"))
        deaf.listen(1)
        shown = command("--timeout", "0.3", "health", home=tmp_path)
    assert shown.code == 3
    assert "silent" in shown.err


def test_bug_of_ours_is_70_with_its_trace_in_the_log(tmp_path: Path) -> None:
    script = (
        "import sys, commands.main as m\n"
        "m.GROUPS['health'] = m.GROUPS['health']._replace(module='commands.not_there')\n"
        "sys.exit(m.main(['health']))"
    )
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"BOT_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 70
    assert "Traceback" not in done.stderr
    log = (tmp_path / "log" / "commands.log").read_text()
    assert "ModuleNotFoundError" in log
    assert log.split()[1] in done.stderr


def test_exit_codes_and_reasons_are_printed_from_the_code(tmp_path: Path) -> None:
    codes = command("help", "exit-codes", "--json", home=tmp_path).json["codes"]
    assert [row["code"] for row in codes] == [int(row.code) for row in EXITS]
    reason = command("help", "reasons", "loss-day", home=tmp_path)
    assert reason.code == 0
    assert "LOSS_DAY" in reason.out
    assert "KILL until you rearm" in reason.out


# --- the words themselves


def test_global_flags_may_stand_before_and_after_the_verb() -> None:
    before = split(["--json", "--home", "/x", "status"])
    after = split(["status", "--json", "--home=/x"])
    assert before == after
    assert session_of(after.given).home == Path("/x")


def test_opaque_word_keeps_its_own_flags() -> None:
    found = split(["--json", "sim", "exchange", "--json"], opaque=frozenset({"sim"}))
    assert found.rest == ("sim", "exchange", "--json")
    assert split(["status", "--", "--json"]).rest == ("status", "--", "--json")


def test_help_fits_80_columns() -> None:
    assert all(len(line) <= 80 for line in help_lines())
