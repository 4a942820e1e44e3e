"""What happens to books, feeds and states, as subscribers and order requests meet it."""

from typing import Any

import pytest

from bot.domain.ids import InstrumentName
from bot.domain.instrument import BookState
from bot.domain.side import Side
from tests.bot.simulator.stage import CALL, FUTURE, PERPETUAL, D, Stage

BOOK = f"book.{CALL}.100ms"
TICKER = f"ticker.{CALL}.100ms"
MARKS = "markprice.options.btc_usd"
INDEX = "deribit_price_index.btc_usd"
STATES = "instrument.state.any.any"


@pytest.fixture
def watching(stage: Stage) -> Stage:
    channels = [BOOK, TICKER, MARKS, INDEX, STATES, "platform_state"]
    stage.call("private/subscribe", channels=channels)
    return stage


def begin(stage: Stage, fault: str) -> None:
    stage.floor.trouble.strike(fault)
    stage.tick()


def heal(stage: Stage) -> None:
    stage.floor.trouble.heal()
    stage.tick()


def move(stage: Stage, amount: int) -> None:
    """Let the book of the call change by an amount."""
    stage.feed.quote(CALL, bids=f"0.0495 x {amount}", asks="0.0505 x 5", mark="0.05")
    stage.tick()


def is_chain(stage: Stage, said: list[Any], last: int) -> bool:
    """Say whether changes follow on one another, and lead to the book as it is."""
    for change in said:
        if change["type"] == "snapshot" or change["prev_change_id"] != last:
            return False
        last = change["change_id"]
    return last == stage.venue.books[InstrumentName(CALL)].change_id


def last_id(stage: Stage) -> int:
    return int(stage.on(BOOK)[-1]["change_id"])


def test_one_change_of_a_book_is_left_out(watching: Stage) -> None:
    last = last_id(watching)
    watching.floor.trouble.strike("book_gap")
    move(watching, 1)
    move(watching, 2)
    said = watching.on(BOOK)
    assert len(said) == 1
    assert not is_chain(watching, said, last)
    last = said[0]["change_id"]
    move(watching, 3)
    assert is_chain(watching, watching.on(BOOK), last)


def test_a_stuck_book_is_silent_and_then_brings_all_at_once(watching: Stage) -> None:
    last = last_id(watching)
    begin(watching, "book_stuck")
    for amount in (1, 2, 3):
        move(watching, amount)
    assert watching.on(BOOK) == []
    heal(watching)
    said = watching.on(BOOK)
    assert len(said) == 1
    assert is_chain(watching, said, last)
    assert said[0]["bids"] == [["change", D("0.0495"), 3], ["delete", D("0.049"), 0]]


def test_an_old_snapshot_is_sent_again(watching: Stage) -> None:
    last_id(watching)
    watching.floor.trouble.strike("feed_replayed")
    move(watching, 1)
    [first] = watching.on(BOOK)
    move(watching, 2)
    change, old = watching.on(BOOK)
    assert (old["type"], old["change_id"]) == ("snapshot", first["change_id"])
    assert change["prev_change_id"] == first["change_id"]
    assert old["bids"] == [["new", D("0.0495"), 1]]
    move(watching, 3)
    assert is_chain(watching, watching.on(BOOK), change["change_id"])


def test_stuck_marks_repeat_themselves_with_their_old_time(watching: Stage) -> None:
    begin(watching, "mark_stuck")
    watching.heard()
    for mark in ("0.051", "0.052"):
        watching.feed.quote(CALL, bids="0.0495 x 5", asks="0.0525 x 5", mark=mark)
        watching.tick(ms=1_000)
    said = watching.heard()
    tickers = [row["data"] for row in said if row["channel"] == TICKER]
    marks = [row["data"] for row in said if row["channel"] == MARKS]
    assert tickers[0] == tickers[1]
    assert marks[0] == marks[1]
    assert watching.call("public/ticker", instrument_name=CALL)["mark_price"] == D("0.052")
    heal(watching)
    assert watching.on(TICKER)[-1]["mark_price"] == D("0.052")


def test_an_index_falls_silent(watching: Stage) -> None:
    watching.heard()
    begin(watching, "index_silent")
    said = [row["channel"] for row in watching.heard()]
    assert (INDEX in said, TICKER in said) == (False, True)
    heal(watching)
    assert len(watching.on(INDEX)) == 1


def sides(stage: Stage) -> tuple[list[Any], list[Any]]:
    book = stage.call("public/get_order_book", instrument_name=CALL)
    return book["bids"], book["asks"]


@pytest.mark.parametrize("fault", ["book_crossed", "book_one_sided", "book_empty"])
def test_the_market_of_a_book_is_bent_and_comes_back(watching: Stage, fault: str) -> None:
    right, last = sides(watching), last_id(watching)
    begin(watching, fault)
    bids, asks = sides(watching)
    match fault:
        case "book_crossed":
            assert D("0.051") <= bids[0][0] <= D("0.052")
            assert asks == right[1]
        case "book_one_sided":
            assert [len(bids), len(asks)] in ([0, 2], [2, 0])
        case _:
            assert (bids, asks) == ([], [])
            order = watching.order("buy", CALL, amount=1, price=0.0505)
            assert (order["order_state"], order["filled_amount"]) == ("open", 0)
            watching.call("private/cancel_all")
    watching.feed.quote(CALL, bids="0.048 x 1", asks="0.0525 x 1", mark="0.05")
    watching.tick()
    assert sides(watching) != ([[D("0.048"), 1]], [[D("0.0525"), 1]])
    heal(watching)
    assert sides(watching) == ([[D("0.048"), 1]], [[D("0.0525"), 1]])
    assert is_chain(watching, watching.on(BOOK), last)


