"""Channels: what is said first, what changes, and what is left out."""

from decimal import Decimal
from typing import Any

from bot.domain.side import Side
from tests.bot.simulator.stage import CALL, PERPETUAL, Stage

D = Decimal
BOOK = f"book.{PERPETUAL}.100ms"


def follow(levels: dict[str, dict[Decimal, Decimal]], message: dict[str, Any]) -> None:
    """Apply a book message as a client does."""
    if message["type"] == "snapshot":
        levels.clear()
    for side in ("bids", "asks"):
        rows = levels.setdefault(side, {})
        for action, price, amount in message[side]:
            if action == "delete":
                del rows[D(price)]
            else:
                assert (action == "new") == (D(price) not in rows)
                rows[D(price)] = D(amount)


def test_unknown_channels_are_left_out_of_the_answer(stage: Stage) -> None:
    asked = [BOOK, "book.NOPE.100ms", "ticker.BTC-PERPETUAL.5ms", "deribit_price_index.btc_usd", ""]
    assert stage.call("public/subscribe", channels=asked) == [BOOK, "deribit_price_index.btc_usd"]


def test_a_book_begins_whole_and_its_changes_are_chained(stage: Stage) -> None:
    stage.call("public/subscribe", channels=[BOOK])
    levels: dict[str, dict[Decimal, Decimal]] = {}
    stage.order("buy", amount=10, price=59990)
    stage.order("sell", amount=20, price=60002)
    stage.tick()
    stage.order("buy", amount=500, price=60000)
    stage.tick()
    stage.call("private/cancel_all")
    stage.feed.quote(PERPETUAL, bids="59998 x 7", asks="60001 x 8, 60003 x 9", mark="60000")
    stage.tick()
    said = stage.on(BOOK)
    assert [m["type"] for m in said] == ["snapshot", "change", "change", "change"]
    last = said[0]["change_id"]
    for message in said:
        if message["type"] == "change":
            assert message["prev_change_id"] == last
        last = message["change_id"]
        follow(levels, message)
    book = stage.call("public/get_order_book", instrument_name=PERPETUAL, depth=100)
    assert last == book["change_id"]
    for side in ("bids", "asks"):
        assert levels[side] == {D(p): D(a) for p, a in book[side]}


def test_a_second_follower_begins_where_the_channel_stands(stage: Stage) -> None:
    stage.call("public/subscribe", channels=[BOOK])
    stage.order("buy", amount=10, price=59990)
    stage.call("public/subscribe", channels=[BOOK], role="other")
    stage.tick()
    (snapshot, change) = stage.on(BOOK, role="other")
    assert change["prev_change_id"] == snapshot["change_id"]
    levels: dict[str, dict[Decimal, Decimal]] = {}
    follow(levels, snapshot)
    follow(levels, change)
    assert levels["bids"][D(59990)] == 10


def test_nothing_is_said_of_a_book_that_did_not_change_but_its_ticker_is_confirmed(
    stage: Stage,
) -> None:
    ticker = f"ticker.{PERPETUAL}.100ms"
    stage.call("public/subscribe", channels=[BOOK, ticker])
    stage.heard()
    stage.tick()
    (said,) = stage.heard()
    assert said["channel"] == ticker
    assert said["data"]["timestamp"] == stage.clock_ms


def test_raw_channels_need_a_login_and_refuse_the_whole_call(stage: Stage) -> None:
    raw = f"book.{PERPETUAL}.raw"
    assert stage.call("public/subscribe", role="", channels=[BOOK, raw])["code"] == 13778
    stage.tick()
    assert stage.heard("") == []
    assert stage.call("public/subscribe", channels=[raw]) == [raw]
    stage.order("buy", amount=10, price=59990)
    assert [m["type"] for m in stage.on(raw)] == ["snapshot", "change"]


def test_user_channels_need_a_login_and_tell_only_their_owner(stage: Stage) -> None:
    channel = "user.orders.any.any.raw"
    assert stage.call("private/subscribe", role="", channels=[channel])["code"] == 13009
    assert stage.call("public/subscribe", role="", channels=[channel])["code"] == 13009
    for role in ("trade", "other"):
        assert stage.call("private/subscribe", role=role, channels=[channel]) == [channel]
    order = stage.order("buy", amount=10, price=59990, label="mine")
    (said,) = stage.on(channel)
    assert said == order
    assert stage.heard("other") == []


