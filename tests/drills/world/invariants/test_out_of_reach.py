"""What no single slip of the engine's can bring about in the world is told all the same [C-803].

Each of these stands behind another look at the same thing, or behind two locks: plans/mutants.toml
has nothing that they alone would notice. Here they are shown the very thing.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.core.durable import empty
from bot.core.state import Link, Recon, State
from bot.domain.ids import AccountId, InstrumentName, OrderId
from bot.engine.inbox import TOTAL_MAX
from bot.simulator.exchange.record import LogEntry
from drills.world.invariants.opened import one_holder
from drills.world.invariants.seen import Change, Opened, Sending, Truth, VenueTurn
from drills.world.invariants.sending import one_line_of_sight
from drills.world.invariants.state import queues_are_bounded
from drills.world.invariants.venue import (
    nothing_lives_after_absence,
    placed_was_durable,
    placed_was_sent,
)
from tests.bot.core.desk import OWNER, Desk, ready

OURS = "bd-4f1c09aa-" + "0" * 48


def truth() -> Truth:
    """Return a world without a venue: these do not ask one."""
    return Truth(venue=None)  # type: ignore[arg-type]  # not looked at


def placed(known: Truth, label: str) -> VenueTurn:
    """Let an order come to life at the venue."""
    entry = LogEntry(
        at_ms=1,
        account=AccountId("main"),
        label=label,
        order_id=OrderId("o-1"),
        instrument=InstrumentName("BTC-PERPETUAL"),
        side="buy",
        event="new",
        state="open",
        price=Decimal(60_000),
        amount=Decimal(10),
        filled=Decimal(0),
        reduce_only=False,
    )
    return VenueTurn(known, None, (entry,), (), frozenset())


@pytest.mark.parametrize(("label", "is_told"), [(OURS, True), ("by hand", False)])
def test_an_order_with_our_label_that_never_left_is_told(label: str, *, is_told: bool) -> None:
    known = truth()
    assert bool(placed_was_sent(placed(known, label))) is is_told
    assert bool(placed_was_durable(placed(known, label))) is is_told
    known.sent[label] = 1
    known.durable_labels.add(label)
    assert placed_was_sent(placed(known, label)) is None
    assert placed_was_durable(placed(known, label)) is None


def test_an_order_that_comes_to_life_after_its_absence_was_proven_is_told() -> None:
    known = truth()
    assert nothing_lives_after_absence(placed(known, OURS)) is None
    known.absent[OURS] = 1
    assert nothing_lives_after_absence(placed(known, OURS)) is not None


@pytest.mark.parametrize(("holders", "is_told"), [(0, False), (1, False), (2, True)])
def test_a_second_holder_of_the_ledger_is_told(holders: int, *, is_told: bool) -> None:
    seen = Opened(truth(), empty(OWNER), 0, "", (), holders)
    assert bool(one_holder(seen)) is is_told


@pytest.mark.parametrize(("waiting", "is_told"), [(TOTAL_MAX, False), (TOTAL_MAX + 1, True)])
def test_a_queue_beyond_its_bound_is_told(waiting: int, *, is_told: bool) -> None:
    state = Desk().state
    assert bool(queues_are_bounded(Change(truth(), state, state, waiting))) is is_told


@pytest.mark.parametrize(("epoch", "is_told"), [(1, False), (2, True)])
def test_an_open_on_a_line_that_was_not_compared_is_told(epoch: int, *, is_told: bool) -> None:
    desk = ready()
    order = desk.open_one()
    state: State = replace(
        desk.state,
        link=Link(epoch=epoch, is_up=True),
        recon=Recon(generation=1, proven_epoch=1),
    )
    seen = Sending(truth(), "private/buy", order.label, {}, state)
    assert bool(one_line_of_sight(seen)) is is_told
