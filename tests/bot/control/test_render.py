"""The status screen: one screen, only what is not empty."""

import msgspec

from bot.control.ending import NeverStarted, ending_status
from bot.control.render import status_screen
from bot.control.view import Containment, LimitRow, ModeWord, OrderCount, Reconcile, Watchdog
from tests.bot.control.fake_engine import (
    AT,
    POSITIONS,
    a_cause,
    a_closing,
    a_limit,
    a_status,
    an_event,
)


def test_quiet_day_shows_little_and_a_full_one_fits_a_screen() -> None:
    busy = a_status(
        mode=ModeWord.KILL,
        causes=tuple(a_cause(f"CODE_{n}") for n in range(9)),
        orders=OrderCount(live=9, unknown=1, foreign=2),
        limits=tuple(a_limit(f"l{n}", used="9", limit="10", unit="BTC") for n in range(20)),
        reconcile=Reconcile(number=511, at=AT, passed=False, difference="10 USD"),
        watchdog=Watchdog(up=True, beat_age_ms=600, cancel_on_disconnect=True),
        exposure=a_status().exposure * 5,
        containment=Containment(cancelled=3, of=4, policy="hold"),
    )
    held = [msgspec.structs.replace(row, closing=a_closing()) for row in POSITIONS * 9]
    events = [an_event(seq, text="x" * 200) for seq in range(9)]
    for is_ascii in (False, True):
        shown = status_screen(busy, held=held, events=events, is_ascii=is_ascii)
        assert len(shown) <= 23
        assert all(len(line) <= 80 for line in shown)
    assert "orders    9 live, 1 unknown, 2 foreign !" in shown


def test_limits_above_half_are_shown_most_used_first() -> None:
    limits = (
        a_limit("opens", used="33", limit="50", unit="per day"),
        a_limit("loss", used="0.1", limit="1", unit="BTC"),
        LimitRow(name="vega", used=120.0, limit=120.0, unit="USD/pt", direction="higher"),
    )
    shown = "\n".join(status_screen(a_status(limits=limits), held=(), events=(), is_ascii=False))
    assert "vega 120 of 120 USD/pt  100% !" in shown
    assert "opens 33 of 50 per day  66%" in shown
    assert shown.index("vega 120") < shown.index("opens 33")
    assert "loss 0.1" not in shown


def test_engine_that_never_started_has_only_its_three_lines() -> None:
    status = ending_status(NeverStarted(home="~/bot"), at=AT)
    assert len(status_screen(status, held=(), events=(), is_ascii=False)) == 3


def test_what_is_being_closed_and_contained_is_one_row_each() -> None:
    status = a_status(mode=ModeWord.KILL, containment=Containment(cancelled=3, of=4, policy="hold"))
    held = [
        msgspec.structs.replace(POSITIONS[0], closing=a_closing()),
        msgspec.structs.replace(POSITIONS[1], closing=a_closing(left="9000", step=0, by="guard")),
    ]
    shown = status_screen(status, held=held, events=(), is_ascii=False)
    assert "contained 3 of 4 opens cancelled; KILL's policy is hold" in shown
    assert "closing: buy 0.2 of BTC-27NOV26-93500-P, step 3, asked by owner" in shown
    assert "closing: buy 9000 of BTC-PERPETUAL, no order yet, asked by guard" in shown
