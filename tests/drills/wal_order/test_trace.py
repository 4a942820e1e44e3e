"""The trace sees what the disk was given, and refuses a ledger that does not wait for it."""

from pathlib import Path

import apsw
import pytest

from drills.disk import watched_disk
from drills.wal_order.trace import LOG_FILE, NotFullError, Trace

FIRST = "bd-4f1c09aa-" + "0" * 48
SECOND = "bd-4f1c09aa-" + "1" * 48


def opened(folder: Path, trace: Trace, *, synchronous: str | None) -> apsw.Connection:
    """Open a database as the ledger is, with another care for the disk."""
    connection = apsw.Connection(str(folder / "ledger.db"), vfs=watched_disk(trace))
    connection.execute("PRAGMA journal_mode = wal")
    if synchronous is not None:
        connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute("CREATE TABLE journal (label TEXT UNIQUE, body TEXT)")
    return connection


@pytest.mark.rule("C-201")
def test_an_order_is_durable_from_the_barrier_after_its_label_on(tmp_path: Path) -> None:
    trace = Trace()
    connection = opened(tmp_path, trace, synchronous="full")
    connection.execute("INSERT INTO journal VALUES (?, 'x')", (FIRST,))
    trace.require_full()
    trace.sending(FIRST)
    trace.sending(SECOND)
    connection.execute("INSERT INTO journal VALUES (?, 'x')", (SECOND,))
    connection.close()
    first, second = trace.orders
    assert (first.label, first.is_in_order) == (FIRST, True)
    assert (second.label, second.is_in_order) == (SECOND, False)
    assert second.durable_ns is not None
    assert second.durable_ns > second.sent_ns


@pytest.mark.rule("C-201")
def test_a_label_without_a_barrier_after_it_is_never_durable() -> None:
    trace = Trace()
    trace.synced(LOG_FILE)
    trace.written(LOG_FILE, data=FIRST.encode(), offset=0)
    trace.synced("ledger.db")  # the barrier of another file says nothing of the log
    trace.sending(FIRST)
    assert trace.orders[0].durable_ns is None
    assert not trace.orders[0].is_in_order


@pytest.mark.rule("C-201")
@pytest.mark.parametrize("synchronous", ["off", "normal", "0", "1"])
def test_a_ledger_that_does_not_wait_is_refused(tmp_path: Path, synchronous: str) -> None:
    trace = Trace()
    connection = opened(tmp_path, trace, synchronous=synchronous)
    with pytest.raises(NotFullError, match=f"synchronous was {synchronous}, not FULL"):
        trace.require_full()
    connection.close()


def test_a_setting_that_was_never_made_is_refused(tmp_path: Path) -> None:
    trace = Trace()
    connection = opened(tmp_path, trace, synchronous=None)
    with pytest.raises(NotFullError, match="never set"):
        trace.require_full()
    connection.close()


def test_a_disk_that_is_asked_and_never_waits_is_refused() -> None:
    trace = Trace()
    trace.asked("synchronous", value="full")
    trace.written(LOG_FILE, data=b"page", offset=0)
    with pytest.raises(NotFullError, match="without a barrier"):
        trace.require_full()