def test_a_bent_book_that_did_not_move_is_what_it_was(watching: Stage) -> None:
    right = sides(watching)
    begin(watching, "book_empty")
    heal(watching)
    assert sides(watching) == right


def test_a_span_ends_by_itself(watching: Stage) -> None:
    begin(watching, "book_empty")
    watching.tick(ms=9_000)
    assert sides(watching) == ([], [])
    watching.tick(ms=112_000)
    assert sides(watching) != ([], [])
    assert watching.floor.trouble.injected == {"book_empty": 1}


def test_ticks_are_twice_as_large_for_a_while(watching: Stage) -> None:
    kept = watching.order("buy", CALL, amount=1, price=0.0495, label="kept")
    watching.heard()
    begin(watching, "tick_changed")
    shown = watching.call("public/get_instrument", instrument_name=CALL)
    assert (shown["tick_size"], shown["tick_size_steps"][0]["tick_size"]) == (
        D("0.0002"),
        D("0.001"),
    )
    assert [row["instrument_name"] for row in watching.on(STATES)] == [CALL]
    assert watching.order("buy", CALL, amount=1, price=0.0485)["code"] == 10043
    assert "order_id" in watching.order("buy", CALL, amount=1, price=0.048)
    assert kept["order_id"] in watching.venue.open
    heal(watching)
    assert [row["instrument_name"] for row in watching.on(STATES)] == [CALL]
    assert "order_id" in watching.order("buy", CALL, amount=1, price=0.0485)


def test_a_halted_book_refuses_and_trades_with_nobody(watching: Stage) -> None:
    watching.order("buy", CALL, amount=1, price=0.0495)
    watching.heard()
    begin(watching, "halted")
    assert [(r["instrument_name"], r["state"]) for r in watching.on(STATES)] == [(CALL, "halted")]
    assert watching.order("buy", CALL, amount=1, price=0.048)["code"] == 10012
    assert "order_id" in watching.order("buy", FUTURE, amount=10, price=59000)
    watching.feed.quote(CALL, bids="0.048 x 1", asks="0.049 x 9", mark="0.0485")
    watching.feed.sweep(CALL, side=Side.SELL, limit="0.04", amount="9")
    watching.tick()
    assert watching.size(CALL) == 0
    assert watching.call("public/ticker", instrument_name=CALL)["mark_price"] == D("0.0485")
    heal(watching)
    assert [r["state"] for r in watching.on(STATES)] == ["open"]
    assert watching.size(CALL) == 1  # the market had gone through the order meanwhile
    assert "order_id" in watching.order("buy", CALL, amount=1, price=0.048)


def test_all_books_are_in_settlement_for_a_while(watching: Stage) -> None:
    watching.heard()
    begin(watching, "settling")
    assert {r["state"] for r in watching.on(STATES)} == {"settlement"}
    assert watching.order("buy", amount=10, price=59990)["code"] == 10041
    watching.tick(ms=30_000)
    assert {book.state for book in watching.venue.books.values()} == {BookState.OPEN}
    assert "order_id" in watching.order("buy", amount=10, price=59990)


def test_a_locked_platform_takes_cancels_only(watching: Stage) -> None:
    order = watching.order("buy", amount=10, price=59990)
    watching.heard()
    begin(watching, "locked")
    assert {(r["price_index"], r["locked"]) for r in watching.on("platform_state")} == {
        ("btc_usd", True),
        ("btc_usdc", True),
    }
    status = watching.call("public/status")
    assert status == {"locked": "true", "locked_indices": ["btc_usd", "btc_usdc"]}
    assert watching.order("buy", amount=10, price=59990)["code"] == 10019
    gone = watching.call("private/cancel", order_id=order["order_id"])
    assert gone["order_state"] == "cancelled"
    heal(watching)
    assert [r["locked"] for r in watching.on("platform_state")] == [False, False]
    assert watching.call("public/status")["locked"] == "false"
    assert "order_id" in watching.order("buy", amount=10, price=59990)


def test_a_maintenance_is_announced_then_all_lines_are_cut(watching: Stage) -> None:
    watching.heard()
    begin(watching, "maintenance")
    assert watching.on("platform_state") == [{"maintenance": True}]
    watching.tick(ms=2_800)
    assert not watching.peers["trade"].is_closing
    assert "order_id" in watching.order("buy", amount=10, price=59990)
    watching.tick(ms=7_300)
    assert all(watching.peers[role].is_closing for role in ("trade", "read", "other"))
    for role in ("trade", "read", "other"):
        watching.floor.lost(watching.peers[role])
    watching.peers["new"] = watching.peer("new")
    login = {
        "grant_type": "client_credentials",
        "client_id": "trade",
        "client_secret": "trade-secret",
    }
    assert watching.call("public/auth", role="new", **login)["code"] == 11051
    watching.tick(ms=180_000)
    assert not watching.peers["new"].is_closing
    assert "access_token" in watching.call("public/auth", role="new", **login)
    assert len(watching.call("private/get_open_orders", role="new")) == 1


def test_the_instrument_is_one_of_ours(stage: Stage) -> None:
    stage.order("buy", FUTURE, amount=10, price=59000)
    begin(stage, "halted")
    assert stage.venue.books[InstrumentName(FUTURE)].state is BookState.HALTED


def test_without_orders_and_positions_it_is_one_that_is_watched(stage: Stage) -> None:
    stage.call("public/subscribe", channels=[f"ticker.{PERPETUAL}.100ms"])
    begin(stage, "halted")
    assert stage.venue.books[InstrumentName(PERPETUAL)].state is BookState.HALTED
