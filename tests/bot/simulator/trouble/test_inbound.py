"""What becomes of requests on their way to the exchange."""

import math

import pytest

from bot.simulator.trouble import inbound
from bot.simulator.trouble.inbound import Fate, Inbound
from bot.simulator.trouble.plan import Plan
from bot.simulator.trouble.trouble import Trouble


def way(*faults: str) -> tuple[Inbound, Trouble]:
    trouble = Trouble(Plan(seed=7))
    for fault in faults:
        trouble.strike(fault)
    return Inbound(trouble), trouble


@pytest.mark.parametrize(
    ("fault", "fate"),
    [
        ("request_dropped", Fate.DROPPED),
        ("request_cut", Fate.CUT),
        ("request_cut_after", Fate.CUT_AFTER),
    ],
)
def test_one_request_is_struck_and_the_next_is_served(fault: str, fate: Fate) -> None:
    requests, trouble = way(fault)
    assert [requests.arrive(b"x", now_s=1.0) for _ in range(2)] == [fate, Fate.SERVED]
    assert (dict(trouble.injected), requests.next_s) == ({fault: 1}, math.inf)


def test_those_after_a_held_request_wait_behind_it() -> None:
    requests, trouble = way("request_stalled")
    assert requests.arrive(b"1", now_s=100.0) is Fate.HELD
    assert requests.arrive(b"2", now_s=101.0) is Fate.HELD
    until_s = requests.next_s
    assert 105.0 <= until_s <= 140.0
    assert requests.due(until_s - 0.001) is None
    assert [requests.due(until_s) for _ in range(3)] == [b"1", b"2", None]
    assert requests.arrive(b"3", now_s=until_s) is Fate.SERVED
    assert dict(trouble.injected) == {"request_stalled": 1}


def test_more_than_can_be_held_breaks_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbound, "INBOX_MAX", 3)
    requests, _ = way("request_stalled")
    fates = [requests.arrive(b"x", now_s=1.0) for _ in range(4)]
    assert fates == [Fate.HELD] * 3 + [Fate.CUT]
    requests.clear()
    assert requests.next_s == math.inf
