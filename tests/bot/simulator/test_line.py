"""A line under each of its faults, with the least carrier there can be, in virtual time."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from bot.simulator.line import Ending, Line
from bot.simulator.peer import Peer
from bot.simulator.trouble.outbound import PROXY_PAGE
from bot.simulator.trouble.plan import Plan
from bot.simulator.trouble.trouble import Trouble
from bot.simulator.wire import HEARTBEAT, TEST_REQUEST
from tests.bot.simulator.stage import PERPETUAL, Stage

pytestmark = pytest.mark.trio


class Carrier:
    """Carries a line's frames to a list, each with its time."""

    def __init__(self, stage: Stage, name: str) -> None:
        ring, self._bell = trio.open_memory_channel[None](1)

        def wake() -> None:
            with suppress(trio.WouldBlock):
                ring.send_nowait(None)

        self.stage = stage
        self.line = Line(stage.floor, Peer(id=name, is_socket=True, wake=wake))
        self.begin_s = trio.current_time()
        self.arrived: list[tuple[float, bytes]] = []
        self.ended: tuple[float, Ending] | None = None
        self.wakes = 0
        self.is_blocked = False
        self._id = 0

    @property
    def now_s(self) -> float:
        return trio.current_time() - self.begin_s

    async def carry(self) -> None:
        async for _ in self._bell:
            self.wakes += 1
            if self.is_blocked:
                continue
            self.arrived += [(self.now_s, frame) for frame in self.line.take()]
            if self.line.ending is not None:
                self.ended = (self.now_s, self.line.ending)
                self.line.lost()
                return

    def ask(self, method: str, **params: Any) -> int:
        """Send a request; return its id."""
        self._id += 1
        frame = {"jsonrpc": "2.0", "id": self._id, "method": method, "params": params}
        self.line.hear(json.dumps(frame).encode())
        return self._id

    def buy(self, label: str) -> int:
        return self.ask(
            "private/buy", instrument_name=PERPETUAL, amount=10, price=59990, label=label
        )

    def log_in(self, *, secret: str) -> int:
        return self.ask(
            "public/auth",
            grant_type="client_credentials",
            client_id="trade",
            client_secret=secret,
        )

    def answer(self, request: int) -> Any:
        """Return the answer to a request, None when there was none."""
        for _, frame in self.arrived:
            with suppress(json.JSONDecodeError):
                message = json.loads(frame)
                if message.get("id") == request:
                    return message.get("result", message.get("error"))
        return None

    @property
    def frames(self) -> list[bytes]:
        return [frame for _, frame in self.arrived]


@asynccontextmanager
async def carried(stage: Stage, name: str = "c1") -> AsyncIterator[Carrier]:
    """Connect, log in, ask for cancel on disconnect."""
    carrier = Carrier(stage, name)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(carrier.line.live)
        nursery.start_soon(carrier.carry)
        carrier.log_in(secret="trade-secret")
        carrier.ask("private/enable_cancel_on_disconnect")
        await trio.testing.wait_all_tasks_blocked()
        carrier.arrived.clear()
        yield carrier
        nursery.cancel_scope.cancel()
    carrier.line.lost()


def strike(stage: Stage, *faults: str) -> None:
    for fault in faults:
        stage.floor.trouble.strike(fault)


def injected(stage: Stage) -> dict[str, int]:
    return dict(stage.floor.trouble.injected)


def labels(stage: Stage) -> set[str]:
    return {order.label for order in stage.venue.open.values()}


async def settle() -> None:
    await trio.testing.wait_all_tasks_blocked()


async def test_without_faults_an_answer_waits_for_the_carrier_alone(
    stage: Stage, autojump_clock: MockClock
) -> None:
    async with carried(stage) as carrier:
        request = carrier.ask("public/test")
        assert carrier.arrived == []
        await settle()
        assert carrier.answer(request) == {"version": "1.2.26"}
        assert (carrier.line.ending, carrier.line.is_silent) == (None, False)
    assert injected(stage) == {}


