"""Real stories for the tests of `explain`: made by the core, told from its records and bodies."""

from bot.control.explain import Story, read_capsule, read_snapshot, story_of
from bot.control.steps import Line
from bot.core.effect import Body, Commit
from bot.core.record import IntentRecorded, Record
from bot.domain.ids import RunId
from bot.domain.side import Side
from bot.intent.intent import CancelIntent, EditIntent
from tests.bot.core.desk import Desk, place, ready
from tests.bot.core.market import CALL

__all__ = ["bodies_of", "filled_call", "lines_of", "story"]


def filled_call() -> Desk:
    """Sell 0.2 calls at 0.0120 into a mid of 0.0125; fill 0.1, then 0.1 more."""
    desk = ready()
    order = desk.rest_one(place(CALL, Side.SELL, "0.2", "0.0120"), order_id="o-9")
    desk.wait(40)
    desk.fill(order, "0.1", trade="t-1", order_id="o-9")
    desk.wait(60)
    desk.fill(order, "0.1", trade="t-2", order_id="o-9")
    return desk


def bodies_of(desk: Desk) -> dict[str, Body]:
    """Every capsule and snapshot that the core has handed over, by hash."""
    commits = [effect for effect in desk.effects if isinstance(effect, Commit)]
    return {
        body.hash: body for commit in commits for entry in commit.entries for body in entry.bodies
    }


def lines_of(desk: Desk) -> list[Line]:
    """The records of the one order of this desk and of its cancels and edits, as in a ledger."""
    made = next(r for r in desk.records if isinstance(r, IntentRecorded))
    return [
        Line(seq, f"{seq:064x}", desk.now_ms, RunId("run-1"), record)
        for seq, record in enumerate(desk.records, 1)
        if _belongs(record, to=made)
    ]


def story(desk: Desk, lines: list[Line] | None = None) -> Story:
    """The story of that order, or of these lines."""
    lines, bodies = lines or lines_of(desk), bodies_of(desk)
    made = lines[0].record
    assert isinstance(made, IntentRecorded)
    return story_of(
        lines,
        capsule=read_capsule(bodies[made.capsule].content),
        snapshot=read_snapshot(bodies[made.snapshot].content),
    )


def _belongs(record: Record, *, to: IntentRecorded) -> bool:
    if isinstance(record, IntentRecorded) and isinstance(record.intent, CancelIntent | EditIntent):
        return record.intent.target == to.intent_id
    return getattr(record, "intent_id", None) == to.intent_id