def test_one_fill_is_told_by_orders_trades_and_changes(stage: Stage) -> None:
    channels = [f"user.{family}.any.any.raw" for family in ("orders", "trades", "changes")]
    stage.call("private/subscribe", channels=channels)
    order = stage.order("sell", CALL, amount=1, price="0.0495")
    said = {message["channel"]: message["data"] for message in stage.heard()}
    assert said[channels[0]] == order
    (trade,) = said[channels[1]]
    assert (trade["order_id"], trade["state"]) == (order["order_id"], "filled")
    changes = said[channels[2]]
    assert changes["orders"] == [order]
    assert changes["trades"] == [trade]
    (position,) = changes["positions"]
    assert (position["direction"], D(position["size"])) == ("sell", D(-1))


def test_slower_user_channels_gather_into_lists(stage: Stage) -> None:
    channel = "user.orders.option.BTC.100ms"
    stage.call("private/subscribe", channels=[channel])
    stage.order("buy", amount=10, price=59990)  # a future: not of this channel
    for price in ("0.045", "0.0455"):
        stage.order("buy", CALL, amount=1, price=price)
    assert stage.heard() == []
    stage.tick()
    (said,) = stage.on(channel)
    assert [D(order["price"]) for order in said] == [D("0.045"), D("0.0455")]


def test_public_trades_are_told_in_sequence(stage: Stage) -> None:
    channel = f"trades.{PERPETUAL}.100ms"
    stage.call("public/subscribe", channels=[channel])
    stage.feed.sweep(PERPETUAL, side=Side.BUY, limit="60001", amount="1500")
    stage.tick()
    (said,) = stage.on(channel)
    assert [(t["trade_seq"], D(t["price"]), D(t["amount"]), t["direction"]) for t in said] == [
        (1, D(60000), D(1000), "buy"),
        (2, D("60000.5"), D(500), "buy"),
    ]
    assert said[1]["tick_direction"] == 0


def test_a_quote_is_told_when_it_changes_and_misses_as_null(stage: Stage) -> None:
    channel = f"quote.{PERPETUAL}"
    stage.call("public/subscribe", channels=[channel])
    stage.tick()
    stage.feed.quote(PERPETUAL, asks="60001 x 8", mark="60000")
    stage.tick()
    stage.tick()
    said = stage.on(channel)
    assert [(m["best_bid_price"], D(m["best_ask_price"])) for m in said][-1] == (None, D(60001))
    assert len(said) <= 3


def test_a_label_comes_back_with_every_message(stage: Stage) -> None:
    stage.call("public/subscribe", channels=[BOOK], label="mine")
    assert [said["label"] for said in stage.heard()] == ["mine"]
    assert stage.call("public/subscribe", channels=[BOOK], label="x" * 17)["code"] == -32602


def test_what_is_unsubscribed_is_silent(stage: Stage) -> None:
    stage.call("public/subscribe", channels=[BOOK, f"ticker.{PERPETUAL}.100ms"])
    assert stage.call("public/unsubscribe", channels=[BOOK, "nope"]) == [BOOK]
    stage.heard()
    stage.order("buy", amount=10, price=59990)
    stage.tick()
    assert stage.on(BOOK) == []
    assert stage.call("public/unsubscribe_all") == "ok"
    stage.tick()
    assert stage.heard() == []


def test_more_than_five_hundred_channels_are_too_many(stage: Stage) -> None:
    many = [f"book.X{i}.100ms" for i in range(501)]
    assert stage.call("public/subscribe", channels=many)["code"] == -32602


def test_the_portfolio_is_told_each_second(stage: Stage) -> None:
    stage.call("private/subscribe", channels=["user.portfolio.btc"])
    first = stage.on("user.portfolio.btc")
    stage.order("buy", CALL, amount=1, price="0.0505")
    stage.tick(ms=1_000)
    (later,) = stage.on("user.portfolio.btc")
    assert [D(m["balance"]) for m in first] == [D(10)]
    assert D(later["balance"]) == D(10) - D("0.0505") - D("0.0003")
    assert D(later["equity"]) == D(later["balance"]) + D("0.05")


def test_a_lost_connection_is_told_nothing_more(stage: Stage) -> None:
    stage.call("public/subscribe", channels=[BOOK])
    stage.heard()
    stage.floor.lost(stage.peers["trade"])
    stage.order("buy", amount=10, price=59990, role="other")
    stage.tick()
    assert stage.heard() == []