@pytest.mark.parametrize(
    ("fault", "is_placed", "is_answered", "ending"),
    [
        ("request_dropped", False, False, None),
        ("request_cut", False, False, Ending.CUT),
        ("request_cut_after", True, False, Ending.CUT),
        ("deaf_both", False, False, None),
        ("half_open", True, False, None),
        ("reset", True, False, Ending.CUT),
        ("clean_close", True, True, Ending.GOODBYE),
    ],
)
async def test_one_order_under_a_fault(
    stage: Stage,
    autojump_clock: MockClock,
    fault: str,
    is_placed: bool,
    is_answered: bool,
    ending: Ending | None,
) -> None:
    async with carried(stage) as carrier:
        carrier.ask("private/disable_cancel_on_disconnect")
        await settle()
        strike(stage, fault)
        request = carrier.buy("struck")
        await settle()
        assert labels(stage) == ({"struck"} if is_placed else set())
        assert (carrier.answer(request) is not None) == is_answered
        assert carrier.ended == (None if ending is None else (0.0, ending))
    assert injected(stage) == {fault: 1}


@pytest.mark.parametrize("fault", ["reset", "clean_close", "request_cut_after", "request_cut"])
async def test_an_end_cancels_what_was_to_be_cancelled(
    stage: Stage, autojump_clock: MockClock, fault: str
) -> None:
    async with carried(stage) as carrier:
        carrier.buy("falls")
        await settle()
        strike(stage, fault)
        carrier.ask("public/test")
        await settle()
        assert carrier.ended is not None
        assert labels(stage) == set()
        after = carrier.ask("public/test")
        carrier.buy("too late")
        await settle()
        assert (carrier.answer(after), labels(stage)) == (None, set())


async def test_after_a_dropped_request_the_next_is_served(
    stage: Stage, autojump_clock: MockClock
) -> None:
    async with carried(stage) as carrier:
        strike(stage, "request_dropped")
        carrier.buy("dropped")
        request = carrier.buy("served")
        await settle()
        assert carrier.answer(request)["order"]["label"] == "served"
        assert labels(stage) == {"served"}


async def test_a_held_request_is_served_late_and_those_after_it_after_it(
    stage: Stage, autojump_clock: MockClock
) -> None:
    async with carried(stage) as carrier:
        strike(stage, "request_stalled")
        first, second = carrier.buy("first"), carrier.buy("second")
        await trio.sleep(4.9)
        assert labels(stage) == set()
        await trio.sleep(35.1)
        assert labels(stage) == {"first", "second"}
        ids = [json.loads(frame)["id"] for frame in carrier.frames]
        assert ids == [first, second]
        assert carrier.arrived[0][0] == carrier.arrived[1][0]
        later = carrier.ask("public/test")
        await settle()
        assert carrier.answer(later) is not None
    assert injected(stage) == {"request_stalled": 1}


async def test_a_held_request_is_lost_with_its_connection(
    stage: Stage, autojump_clock: MockClock
) -> None:
    async with carried(stage) as carrier:
        strike(stage, "request_stalled")
        carrier.buy("lost")
        carrier.line.lost()
        await trio.sleep(60)
    assert labels(stage) == set()


@pytest.mark.parametrize(("fault", "frame"), [("proxy_page", PROXY_PAGE), ("empty_answer", b"")])
async def test_an_answer_is_replaced_and_what_was_asked_is_done(
    stage: Stage, autojump_clock: MockClock, fault: str, frame: bytes
) -> None:
    async with carried(stage) as carrier:
        strike(stage, fault)
        carrier.buy("done")
        request = carrier.ask("public/test")
        await settle()
        assert carrier.frames[0] == frame
        assert carrier.answer(request) is not None
        assert labels(stage) == {"done"}
    assert injected(stage) == {fault: 1}


