"""A short wal-order against real processes, and its refusal."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from drills.wal_order.barrier import report_of
from drills.wal_order.trace import Order
from drills.wal_order.worker import Traced, trace_run
from ledger.ledger import Ledger
from ledger.writer import Writer, open_writer


@pytest.mark.rule("C-201")
def test_forty_orders_leave_after_their_barriers(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "commands", "drill", "wal-order", "--n", "40", "--json"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    document = json.loads(done.stdout)
    assert done.returncode == 0, document
    assert document["figures"]["orders"] >= 40
    assert document["figures"]["sent_before_durable"] == 0
    assert document["figures"]["unseen_orders"] == 0
    assert document["figures"]["barriers"] >= 40
    assert document["figures"]["gap_us_min"] > 0


# The exchange outlives the object that started it: that is what it is for.
@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
@pytest.mark.rule("C-201")
def test_a_ledger_that_stopped_waiting_for_the_disk_is_refused(tmp_path: Path) -> None:
    @asynccontextmanager
    async def loosened(ledger: Ledger) -> AsyncIterator[Writer]:
        ledger._connection.pragma("synchronous", "normal")
        async with open_writer(ledger) as writer:
            yield writer

    traced = trace_run(tmp_path, seed=7, orders=1, has_seam=True, limit_s=5.0, writer=loosened)
    assert traced.orders == 0
    assert traced.refused is not None
    assert traced.refused.startswith("wal-order refuses to run: synchronous was normal, not FULL")


def passed(traced: Traced, *, calls: list[tuple[Order, ...]] | None = None) -> bool:
    """Say whether a drill of one wanted order is good."""
    return report_of([traced], calls=calls, wanted=1, command="", seconds=1.0).passed


def test_each_figure_alone_fails_the_drill() -> None:
    good = Traced(orders=1, barriers=1, gaps_us=(900,), labels=("a",))
    assert passed(good)
    assert not passed(Traced(orders=0))
    assert not passed(Traced(orders=1, early=("a",)))
    assert not passed(Traced(orders=1, unseen=("b",)))


def test_system_calls_decide_when_they_are_looked_at() -> None:
    traced = Traced(orders=1, labels=("a",))
    assert passed(traced, calls=[(Order("a", 1, 2),)])
    assert not passed(traced, calls=[(Order("a", 3, 2),)])
    assert not passed(traced, calls=[(Order("a", None, 2),)])
    assert not passed(traced, calls=[(Order("b", 1, 2),)]), "a hole in what was looked at"
