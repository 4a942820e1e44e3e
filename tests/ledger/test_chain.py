import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain import Head, check_link, framed, genesis, link
from ledger.errors import LedgerCorrupt
from tests.ledger.making import OWNER

FIELDS = st.lists(st.none() | st.text(max_size=4) | st.integers() | st.binary(max_size=4))


@given(FIELDS, FIELDS)
def test_different_fields_never_give_the_same_bytes(some: list[str], more: list[str]) -> None:
    assert (framed(*some) == framed(*more)) == (
        [(type(x), x) for x in some] == [(type(x), x) for x in more]
    )


def test_the_frame_is_what_a_hand_writes() -> None:
    assert framed("ab", None, 17, b"\x00") == b"t2:ab-i2:17b1:\x00"


@pytest.mark.rule("C-203")
def test_the_hash_is_sha256_over_every_column_and_the_hash_before() -> None:
    row = link(
        seq=1,
        kind="note",
        run_id="r",
        intent_id=None,
        ref="x",
        at_venue_ms=5,
        at_mono_ns=-6,
        body=b"{}",
        prev_hash=b"\x11" * 32,
    )
    by_hand = b"b32:" + b"\x11" * 32 + b"i1:1t4:notet1:r-t1:xi1:5i2:-6b2:{}"
    assert row.hash == hashlib.sha256(by_hand).digest()


def test_the_first_link_hangs_on_the_owner() -> None:
    start = Head(0, genesis(OWNER, created_ms=1).hex())
    row = link(
        seq=1,
        kind="note",
        run_id="r",
        intent_id=None,
        ref=None,
        at_venue_ms=0,
        at_mono_ns=0,
        body=b"",
        prev_hash=bytes.fromhex(start.hash),
    )
    assert check_link(row, after=start) == Head(1, row.hash.hex())
    with pytest.raises(LedgerCorrupt, match="does not follow"):
        check_link(row, after=Head(0, genesis(OWNER, created_ms=2).hex()))
