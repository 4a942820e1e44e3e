import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.durable import encode_state
from bot.core.life import LifeEvent
from bot.core.record import AccountSeen, ModeCauseRaised, ProofMade, Rearmed
from bot.domain.ids import Currency
from bot.domain.mode import Mode
from bot.domain.money import Coin
from bot.domain.reason import Reason
from ledger.connection import DATABASE_NAME, open_read_only
from ledger.entry import Entry
from ledger.errors import AlreadyRecorded
from ledger.fold import fold, fold_from_zero
from ledger.journal import last_seq, read_meta
from ledger.rebuild import rebuild
from ledger.verify import verify
from tests.ledger.making import RUN, fill, intent, moved, note, opened, started, written

NUMBERS = st.integers(0, 8)
CAUSES = st.builds(
    lambda reason, mode: written(
        ModeCauseRaised(reason=reason, mode=mode, detail="d", by="test", at_ms=1), 0
    ),
    st.sampled_from(Reason),
    st.sampled_from(Mode),
)
REARMS = st.builds(
    lambda cleared: written(Rearmed(by="o", why="w", cleared=tuple(cleared), at_ms=2), 0),
    st.lists(st.sampled_from(Reason), max_size=3),
)
ACCOUNTS = st.builds(
    lambda equity: written(
        AccountSeen(currency=Currency("BTC"), equity=Coin(equity), day_ms=0, at_ms=0), 0
    ),
    st.decimals(-9, 9, places=8).map(Decimal),
)
PROOFS = st.builds(
    lambda number: written(
        ProofMade(
            generation=number,
            is_good=True,
            detail="",
            differences=(),
            trades_to_ms=number,
            at_ms=number,
        ),
        0,
    ),
    NUMBERS,
)
ENTRIES = st.one_of(
    st.builds(note, NUMBERS),
    st.builds(intent, NUMBERS),
    st.builds(started, NUMBERS),
    st.builds(
        lambda number, event: moved(intent(number), event), NUMBERS, st.sampled_from(LifeEvent)
    ),
    st.builds(lambda number, of: fill(number, of=intent(of)), NUMBERS, NUMBERS),
    st.builds(lambda number: fill(number, amount="40"), NUMBERS),
    CAUSES,
    REARMS,
    ACCOUNTS,
    PROOFS,
)
STEPS = st.lists(st.sampled_from(["snapshot", "reopen"]) | st.lists(ENTRIES, max_size=4))


@pytest.mark.rule("C-203")
@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_snapshot_and_tail_are_the_fold_from_zero_to_the_byte(
    steps: Sequence[str | list[Entry]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        ledger = opened(home, reserve_bytes=8_192)
        for step in steps:
            match step:
                case "snapshot":
                    ledger.take_snapshot()
                case "reopen":
                    before = encode_state(ledger.state)
                    ledger.close()
                    ledger = opened(home, reserve_bytes=8_192)
                    assert encode_state(ledger.state) == before
                case list():
                    try:
                        ledger.commit(step)
                    except AlreadyRecorded:
                        continue
                case _:
                    raise AssertionError(step)
        live = encode_state(ledger.state)
        connection = open_read_only(home / DATABASE_NAME)
        meta, to = read_meta(connection), last_seq(connection)
        assert encode_state(fold(connection, meta).state) == live
        assert encode_state(fold_from_zero(connection, meta, to=to).state) == live
        connection.close()
        ledger.close()
        assert verify(home).is_good
        assert rebuild(home, run_id=RUN, now_ms=0, is_rehearsal=False).is_same
        with opened(home, reserve_bytes=8_192) as again:
            assert encode_state(again.state) == live