async def test_a_test_that_is_unheard_ends_the_connection_an_interval_later(
    stage: Stage, autojump_clock: MockClock
) -> None:
    async with carried(stage) as carrier:
        carrier.ask("public/set_heartbeat", interval=10)
        carrier.ask("public/test")
        strike(stage, "test_unheard")
        ordinary = carrier.ask("public/test")  # no test request stands: this one is heard
        await trio.sleep(10.5)
        assert carrier.answer(ordinary) is not None
        assert carrier.frames[-2:] == [HEARTBEAT, TEST_REQUEST]
        unheard = carrier.ask("public/test")
        await trio.sleep(20)
        assert carrier.answer(unheard) is None
        assert carrier.ended == (20.0, Ending.GOODBYE)
    assert injected(stage) == {"test_unheard": 1}


async def test_a_right_login_is_refused_once(stage: Stage, autojump_clock: MockClock) -> None:
    async with carried(stage) as carrier:
        strike(stage, "auth_refused")
        wrong, right, again = (
            carrier.log_in(secret=secret) for secret in ("wrong", "trade-secret", "trade-secret")
        )
        await settle()
        assert carrier.answer(wrong)["code"] == carrier.answer(right)["code"] == 13004
        assert "access_token" in carrier.answer(again)
    assert injected(stage) == {"auth_refused": 1}


async def test_a_proxy_cuts_only_what_was_quiet_for_a_second(
    stage: Stage, autojump_clock: MockClock
) -> None:
    async with carried(stage) as carrier:
        strike(stage, "idle_cut")
        for _ in range(10):
            request = carrier.ask("public/test")
            await trio.sleep(0.9)
        assert carrier.answer(request) is not None
        await trio.sleep(0.2)
        carrier.buy("never whole")
        await settle()
        assert carrier.ended == (pytest.approx(9.2), Ending.CUT)
        assert labels(stage) == set()
    assert injected(stage) == {"idle_cut": 1}


@pytest.mark.parametrize("fault", ["half_open", "deaf_both"])
async def test_a_mute_line_is_dropped_by_the_exchange_and_the_client_is_not_told(
    stage: Stage, autojump_clock: MockClock, fault: str
) -> None:
    async with carried(stage) as carrier:
        carrier.ask("public/set_heartbeat", interval=10)
        carrier.ask("public/subscribe", channels=[f"ticker.{PERPETUAL}.100ms"])
        carrier.buy("falls")
        await settle()
        carrier.arrived.clear()
        strike(stage, fault)
        carrier.ask("public/get_time")
        stage.tick()
        await settle()
        assert carrier.line.is_silent
        carrier.buy("heard when half open")
        await trio.sleep(19.9)
        assert labels(stage) == (
            {"falls"} | ({"heard when half open"} if fault == "half_open" else set())
        )
        await trio.sleep(0.2)
        assert labels(stage) == set()  # two intervals without an answer: lost, and cancelled
        assert (carrier.arrived, carrier.ended) == ([], None)
        await trio.sleep(600)
        assert carrier.ended == (600.0, Ending.CUT)
        assert carrier.arrived == []
    assert injected(stage) == {fault: 1}


@pytest.mark.parametrize(
    ("fault", "least_s", "most_s"),
    [("latency", 0.2, 2.0), ("jitter", 0.0, 0.5), ("stall", 20.0, 60.0)],
)
async def test_late_frames_wake_the_carrier_when_they_are_due(
    stage: Stage, autojump_clock: MockClock, fault: str, least_s: float, most_s: float
) -> None:
    async with carried(stage) as carrier:
        strike(stage, fault)
        requests = [carrier.ask("public/get_time") for _ in range(5)]
        await settle()
        assert carrier.arrived == []
        assert carrier.line.is_silent == (fault == "stall")
        await trio.sleep(60)
        assert [json.loads(frame)["id"] for frame in carrier.frames] == requests
        assert all(least_s <= at_s <= most_s for at_s, _ in carrier.arrived)
        assert not carrier.line.is_silent
    assert injected(stage) == {fault: 1}


