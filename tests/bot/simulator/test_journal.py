"""What outlives the process, and what a torn line costs."""

from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.simulator.journal import Journal, JournalDamagedError
from tests.bot.simulator.stage import CALL, PERPETUAL, Stage

D = Decimal


def test_a_reopened_floor_is_what_the_last_one_was(tmp_path: Path) -> None:
    with closing(Stage(tmp_path)) as first:
        first.order("buy", amount=500, price=60000, label="filled")
        resting = first.order("buy", amount=100, price=59990, label="rests")
        first.order("sell", CALL, amount=2, price="0.0495", label="short")
        gone = first.order("buy", amount=10, price=59980, label="gone")
        first.call("private/cancel", order_id=gone["order_id"])
        first.call("private/set_self_trading_config", mode="cancel_maker")
        before = {m: first.call(m, **p) for m, p in LOOK_UPS}
    with closing(Stage(tmp_path)) as second:
        assert {m: second.call(m, **p) for m, p in LOOK_UPS} == before
        assert second.venue.accounts == first.venue.accounts
        # The order rests in the book again, and new ids go on where the old ones ended.
        book = second.call("public/get_order_book", instrument_name=PERPETUAL, depth=10)
        assert [59990, 100] in [[D(p), D(a)] for p, a in book["bids"]]
        later = second.order("buy", amount=10, price=59970)
        assert int(later["order_id"]) > int(gone["order_id"])
        assert second.call("private/cancel", order_id=resting["order_id"])["label"] == "rests"


LOOK_UPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("private/get_open_orders", {}),
    ("private/get_user_trades_by_currency", {"currency": "BTC", "sorting": "asc"}),
    ("private/get_order_state_by_label", {"currency": "BTC", "label": "gone"}),
    ("private/get_order_history_by_currency", {"currency": "BTC", "include_unfilled": True}),
    ("private/get_account_summary", {"currency": "BTC", "extended": True}),
    ("private/sim_order_log", {}),
)


def test_every_change_is_on_disk_before_its_answer(stage: Stage, tmp_path: Path) -> None:
    stage.order("buy", amount=10, price=59990, label="durable")
    assert '"durable"' in (tmp_path / "journal.jsonl").read_text().splitlines()[-1]


def test_a_torn_last_line_is_dropped_whole(tmp_path: Path) -> None:
    with closing(Stage(tmp_path)) as first:
        first.order("buy", amount=10, price=59990, label="kept")
        first.order("buy", amount=500, price=60000, label="torn")
    path = tmp_path / "journal.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    with closing(Stage(tmp_path)) as second:
        assert [o["label"] for o in second.call("private/get_open_orders")] == ["kept"]
        assert second.size() == 0
        second.order("buy", amount=10, price=59980, label="after")
    with closing(Stage(tmp_path)) as third:
        assert len(third.call("private/get_open_orders")) == 2


def test_a_broken_line_in_the_middle_is_a_fault_with_its_number(tmp_path: Path) -> None:
    with closing(Stage(tmp_path)) as first:
        first.order("buy", amount=10, price=59990)
    path = tmp_path / "journal.jsonl"
    whole = path.read_bytes()
    path.write_bytes(b"{broken}\n" + whole)
    with pytest.raises(JournalDamagedError) as fault:
        Journal(tmp_path).read()
    assert fault.value.line == 1


def test_a_grown_journal_is_written_anew_and_says_the_same(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.simulator.journal._GROWN_BYTES", 20_000)
    path = tmp_path / "journal.jsonl"
    lines = []
    for _ in range(40):
        order = stage.order("buy", amount=10, price=59990)
        stage.call("private/cancel", order_id=order["order_id"])
        stage.tick(ms=1_000)
        lines.append(len(path.read_text().splitlines()))
    assert lines != sorted(lines)  # at least once it shrank
    before = stage.call("private/sim_order_log")
    stage.close()
    with closing(Stage(tmp_path)) as second:
        assert second.call("private/sim_order_log") == before
