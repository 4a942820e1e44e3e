"""The real socket with a fake engine behind it: every row of the protocol's tables."""

import json
import os
import stat
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import trio

from bot.control.errors import Exit, UserError
from bot.control.faults import FAULTS
from bot.control.once import Once
from bot.control.place import Place, socket_place
from bot.control.port import Down, Flatten, Rearm, SetMode
from bot.control.socket import open_socket, serve_socket
from bot.control.view import ModeWord
from bot.domain.mode import Mode
from tests.bot.control.fake_engine import AT, FakeEngine, a_fill, an_event, an_order

pytestmark = pytest.mark.rule("C-601")


class Wire:
    """A client that speaks bytes."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self.waiting = b""

    async def line(self) -> dict:
        with trio.fail_after(10):
            while b"\n" not in self.waiting:
                chunk = await self.stream.receive_some(65_536)
                if not chunk:
                    raise EOFError
                self.waiting += chunk
        line, self.waiting = self.waiting.split(b"\n", 1)
        return json.loads(line)

    async def frame(self) -> dict:
        """The next frame that is not a beat."""
        while True:
            frame = await self.line()
            if "beat" not in frame:
                return frame

    async def ask(self, verb: str, id_: int = 1, **args: object) -> dict:
        await self.send({"id": id_, "verb": verb, "args": args})
        while True:
            frame = await self.frame()
            if frame.get("id") == id_ and "sub" not in frame:
                return frame

    async def send(self, frame: object) -> None:
        await self.stream.send_all(json.dumps(frame).encode() + b"\n")

    async def raw(self, data: bytes) -> None:
        await self.stream.send_all(data)

    async def is_closed(self) -> bool:
        try:
            with trio.fail_after(10):
                while True:
                    await self.frame()
        except (EOFError, trio.BrokenResourceError):
            return True


@asynccontextmanager
async def served(home: Path, engine: FakeEngine, **options: object) -> AsyncIterator[Place]:
    place = socket_place(home)
    async with trio.open_nursery() as nursery:
        once = Once(engine, nursery=nursery)

        async def start(task_status: trio.TaskStatus[None]) -> None:
            await serve_socket(
                place,
                engine=engine,
                once=once,
                metrics=lambda: "bot_up 1\n",
                holds_ledger_lock=True,
                task_status=task_status,
                **options,
            )

        await nursery.start(start)
        yield place
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def client(place: Place) -> AsyncIterator[Wire]:
    stream = await trio.open_unix_socket(str(place.path))
    async with stream:
        wire = Wire(stream)
        wire.hello = (await wire.line())["hello"]
        yield wire


def an_act(**more: object) -> dict[str, object]:
    return {"reason": "a test", "request_id": str(uuid.uuid4()), **more}


@pytest.mark.trio
async def test_server_speaks_first_and_names_itself(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with served(tmp_path, engine) as place, client(place) as wire:
        assert wire.hello["protocol"] == 1
        assert wire.hello["protocols"] == [1]
        assert wire.hello["run_id"] == "r-0193"
        assert wire.hello["environment"] == "PAPER"
        assert wire.hello["pid"] == os.getpid()


@pytest.mark.trio
async def test_socket_and_folder_belong_to_one_user_and_vanish_at_the_end(tmp_path: Path) -> None:
    async with served(tmp_path, FakeEngine()) as place:
        assert stat.S_IMODE(place.path.stat().st_mode) == 0o600
        assert stat.S_IMODE(place.path.parent.stat().st_mode) == 0o700
    assert not place.path.exists()


@pytest.mark.trio
async def test_another_user_is_closed_without_a_byte_and_logged(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with served(tmp_path, engine, uid=os.geteuid() + 1) as place:
        async with await trio.open_unix_socket(str(place.path)) as stream:
            assert await stream.receive_some(10) == b""
        assert engine.notes[0][0] == "peer refused"


@pytest.mark.trio
async def test_reading_needs_no_greeting_and_no_args(tmp_path: Path) -> None:
    async with served(tmp_path, FakeEngine()) as place, client(place) as wire:
        await wire.raw(b'{"id":1,"verb":"status"}\n')
        answer = await wire.frame()
        assert answer["id"] == 1
        assert answer["ok"]["schema"] == "bot.status/1"
        assert len(answer["ok"]["lines"]) == 3


@pytest.mark.trio
async def test_answer_still_comes_after_the_client_has_said_all(tmp_path: Path) -> None:
    async with served(tmp_path, FakeEngine()) as place, client(place) as wire:
        await wire.raw(b'{"id":1,"verb":"health"}\n')
        await wire.stream.send_eof()
        assert (await wire.frame())["ok"]["schema"] == "bot.health/1"
        assert await wire.is_closed()


@pytest.mark.parametrize(
    ("verb", "args", "key"),
    [
        ("positions", {}, "positions"),
        ("orders", {}, "orders"),
        ("fills", {"n": 5}, "fills"),
        ("causes", {}, "causes"),
        ("tail", {"n": 2}, "rows"),
        ("metrics", {}, "text"),
        ("flatten plan", {}, "exits"),
    ],
)
@pytest.mark.trio
async def test_every_reading_verb_answers(tmp_path: Path, verb: str, args: dict, key: str) -> None:
    async with served(tmp_path, FakeEngine()) as place, client(place) as wire:
        assert key in (await wire.ask(verb, **args))["ok"]


@pytest.mark.trio
async def test_orders_can_be_narrowed(tmp_path: Path) -> None:
    async with served(tmp_path, FakeEngine()) as place, client(place) as wire:
        unknown = (await wire.ask("orders", state="unknown"))["ok"]["orders"]
        live = (await wire.ask("orders", 2, state="live"))["ok"]["orders"]
        assert [row["label"] for row in unknown] == ["bot-000077c2"]
        assert [row["label"] for row in live] == ["bot-0000a41f"]


@pytest.mark.trio
async def test_tail_takes_the_newest_or_from_a_seq_on(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.log(an_event(6, kind="mode"))
    async with served(tmp_path, engine) as place, client(place) as wire:
        newest = (await wire.ask("tail", n=2))["ok"]
        assert [row["seq"] for row in newest["rows"]] == [5, 6]
        assert newest["next_seq"] == 7
        some = (await wire.ask("tail", 2, from_seq=2, n=10, kinds=["mode"]))["ok"]
        assert [row["seq"] for row in some["rows"]] == [6]


# --- the table of errors (UX §2.4)


@pytest.mark.parametrize("line", [b"{nonsense", b"\xff\xfe", b"{"])
@pytest.mark.trio
async def test_bad_json_is_answered_without_an_id(tmp_path: Path, line: bytes) -> None:
    async with served(tmp_path, FakeEngine()) as place, client(place) as wire:
        await wire.raw(line + b"\n")
        answer = await wire.frame()
        assert answer["id"] is None
        assert answer["error"]["code"] == "BAD_JSON"
        assert answer["error"]["exit"] == 2
        assert "ok" in await wire.ask("health")


@pytest.mark.parametrize(
    "line",
    [
        b"[1]",
        b'"status"',
        b'{"id":1}',
        b'{"verb":"status"}',
        b'{"id":-1,"verb":"status"}',
        b'{"id":"1","verb":"status"}',
        b'{"id":1,"verb":"status","agrs":{}}',
    ],
)
@pytest.mark.trio
async def test_bad_frame_is_answered_without_an_id(tmp_path: Path, line: bytes) -> None:
    async with served(tmp_path, FakeEngine()) as place, client(place) as wire:
        await wire.raw(line + b"\n")
        answer = await wire.frame()
        assert answer["id"] is None
        assert answer["error"]["code"] == "BAD_FRAME"
        assert "ok" in await wire.ask("health")


@pytest.mark.trio
async def test_twentieth_bad_frame_in_a_minute_closes(tmp_path: Path) -> None:
    async with served(tmp_path, FakeEngine()) as place, client(place) as wire:
        for _ in range(19):
            await wire.raw(b"x\n")
            assert (await wire.frame())["error"]["code"] == "BAD_JSON"
        await wire.raw(b"x\n")
        assert (await wire.frame())["error"]["code"] == "BAD_JSON"
        assert await wire.is_closed()


@pytest.mark.trio
async def test_line_over_one_mib_closes(tmp_path: Path) -> None:
    async def flood(wire: Wire) -> None:
        with suppress(trio.BrokenResourceError):
            await wire.raw(b"x" * ((1 << 20) + 1))

    async with (
        served(tmp_path, FakeEngine()) as place,
        client(place) as wire,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(flood, wire)
        assert (await wire.frame())["error"]["code"] == "TOO_LONG"
        assert await wire.is_closed()
        nursery.cancel_scope.cancel()


@pytest.mark.trio
async def test_unknown_verb_names_the_nearest(tmp_path: Path) -> None:
    async with served(tmp_path, FakeEngine()) as place, client(place) as wire:
        error = (await wire.ask("statsu"))["error"]
        assert error["code"] == "UNKNOWN_VERB"
        assert "status" in error["next"]


@pytest.mark.parametrize(
    ("verb", "args", "word"),
    [
        ("mode", {"mode": "KILL", "reasn": "x", "request_id": str(uuid.uuid4())}, "reason"),
        ("mode", {"mode": "ACTIVE", "reason": "x", "request_id": str(uuid.uuid4())}, "ACTIVE"),
        ("mode", {"mode": "KILL", "reason": "", "request_id": str(uuid.uuid4())}, "length"),
        ("mode", {"mode": "KILL", "reason": "x" * 281, "request_id": str(uuid.uuid4())}, "length"),
        ("mode", {"mode": "KILL", "reason": "x", "request_id": "7"}, "request_id"),
        ("mode", {"mode": "KILL", "reason": "x"}, "request_id"),
        ("status", {"x": 1}, "x"),
        ("subscribe", {"topics": ["statu"]}, "status"),
        ("subscribe", {"topics": ["status"], "hz": 11}, "hz"),
        ("fills", {"n": 1001}, "n"),
    ],
)
@pytest.mark.trio
async def test_bad_args_are_named_and_change_nothing(
    tmp_path: Path, verb: str, args: dict, word: str
) -> None:
    engine = FakeEngine()
    async with served(tmp_path, engine) as place, client(place) as wire:
        error = (await wire.ask(verb, **args))["error"]
        assert error["code"] == "BAD_ARGS"
        assert error["exit"] == 2
        assert word in error["what"] + error["next"]
        assert engine.acts == []


@pytest.mark.trio
async def test_foreign_protocol_leaves_status_and_health(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with served(tmp_path, engine) as place, client(place) as wire:
        assert (await wire.ask("hello", protocol=9, client="t"))["error"]["code"] == "PROTOCOL"
        assert "ok" in await wire.ask("status", 2)
        assert "ok" in await wire.ask("health", 3)
        assert (await wire.ask("orders", 4))["error"]["code"] == "PROTOCOL"
        assert (await wire.ask("mode", 5, mode="KILL", **an_act()))["error"]["code"] == "PROTOCOL"
        assert engine.acts == []


@pytest.mark.trio
async def test_reader_cannot_act_even_after_greeting_again(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with served(tmp_path, engine) as place, client(place) as wire:
        await wire.ask("hello", protocol=1, client="t", read_only=True)
        assert (await wire.ask("mode", 2, mode="KILL", **an_act()))["error"]["code"] == "READ_ONLY"
        await wire.ask("hello", 3, protocol=1, client="t", read_only=False)
        assert (await wire.ask("mode", 4, mode="KILL", **an_act()))["error"]["exit"] == 4
        assert engine.acts == []


@pytest.mark.trio
async def test_refusal_of_the_engine_is_handed_on_whole(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.fail = UserError(
        "REFUSED",
        exit=Exit.REFUSED,
        what="Refused: rearm, because 1 cause still stands: POSITION_MISMATCH.",
        why="Trading on a wrong position adds risk.",
        next="Clear it first: bot recon run",
        details={"causes": ["POSITION_MISMATCH"]},
    )
    async with served(tmp_path, engine) as place, client(place) as wire:
        await wire.ask("hello", protocol=1, client="t")
        error = (await wire.ask("mode rearm", 2, expect=4412, seen_at=AT, **an_act()))["error"]
        assert error["code"] == "REFUSED"
        assert error["exit"] == 4
        assert error["details"] == {"causes": ["POSITION_MISMATCH"]}


@pytest.mark.trio
async def test_rearm_on_an_older_status_is_changed_with_the_new_lines(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with served(tmp_path, engine) as place, client(place) as wire:
        await wire.ask("hello", protocol=1, client="t")
        error = (await wire.ask("mode rearm", 2, expect=4411, seen_at=AT, **an_act()))["error"]
        assert error["code"] == "CHANGED"
        assert error["details"]["lines"] == list(engine.view().status.lines)
        assert engine.acts == []
        ok = (await wire.ask("mode rearm", 3, expect=4412, seen_at=AT, **an_act()))["ok"]
        assert ok["state"] == "done"
        assert isinstance(engine.acts[0], Rearm)


@pytest.mark.trio
async def test_same_request_is_one_act_and_another_content_conflicts(tmp_path: Path) -> None:
    engine = FakeEngine()
    act = an_act()
    async with served(tmp_path, engine) as place, client(place) as one, client(place) as two:
        first = await one.ask("mode", mode="REDUCE_ONLY", **act)
        again = await two.ask("mode", 7, mode="REDUCE_ONLY", **act)
        assert first["ok"] == again["ok"]
        other = await two.ask("mode", 8, mode="KILL", **act)
        assert other["error"]["code"] == "CONFLICT"
        assert len(engine.acts) == 1


@pytest.mark.trio
async def test_same_request_while_it_runs_waits_for_the_same_answer(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.hold = trio.Event()
    act = an_act()
    async with served(tmp_path, engine) as place, client(place) as one, client(place) as two:
        await one.send({"id": 1, "verb": "mode", "args": {"mode": "KILL", **act}})
        await two.send({"id": 1, "verb": "mode", "args": {"mode": "KILL", **act}})
        await two.ask("health", 2)
        engine.hold.set()
        assert (await one.frame())["ok"] == (await two.frame())["ok"]
        assert len(engine.acts) == 1


@pytest.mark.trio
async def test_failed_act_may_be_asked_for_again(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.fail = UserError("LEDGER", exit=Exit.LEDGER, what="w", why="y", next="n")
    act = an_act()
    async with served(tmp_path, engine) as place, client(place) as wire:
        assert (await wire.ask("mode", mode="KILL", **act))["error"]["code"] == "LEDGER"
        engine.fail = None
        assert "ok" in await wire.ask("mode", 2, mode="KILL", **act)


@pytest.mark.trio
async def test_client_that_leaves_does_not_take_its_kill_with_it(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.hold = trio.Event()
    async with served(tmp_path, engine) as place:
        async with client(place) as wire:
            await wire.send({"id": 1, "verb": "mode", "args": {"mode": "KILL", **an_act()}})
            await wire.ask("health", 2)
        async with client(place) as wire:
            await wire.ask("health", 2)
            engine.hold.set()
            while engine.view().status.mode is not ModeWord.KILL:
                await wire.ask("health", 3)


@pytest.mark.trio
async def test_unsubscribing_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    async with served(tmp_path, FakeEngine()) as place, client(place) as wire:
        assert (await wire.ask("unsubscribe", sub=4))["error"]["code"] == "NOT_FOUND"


@pytest.mark.trio
async def test_sixty_fifth_open_request_is_busy_but_kill_is_not(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.hold = trio.Event()
    async with served(tmp_path, engine) as place, client(place) as wire:
        await wire.ask("hello", protocol=1, client="t")
        for number in range(64):
            await wire.send({"id": 100 + number, "verb": "recon run", "args": an_act()})
        busy = await wire.ask("recon run", 200, **an_act())
        assert busy["error"]["code"] == "BUSY"
        assert busy["error"]["exit"] == 3
        await wire.send({"id": 201, "verb": "mode", "args": {"mode": "KILL", **an_act()}})
        await wire.ask("health", 202)
        assert isinstance(engine.acts[-1], SetMode)
        engine.hold.set()


@pytest.mark.trio
async def test_seventeenth_client_is_busy_unless_its_first_frame_tightens(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with served(tmp_path, engine) as place, trio.open_nursery() as nursery:
        leave = trio.Event()

        async def stay(task_status: trio.TaskStatus[None]) -> None:
            async with client(place):
                task_status.started()
                await leave.wait()

        for _ in range(16):
            await nursery.start(stay)
        async with client(place) as reader:
            await reader.send({"id": 5, "verb": "status"})
            answer = await reader.frame()
            assert (answer["id"], answer["error"]["code"]) == (5, "BUSY")
            assert await reader.is_closed()
        async with client(place) as owner:
            assert "ok" in await owner.ask("mode", mode="KILL", **an_act())
            async with client(place) as second:  # the one kept place is taken
                busy = await second.ask("mode", mode="KILL", **an_act())
                assert busy["error"]["code"] == "BUSY"
        leave.set()
    assert [act.mode for act in engine.acts] == [Mode.KILL]


@pytest.mark.trio
async def test_silent_seventeenth_client_is_told_busy_and_closed(tmp_path: Path) -> None:
    async with served(tmp_path, FakeEngine()) as place, trio.open_nursery() as nursery:
        leave = trio.Event()

        async def stay(task_status: trio.TaskStatus[None]) -> None:
            async with client(place):
                task_status.started()
                await leave.wait()

        for _ in range(16):
            await nursery.start(stay)
        async with client(place) as extra:
            answer = await extra.frame()
            assert (answer["id"], answer["error"]["code"]) == (None, "BUSY")
            assert await extra.is_closed()
        leave.set()


@pytest.mark.parametrize(
    ("code", "exit_"),
    [
        ("STARTING", Exit.NO_ENGINE),
        ("STOPPING", Exit.NO_ENGINE),
        ("VENUE", Exit.VENUE),
        ("NEEDS_APPROVAL", Exit.APPROVAL),
    ],
)
@pytest.mark.trio
async def test_engine_codes_keep_their_exit(tmp_path: Path, code: str, exit_: Exit) -> None:
    engine = FakeEngine()
    engine.fail = UserError(code, exit=exit_, what="w", why="y", next="n")
    async with served(tmp_path, engine) as place, client(place) as wire:
        error = (await wire.ask("mode", mode="KILL", **an_act()))["error"]
        assert (error["code"], error["exit"]) == (code, int(FAULTS[code].exit))


@pytest.mark.rule("C-606")
@pytest.mark.trio
async def test_bug_in_an_act_is_internal_and_becomes_a_fault(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.fail = ZeroDivisionError()
    async with served(tmp_path, engine) as place, client(place) as wire:
        assert (await wire.ask("mode", mode="KILL", **an_act()))["error"]["code"] == "INTERNAL"
        assert "ok" in await wire.ask("health", 2)
    assert [type(error) for _, error in engine.faults] == [ZeroDivisionError]


@pytest.mark.trio
async def test_act_other_than_tightening_needs_a_greeting(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with served(tmp_path, engine) as place, client(place) as wire:
        down = an_act(confirm="down")
        assert (await wire.ask("down", **down))["error"]["code"] == "PROTOCOL"
        await wire.ask("hello", 2, protocol=1, client="t")
        assert (await wire.ask("down", 3, **down))["ok"]["state"] == "accepted"
        assert isinstance(engine.acts[0], Down)


@pytest.mark.rule("C-403")
@pytest.mark.trio
async def test_flatten_needs_greeting_word_and_the_hash_of_its_plan(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with served(tmp_path, engine) as place, client(place) as wire:
        plan = (await wire.ask("flatten plan"))["ok"]["hash"]
        act = an_act(plan=plan, confirm="FLATTEN")
        assert (await wire.ask("flatten go", 2, **act))["error"]["code"] == "PROTOCOL"
        await wire.ask("hello", 3, protocol=1, client="t")
        for slip in ({"confirm": "flatten"}, {"confirm": "down"}, {"plan": "all"}):
            answer = await wire.ask("flatten go", 4, **(act | slip))
            assert answer["error"]["code"] == "BAD_ARGS"
        assert engine.acts == []
        first = (await wire.ask("flatten go", 5, **act))["ok"]
        again = (await wire.ask("flatten go", 6, **act))["ok"]
        assert first["state"] == "accepted"
        assert again == first
        [asked] = engine.acts
        assert isinstance(asked, Flatten)


@pytest.mark.trio
async def test_act_carries_who_asked(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with served(tmp_path, engine) as place, client(place) as wire:
        await wire.ask("mode", mode="KILL", **an_act(by="ann"))
        await wire.ask("mode", 2, mode="KILL", **an_act())
        assert engine.acts[0].by == "ann"
        assert engine.acts[1].by != ""


# --- streams


@pytest.mark.trio
async def test_beat_comes_each_second_with_the_mode(tmp_path: Path) -> None:
    async with served(tmp_path, FakeEngine()) as place, client(place) as wire:
        beat = (await wire.line())["beat"]
        assert beat["mode"] == "ACTIVE"


@pytest.mark.trio
async def test_table_topic_is_full_and_then_delta(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with served(tmp_path, engine) as place, client(place) as wire:
        ok = (await wire.ask("subscribe", topics=["orders"], hz=10))["ok"]
        full = await wire.frame()
        assert (full["sub"], full["topic"], full["seq"]) == (ok["sub"], "orders", 1)
        assert set(full["full"]) == {"bot-0000a41f", "bot-000077c2"}
        engine.published = type(engine.published)(
            **{**_fields(engine), "orders": (an_order(filled="0.2"), an_order("bot-new"))}
        )
        delta = await wire.frame()
        assert delta["seq"] == 2
        assert set(delta["delta"]["set"]) == {"bot-0000a41f", "bot-new"}
        assert delta["delta"]["del"] == ["bot-000077c2"]


def _fields(engine: FakeEngine) -> dict[str, object]:
    view = engine.published
    return {name: getattr(view, name) for name in view.__struct_fields__}


@pytest.mark.trio
async def test_whole_topic_is_always_full(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with served(tmp_path, engine) as place, client(place) as wire:
        await wire.ask("subscribe", topics=["status"], hz=10)
        assert (await wire.frame())["full"]["mode"] == "ACTIVE"
        engine.publish(mode=ModeWord.KILL)
        assert (await wire.frame())["full"]["mode"] == "KILL"


@pytest.mark.trio
async def test_log_topic_sends_rows_from_a_seq_and_a_gap_past_a_thousand(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.log(*(an_event(seq) for seq in range(6, 2_001)))
    async with served(tmp_path, engine) as place, client(place) as wire:
        await wire.ask("subscribe", topics=["events"], hz=10, from_seq=1_999)
        assert [row["seq"] for row in (await wire.frame())["rows"]] == [1_999, 2_000]
        engine.log(*(an_event(seq) for seq in range(2_001, 3_502)))
        frame = await wire.frame()
        assert len(frame["rows"]) == 1_000
        assert frame["gap"] == {"from": 2_001, "to": 2_502, "n": 501}
        assert frame["rows"][0]["seq"] == 2_502


@pytest.mark.trio
async def test_fills_are_sent_once(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with served(tmp_path, engine) as place, client(place) as wire:
        await wire.ask("subscribe", topics=["fills"], hz=10, from_seq=0)
        assert [row["seq"] for row in (await wire.frame())["rows"]] == [3]
        engine.published = type(engine.published)(
            **{**_fields(engine), "fills": (a_fill(3), a_fill(9))}
        )
        assert [row["seq"] for row in (await wire.frame())["rows"]] == [9]


@pytest.mark.trio
async def test_unsubscribed_topic_is_silent(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with served(tmp_path, engine) as place, client(place) as wire:
        sub = (await wire.ask("subscribe", topics=["status"], hz=10))["ok"]["sub"]
        await wire.frame()
        await wire.ask("unsubscribe", 2, sub=sub)
        engine.publish(mode=ModeWord.KILL)
        await wire.send({"id": 3, "verb": "health"})
        assert (await wire.frame())["id"] == 3


@pytest.mark.trio
async def test_client_that_does_not_read_is_dropped_and_others_are_served(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with served(tmp_path, engine) as place:
        deaf = await trio.open_unix_socket(str(place.path))
        request = json.dumps({"id": 1, "verb": "status"}).encode() + b"\n"
        with trio.move_on_after(5):
            while not engine.notes:
                await deaf.send_all(request * 20)
        async with client(place) as wire:
            assert "ok" in await wire.ask("health")
        assert engine.notes[0][0] == "client dropped"
        await deaf.aclose()


# --- place


def test_long_home_falls_back_to_a_short_path(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/7")
    place = socket_place(tmp_path / ("x" * 100))
    assert place.is_short
    assert len(str(place.path)) <= 100
    assert str(place.path).startswith("/run/user/7/")
    assert place == socket_place(tmp_path / ("x" * 100))
    assert not socket_place(Path("/home/ann/bot")).is_short


@pytest.mark.trio
async def test_left_over_file_is_only_removed_with_the_ledgers_lock(tmp_path: Path) -> None:
    place = socket_place(tmp_path)
    place.path.parent.mkdir()
    place.path.touch()
    with pytest.raises(UserError) as caught:
        open_socket(place, holds_ledger_lock=False)
    assert caught.value.exit is Exit.LEDGER
    assert place.path.exists()
    async with served(tmp_path, FakeEngine()) as again, client(again) as wire:
        assert "ok" in await wire.ask("health")


@pytest.mark.trio
async def test_nesting_without_end_is_a_bad_frame_and_no_fault(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with served(tmp_path, engine) as place, client(place) as wire:
        await wire.raw(b'{"id":1,"verb":"status","args":' + b"[" * 100_000 + b"\n")
        assert (await wire.frame())["error"]["code"] == "BAD_JSON"
        assert (await wire.ask("status"))["ok"]["schema"] == "bot.status/1"
    assert engine.faults == []


@pytest.mark.trio
@pytest.mark.parametrize("text", ["a\x1b[2Jb", "a\x00", "two\nlines", "a\u202eb", "\x9b"])
async def test_text_that_is_kept_holds_nothing_that_steers_a_terminal(
    tmp_path: Path, text: str
) -> None:
    engine = FakeEngine()
    async with served(tmp_path, engine) as place, client(place) as wire:
        for field in ("reason", "by"):
            wish = {**an_act(), "mode": "KILL", field: text}
            error = (await wire.ask("mode", **wish))["error"]
            assert error["code"] == "BAD_ARGS"
            assert "control characters" in error["what"]
    assert engine.acts == []


@pytest.mark.trio
async def test_a_line_may_come_byte_by_byte_and_two_at_once(tmp_path: Path) -> None:
    async with served(tmp_path, FakeEngine()) as place, client(place) as wire:
        for byte in b'{"id":7,"verb":"health"}\n':
            await wire.raw(bytes([byte]))
        assert (await wire.frame())["id"] == 7
        await wire.raw(b'{"id":8,"verb":"health"}\n{"id":9,"verb":"hea')
        assert (await wire.frame())["id"] == 8
        await wire.raw(b'lth"}\n')
        assert (await wire.frame())["id"] == 9


@pytest.mark.trio
@pytest.mark.rule("C-307")
async def test_a_rearm_must_say_when_it_looked(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with served(tmp_path, engine) as place, client(place) as wire:
        await wire.ask("hello", 0, protocol=1, client="t")
        error = (await wire.ask("mode rearm", 1, expect=4412, **an_act()))["error"]
        assert error["code"] == "BAD_ARGS"
    assert engine.acts == []
