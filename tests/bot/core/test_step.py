"""One step: crashes are trips, prices are judged at the tick, equal input gives equal output."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.durable import decode_state, encode_state
from bot.core.effect import Commit, Watch
from bot.core.event import (
    CommitFailed,
    Crashed,
    OperatorDown,
    OperatorMode,
    Reported,
)
from bot.core.fold import apply
from bot.core.record import decode, encode
from bot.domain.ids import InstrumentName
from bot.domain.instrument import Instrument
from bot.domain.mode import Mode
from bot.domain.reason import Reason
from bot.domain.report import PublicTrade
from bot.domain.side import Side
from bot.strategy.interface import Params, Proposal, View
from tests.bot.core.desk import Desk, folded, ready
from tests.bot.core.market import CALL, PERPETUAL, quotes
from tests.bot.core.story import HAPPENINGS, Story
from tests.bot.core.words import place


def nonsense(what: object) -> Desk:
    """A desk whose strategy, once it is ready, comes to this."""
    answers: list[object] = []

    def decide(_view: View, _params: Params) -> tuple[Proposal, ...]:
        if not answers:
            return ()
        if isinstance(answers[0], Exception):
            raise answers[0]
        return answers[0]  # type: ignore[return-value]  # nonsense is the point

    desk = ready(decide=decide)
    answers.append(what)
    return desk


@pytest.mark.rule("C-606")
@pytest.mark.parametrize(
    "what",
    [
        ZeroDivisionError("boom"),
        None,
        7,
        ("buy",),
        (None,),
        (place(amount="NaN"),),
        (place(price="NaN"),),
        (place(price="Infinity"),),
        (place(amount="sNaN"),),
        [place(price="-Infinity", is_exit=True)],
    ],
)
def test_a_strategy_that_crashes_or_talks_nonsense_kills_and_never_raises(what: object) -> None:
    desk = nonsense(what)
    desk.tick()
    assert desk.state.durable.mode is Mode.KILL
    assert Reason.INTERNAL in desk.state.durable.causes
    assert desk.sent() == []
    desk.tick()


@pytest.mark.rule("C-606")
@pytest.mark.parametrize(
    "wish", [place(amount="-1"), place(amount="0"), place(price="-1"), place(price="0")]
)
def test_a_wish_that_cannot_be_is_refused(wish: Proposal) -> None:
    desk = ready()
    desk.tick(wish)
    assert desk.sent() == []
    assert desk.state.counters.refusals == 1
    assert desk.state.durable.mode is Mode.ACTIVE


@pytest.mark.rule("C-606")
def test_a_universe_that_crashes_kills_and_what_is_held_is_watched_all_the_same() -> None:
    def universe(
        _all: Mapping[InstrumentName, Instrument], _now_ms: int, _params: Params
    ) -> frozenset[InstrumentName]:
        raise ZeroDivisionError("boom")

    held = ready()
    held.hold(CALL, Side.SELL, "0.1")
    desk = Desk(folded(held), seq=held.state.seq, universe=universe)
    desk.positions = dict(held.positions)
    desk.connect()
    desk.gather()
    assert desk.state.durable.mode is Mode.KILL
    watched = next(e.channels for e in reversed(desk.effects) if isinstance(e, Watch))
    assert f"ticker.{CALL.name}.100ms" in watched
    assert f"ticker.{PERPETUAL.name}.100ms" in watched
    assert "user.orders.any.BTC.raw" in watched
    assert desk.state.proofs.is_open, "what is held can still be proven"


@pytest.mark.rule("C-606")
def test_a_part_of_the_shell_that_crashes_kills() -> None:
    desk = ready()
    desk.feed(Crashed("writer", "RuntimeError: boom"))
    assert desk.state.durable.causes[Reason.INTERNAL].detail == "writer: RuntimeError: boom"
    assert desk.state.durable.mode is Mode.KILL


@pytest.mark.rule("C-002")
def test_under_kill_the_strategy_is_silent() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.1")
    desk.feed(OperatorMode(request_id="k", mode=Mode.KILL, by="me", why="test"))
    before = len(desk.sent())
    desk.quote()
    desk.tick(place(CALL, Side.BUY, "0.1", "0.0130", is_exit=True))
    assert len(desk.sent()) == before


def test_prices_are_folded_and_judged_at_the_next_tick() -> None:
    desk = ready()
    for report in quotes(desk.now_ms):
        assert desk.feed(Reported(report)) == ()


def test_a_word_that_nobody_asked_for_changes_nothing() -> None:
    desk = ready()
    before = desk.state
    trade = PublicTrade(
        instrument=CALL.name,
        trade_id="1",
        seq=1,
        at_ms=desk.now_ms,
        side=Side.BUY,
        price=place().price,
        amount=place().amount,
    )
    assert desk.feed(Reported(trade)) == ()
    assert desk.state == before


@settings(max_examples=150, deadline=None)
@given(HAPPENINGS)
def test_whatever_happens_the_invariants_hold(story: list[tuple[str, int, int]]) -> None:
    told = Story()
    desk = told.desk
    tightest = 0
    for what, which, ms in story:
        told.happen(what, which, ms)
        state, durable = desk.state, desk.state.durable
        # I1, C-207: a label goes out once.
        labels = [order.label for order in desk.sent()]
        assert len(set(labels)) == len(labels)
        # I8, C-114: what may still fill is counted, and never as less than nothing.
        for order in durable.orders.values():
            assert order.remaining >= 0
            if order.phase.may_fill:
                assert order.remaining == max(order.intent.amount - order.filled, 0)
        # I18, C-209: positions are the sum of the trades that were booked once each.
        assert all(
            desk.positions[name] == held.quantity for name, held in durable.positions.items()
        )
        # I21, C-302: only a rearm loosens.
        if what != "rearm":
            assert durable.mode.severity >= tightest
        tightest = durable.mode.severity
        # I22, C-303: an open latch has all proofs of this connection.
        if state.proofs.is_open:
            assert state.link.is_up
            assert state.recon.proven_epoch == state.link.epoch
        # Nothing grows without bound.
        assert len(state.cancelled) <= 10
        assert set(state.cancels) <= {*durable.orders, *durable.closed}
    # C-203: the records alone give the state, byte for byte, also through their bytes.
    durable = desk.first
    for seq, record in enumerate(desk.records, 1):
        durable = apply(durable, decode(encode(record)), seq=seq)
    assert encode_state(durable) == encode_state(desk.state.durable)
    assert decode_state(encode_state(durable)) == durable
    commits = [e for e in desk.effects if isinstance(e, Commit)]
    assert [c.batch for c in commits] == list(range(1, len(commits) + 1))
    count = 0
    for commit in commits:
        count += len(commit.entries)
        assert commit.last_seq == count
    assert desk.state.seq == count


@settings(max_examples=25, deadline=None)
@given(HAPPENINGS)
def test_the_same_story_twice_gives_the_same_effects(story: list[tuple[str, int, int]]) -> None:
    first, second = Story(), Story()
    for what, which, ms in story:
        first.happen(what, which, ms)
        second.happen(what, which, ms)
    assert first.desk.effects == second.desk.effects


@settings(max_examples=60, deadline=None)
@given(HAPPENINGS, st.integers(0, 40))
def test_no_open_is_sent_once_a_kill_is_known(story: list[tuple[str, int, int]], at: int) -> None:
    # I4, I25
    told = Story()
    for number, (what, which, ms) in enumerate(story):
        if number == at:
            told.happen("kill", 0, 0)
        if number >= at and what == "rearm":
            continue
        before = len(told.desk.sent())
        told.happen(what, which, ms)
        if number >= at:
            assert all(o.intent.role.is_exit for o in told.desk.sent()[before:])


@pytest.mark.rule("C-212")
@settings(max_examples=40, deadline=None)
@given(HAPPENINGS)
def test_no_open_is_sent_once_the_ledger_has_failed(story: list[tuple[str, int, int]]) -> None:
    told = Story()
    told.happen("open", 0, 0)
    told.desk.feed(CommitFailed("disk full"))
    before = len(told.desk.sent())
    for what, which, ms in story:
        told.happen(what, which, ms)
    assert all(order.intent.role.is_exit for order in told.desk.sent()[before:])
    assert told.desk.state.durable.mode is not Mode.ACTIVE


def test_the_end_of_a_run_is_its_last_record() -> None:
    desk = ready()
    desk.feed(OperatorDown(request_id=None, by="me", why="done", cancel_opens=True))
    desk.tick()
    before = len(desk.records)
    desk.tick()
    assert len(desk.records) == before
