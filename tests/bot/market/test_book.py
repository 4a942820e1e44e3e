"""The fold of a book (PROTOCOL §7.1), against its rules and a naive model."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import InstrumentName
from bot.domain.money import Amount, Price
from bot.domain.report import BookChange, BookSnapshot, Level
from bot.domain.side import Side
from bot.market.book import Book, depth_within, fold_change, fold_snapshot

NAME = InstrumentName("BTC-26JUN26-72000-C")

Rows = tuple[tuple[str, str], ...]


def snapshot(bids: Rows, asks: Rows, *, change_id: int = 10) -> BookSnapshot:
    return msgspec.convert(
        {
            "type": "book_snapshot",
            "instrument": NAME,
            "at_ms": 1,
            "change_id": change_id,
            "bids": bids,
            "asks": asks,
        },
        BookSnapshot,
    )


def change(bids: Rows = (), asks: Rows = (), *, after: int = 10, change_id: int = 15) -> BookChange:
    return msgspec.convert(
        {
            "type": "book_change",
            "instrument": NAME,
            "at_ms": 2,
            "prev_change_id": after,
            "change_id": change_id,
            "bids": bids,
            "asks": asks,
        },
        BookChange,
    )


def rows(levels: tuple[Level, ...]) -> Rows:
    return tuple((str(level.price), str(level.amount)) for level in levels)


START = fold_snapshot(
    snapshot((("0.0130", "2"), ("0.0135", "1")), (("0.0150", "4"), ("0.0145", "3")))
)


def test_a_snapshot_is_sorted_best_first() -> None:
    assert rows(START.bids) == (("0.0135", "1"), ("0.0130", "2"))
    assert rows(START.asks) == (("0.0145", "3"), ("0.0150", "4"))
    assert START.change_id == 10
    assert not START.is_broken


def test_levels_appear_are_replaced_and_go() -> None:
    book = fold_change(
        START,
        change(
            bids=(("0.0140", "5"), ("0.0135", "0.5")),
            asks=(("0.0145", "0"), ("0.0160", "7")),
        ),
    )
    assert rows(book.bids) == (("0.0140", "5"), ("0.0135", "0.5"), ("0.0130", "2"))
    assert rows(book.asks) == (("0.0150", "4"), ("0.0160", "7"))
    assert (book.change_id, book.at_ms, book.is_broken) == (15, 2, False)


def test_the_rows_of_one_message_are_applied_in_order() -> None:
    came_and_went = fold_change(START, change(bids=(("0.0140", "5"), ("0.0140", "0"))))
    assert came_and_went.bids == START.bids
    went_and_came = fold_change(START, change(bids=(("0.0135", "0"), ("0.0135", "9"))))
    assert rows(went_and_came.bids)[0] == ("0.0135", "9")


def test_one_price_in_two_spellings_is_one_level() -> None:
    book = fold_change(START, change(bids=(("0.013500", "8"),)))
    assert [level.amount for level in book.bids] == [8, 2]


@pytest.mark.rule("C-502")
@pytest.mark.parametrize("after", [9, 11, 15, 0])
def test_a_gap_breaks_the_book(after: int) -> None:
    assert fold_change(START, change(after=after)).is_broken


@pytest.mark.rule("C-502")
def test_the_removal_of_a_level_that_is_not_there_breaks_the_book() -> None:
    assert fold_change(START, change(bids=(("0.0131", "0"),))).is_broken
    assert fold_change(START, change(asks=(("0.0135", "0"),))).is_broken


@pytest.mark.rule("C-502")
def test_a_broken_book_stays_so_until_a_snapshot() -> None:
    broken = fold_change(START, change(after=9, change_id=20))
    assert fold_change(broken, change(after=20, change_id=25)).is_broken
    assert fold_change(broken, change(after=10, change_id=15)).is_broken
    assert not fold_snapshot(snapshot((), (), change_id=30)).is_broken


@pytest.mark.parametrize(
    ("bids", "asks", "is_crossed"),
    [
        ((("0.0135", "1"),), (("0.0140", "1"),), False),
        ((("0.0140", "1"),), (("0.0140", "1"),), True),
        ((("0.0145", "1"),), (("0.0140", "1"),), True),
        ((), (("0.0140", "1"),), False),
        ((("0.0145", "1"),), (), False),
    ],
)
def test_sides_that_meet_are_crossed(bids: Rows, asks: Rows, is_crossed: bool) -> None:
    assert fold_snapshot(snapshot(bids, asks)).is_crossed is is_crossed


def test_a_buyer_takes_the_ask_and_a_seller_the_bid() -> None:
    assert START.touch(Side.BUY) == START.asks[0] == START.ask
    assert START.touch(Side.SELL) == START.bids[0] == START.bid
    empty = fold_snapshot(snapshot((), ()))
    assert empty.touch(Side.BUY) is None
    assert empty.touch(Side.SELL) is None


@pytest.mark.parametrize(
    ("distance", "depth"), [("0", "3"), ("0.0004", "3"), ("0.0005", "7"), ("1", "7")]
)
def test_depth_counts_up_to_its_distance(distance: str, depth: str) -> None:
    best = Price(Decimal("0.0145"))
    assert depth_within(START.asks, best=best, distance=Decimal(distance)) == Decimal(depth)


prices = st.integers(1, 12)
amounts = st.integers(1, 5)
side = st.dictionaries(prices, amounts)


@given(side, side, st.lists(st.tuples(side, side), max_size=8))
def test_any_walk_of_differences_ends_in_the_last_state(
    bids: dict[int, int], asks: dict[int, int], walk: list[tuple[dict[int, int], dict[int, int]]]
) -> None:
    """A naive venue keeps dictionaries and sends what differs; the fold must end where it did."""
    book = fold_snapshot(snapshot(_told(bids), _told(asks), change_id=0))
    for step, (next_bids, next_asks) in enumerate(walk):
        difference = change(
            _difference(bids, next_bids),
            _difference(asks, next_asks),
            after=step,
            change_id=step + 1,
        )
        book = fold_change(book, difference)
        bids, asks = next_bids, next_asks
    assert book == Book(
        instrument=NAME,
        change_id=len(walk),
        at_ms=2 if walk else 1,
        bids=_levels(sorted(bids.items(), reverse=True)),
        asks=_levels(sorted(asks.items())),
    )


def _told(levels: dict[int, int]) -> Rows:
    return tuple((str(price), str(amount)) for price, amount in levels.items())


def _difference(before: dict[int, int], after: dict[int, int]) -> Rows:
    gone = tuple((str(price), "0") for price in before if price not in after)
    set_to = {price: amount for price, amount in after.items() if before.get(price) != amount}
    return (*_told(set_to), *gone)


def _levels(items: list[tuple[int, int]]) -> tuple[Level, ...]:
    return tuple(Level(Price(Decimal(p)), Amount(Decimal(a))) for p, a in items)