async def test_a_goodbye_waits_for_what_is_held(stage: Stage, autojump_clock: MockClock) -> None:
    async with carried(stage) as carrier:
        strike(stage, "stall", "clean_close")
        request = carrier.ask("public/test")
        await trio.sleep(19.9)
        assert (carrier.ended, carrier.arrived) == (None, [])
        await trio.sleep(41)
        assert carrier.answer(request) is not None
        assert carrier.ended == (carrier.arrived[-1][0], Ending.GOODBYE)


async def test_held_frames_count_as_unread(
    stage: Stage, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.simulator.peer.OUTBOX_BYTES_MAX", 5_000)
    async with carried(stage) as carrier:
        carrier.ask("public/subscribe", channels=[f"ticker.{PERPETUAL}.100ms"])
        await settle()
        strike(stage, "stall")
        for _ in range(30):
            stage.tick()
            await trio.sleep(0.1)
        assert carrier.line.peer.is_closing
        assert carrier.line.peer.outbox_bytes < 7_000


async def test_a_carrier_that_takes_its_time_is_called_once(
    stage: Stage, autojump_clock: MockClock
) -> None:
    async with carried(stage) as carrier:
        strike(stage, "latency")
        request = carrier.ask("public/get_time")
        await settle()
        carrier.is_blocked = True
        carrier.wakes = 0
        await trio.sleep(100)
        assert carrier.wakes == 1
        carrier.is_blocked = False
        carrier.line.peer.wake()
        await settle()
        assert carrier.answer(request) is not None


async def test_notifications_are_struck_and_answers_are_not(
    stage: Stage, autojump_clock: MockClock
) -> None:
    async with carried(stage) as carrier:
        carrier.ask("public/subscribe", channels=[f"book.{PERPETUAL}.raw"])
        await settle()
        carrier.arrived.clear()
        strike(stage, "frame_dropped")
        request = carrier.ask("public/get_time")
        for size in (1_000, 2_000, 3_000):
            bids = f"59999.5 x {size}0"
            stage.feed.quote(PERPETUAL, bids=bids, asks="60000 x 1000", mark="60000")
            stage.tick()
            await settle()
        assert carrier.answer(request) is not None
        changes = [json.loads(f)["params"]["data"] for f in carrier.frames if b"book" in f]
        assert len(changes) == 2
        assert changes[1]["prev_change_id"] == changes[0]["change_id"]
    assert injected(stage) == {"frame_dropped": 1}


RATES = {
    "latency": 400.0,
    "jitter": 400.0,
    "stall": 60.0,
    "frame_dropped": 3_600.0,
    "frame_duplicated": 3_600.0,
    "frames_reordered": 3_600.0,
    "frame_truncated": 3_600.0,
    "request_dropped": 3_600.0,
    "request_stalled": 120.0,
    "proxy_page": 1_200.0,
    "empty_answer": 1_200.0,
    "reset": 20.0,
}


async def run(stage: Stage, *, seed: int) -> tuple[list[tuple[float, bytes]], dict[str, int]]:
    """Tick and ask for two minutes; return what arrived and when, and what was counted."""
    stage.floor.trouble = Trouble(Plan(seed=seed, rates=RATES))
    heard: list[tuple[float, bytes]] = []
    end_s = trio.current_time() + 120
    for number in range(20):
        async with carried(stage, f"c{number}") as carrier:
            carrier.ask("public/subscribe", channels=[f"ticker.{PERPETUAL}.100ms"])
            while carrier.ended is None and trio.current_time() < end_s:
                await trio.sleep(0.1)
                stage.tick()
                carrier.ask("public/get_time")
            heard += [(round(at_s, 6), frame) for at_s, frame in carrier.arrived]
    return heard, injected(stage)


async def test_one_seed_makes_one_sequence(
    stage: Stage, autojump_clock: MockClock, tmp_path: Path
) -> None:
    heard, counted = await run(stage, seed=7)
    (tmp_path / "same").mkdir()
    (tmp_path / "other").mkdir()
    with closing(Stage(tmp_path / "same")) as same, closing(Stage(tmp_path / "other")) as other:
        assert await run(same, seed=7) == (heard, counted)
        assert (await run(other, seed=8))[0] != heard
    assert len(counted) >= 8
