"""What becomes of frames on their way to the client, by the bytes that arrive."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.simulator.peer import Peer
from bot.simulator.trouble.fault import FAULTS
from bot.simulator.trouble.outbound import Outbound
from bot.simulator.trouble.plan import Plan
from bot.simulator.trouble.trouble import Trouble
from bot.simulator.wire import HEARTBEAT, notification, reply

ANSWER = reply(1, result="ok", in_us=1, out_us=2)


def news(number: int) -> bytes:
    return notification("book", data=number)


class Way:
    """A way with its faults, at a time that the test sets."""

    def __init__(self, *faults: str, seed: int = 7) -> None:
        self.trouble = Trouble(Plan(seed=seed))
        self.trouble.pass_time(1_000)
        self.peer = Peer(id="c1", is_socket=True, wake=lambda: None)
        self.outbound = Outbound(self.trouble, self.peer)
        self.now_s = 100.0
        for fault in faults:
            self.trouble.strike(fault)

    def send(self, *frames: bytes) -> list[bytes]:
        """Send, and return what has arrived at once."""
        for frame in frames:
            self.outbound.depart(frame, now_s=self.now_s)
        return self.outbound.arrived(self.now_s)

    def wait(self) -> tuple[float, list[bytes]]:
        """Wait for the next arrival; return how long that took since 100 s, and what arrived."""
        self.now_s = self.outbound.next_s
        return self.now_s - 100.0, self.outbound.arrived(self.now_s)

    @property
    def counted(self) -> dict[str, int]:
        return dict(self.trouble.injected)


def test_without_faults_all_arrives_at_once_and_as_it_was() -> None:
    way = Way()
    sent = [news(1), ANSWER, HEARTBEAT, news(2)]
    assert way.send(*sent) == sent
    assert (way.outbound.is_empty, way.outbound.next_s, way.counted) == (True, math.inf, {})


@pytest.mark.parametrize(
    ("fault", "sent", "arrives"),
    [
        ("frame_dropped", [news(1), news(2)], [news(2)]),
        ("frame_dropped", [ANSWER, HEARTBEAT, news(1), news(2)], [ANSWER, HEARTBEAT, news(2)]),
        ("frame_duplicated", [news(1), news(2)], [news(1), news(1), news(2)]),
        ("frame_duplicated", [ANSWER, news(1)], [ANSWER, ANSWER, news(1)]),
        ("frames_reordered", [news(1), news(2), news(3)], [news(2), news(1), news(3)]),
        ("frames_reordered", [ANSWER, news(1), news(2)], [ANSWER, news(2), news(1)]),
        ("flood", [news(1)], [HEARTBEAT] * 100 + [news(1)]),
        ("flood", [ANSWER, news(1)], [*[HEARTBEAT] * 100, ANSWER, *[HEARTBEAT] * 100, news(1)]),
    ],
)
def test_what_arrives_is_counted_once(fault: str, sent: list[bytes], arrives: list[bytes]) -> None:
    way = Way(fault)
    assert way.send(*sent) == arrives
    assert way.counted == {fault: 1}
    assert way.peer.outbox_bytes == 0


@pytest.mark.parametrize(
    ("fault", "sent"),
    [
        ("frame_dropped", [ANSWER, HEARTBEAT]),
        ("frames_reordered", [ANSWER, HEARTBEAT]),
        ("frames_reordered", [news(1), ANSWER]),  # nothing of its kind came to overtake it
        ("frame_truncated", [b""]),
    ],
)
def test_a_fault_that_has_nothing_to_happen_to_is_not_counted(
    fault: str, sent: list[bytes]
) -> None:
    way = Way(fault)
    assert way.send(*sent) == sent
    assert way.counted == {}
    assert way.trouble.is_armed(fault)


def test_a_notification_that_nothing_overtakes_arrives_after_half_a_second() -> None:
    way = Way("frames_reordered")
    assert way.send(news(1)) == []
    assert way.peer.outbox_bytes == len(news(1))
    assert way.wait() == (0.5, [news(1)])
    assert (way.counted, way.peer.outbox_bytes) == ({}, 0)


def test_a_truncated_frame_is_a_beginning_that_is_no_json() -> None:
    whole = notification("book", data="ä" * 50)
    kept = set()
    for seed in range(50):
        way = Way("frame_truncated", seed=seed)
        (first, second) = way.send(whole, whole)
        assert len(first) < len(whole)
        assert whole.startswith(first)
        with pytest.raises(json.JSONDecodeError):
            json.loads(first.decode())
        assert (second, way.counted) == (whole, {"frame_truncated": 1})
        kept.add(len(first))
    assert len(kept) > 10


def test_latency_holds_every_frame_for_the_same_time_of_its_span() -> None:
    way = Way("latency")
    assert way.send(news(1), ANSWER) == []
    way.now_s = 100.1
    assert way.send(news(2)) == []
    late_s, frames = way.wait()
    assert 0.2 <= late_s <= 2.0
    assert frames == [news(1), ANSWER]
    assert way.wait() == (pytest.approx(late_s + 0.1), [news(2)])
    assert way.counted == {"latency": 1}


def test_each_span_of_latency_has_its_own_time() -> None:
    way = Way("latency")
    way.send(news(1))
    first_s, _ = way.wait()
    way.trouble.pass_time(61_000)
    assert way.send(news(2)) == [news(2)]
    way.trouble.strike("latency")
    way.now_s = 100.0
    way.outbound.depart(news(3), now_s=100.0)
    assert way.wait()[0] != first_s
    assert way.counted == {"latency": 2}


def test_jitter_holds_each_frame_for_its_own_time_and_keeps_their_order() -> None:
    way = Way("jitter")
    frames = [news(number) for number in range(40)]
    assert way.send(*frames) == []
    arrived, times = [], []
    while not way.outbound.is_empty:
        late_s, some = way.wait()
        arrived += some
        times.append(late_s)
    assert arrived == frames
    assert len(times) > 2
    assert 0.0 <= times[0] <= times[-1] <= 0.5


def test_a_stall_holds_all_that_is_on_its_way_and_then_delivers_it() -> None:
    way = Way("jitter")
    assert way.send(news(1)) == []  # on its way already when the stall begins
    way.trouble.strike("stall")
    assert way.send(news(2), ANSWER) == []
    assert way.outbound.is_stalled(way.now_s)
    held_s, frames = way.wait()
    assert 20.0 <= held_s <= 60.0
    assert frames == [news(1), news(2), ANSWER]
    assert not way.outbound.is_stalled(way.now_s)
    assert way.counted == {"jitter": 1, "stall": 1}


def test_after_half_open_nothing_arrives_not_even_what_was_on_its_way() -> None:
    way = Way("latency")
    way.send(news(1))
    way.trouble.strike("half_open")
    way.send(news(2))
    way.trouble.strike("reset")
    assert way.send(news(3)) == []
    assert (way.outbound.is_mute, way.outbound.is_empty) == (True, True)
    assert (way.peer.outbox_bytes, way.peer.is_closing) == (0, False)
    assert way.counted == {"latency": 1, "half_open": 1}


@pytest.mark.parametrize(("fault", "is_cut"), [("reset", True), ("clean_close", False)])
def test_the_peer_is_told_how_it_ends(fault: str, is_cut: bool) -> None:
    way = Way(fault)
    assert way.send(news(1)) == ([] if is_cut else [news(1)])
    assert (way.peer.is_closing, way.peer.is_cut) == (True, is_cut)
    assert way.counted == {fault: 1}


LATE = ["latency", "jitter", "stall"]
ODD = [*LATE, "flood", "frame_duplicated", "frames_reordered", "frame_dropped", "frame_truncated"]
FRAME = st.sampled_from([news(1), ANSWER, HEARTBEAT])


@given(
    st.integers(0, 50),
    st.lists(st.one_of(st.sampled_from(ODD), FRAME, st.floats(0, 30))),
)
def test_held_bytes_are_those_that_have_not_arrived(
    seed: int, steps: list[str | bytes | float]
) -> None:
    way = Way(seed=seed)
    for step in steps:
        match step:
            case str():
                way.trouble.strike(step)
            case bytes():
                way.outbound.depart(step, now_s=way.now_s)
            case float():
                way.now_s += step
                way.outbound.arrived(way.now_s)
        assert way.peer.outbox_bytes >= 0
        assert (way.peer.outbox_bytes == 0) == way.outbound.is_empty
    while not way.outbound.is_empty:
        assert math.isfinite(way.outbound.next_s)
        held = way.outbound.next_s
        way.wait()
        assert way.outbound.next_s > held  # it goes on: a carrier is never called for nothing
    assert way.peer.outbox_bytes == 0


@given(st.integers(0, 50), st.lists(st.sampled_from(LATE), max_size=3), st.integers(1, 30))
def test_late_frames_keep_their_order(seed: int, faults: list[str], count: int) -> None:
    way = Way(*faults, seed=seed)
    frames = [news(number) for number in range(count)]
    arrived = way.send(*frames)
    while not way.outbound.is_empty:
        arrived += way.wait()[1]
    assert arrived == frames


def test_the_names_here_are_faults() -> None:
    assert set(ODD) <= set(FAULTS)
