"""What came of a run in the end: the engine's story beside the exchange's."""

from decimal import Decimal

import msgspec

from bot.core.durable import encode_state, trade_key
from bot.core.record import FillBooked, IntentRecorded, ModeCauseRaised, Refused
from bot.domain.ids import RunId
from bot.intent.intent import OrderIntent
from bot.simulator.exchange.trade import UserTrade
from drills.story import Placed, Traded, VenueStory
from drills.witness_ledger import read_story
from drills.world.exchange import ACCOUNT
from drills.world.invariants.end import ALWAYS, END
from drills.world.invariants.seen import End
from drills.world.world import World
from ledger.errors import LedgerError
from ledger.read import open_reader
from ledger.rebuild import rebuild

__all__ = ["judge_end"]


def judge_end(world: World, *, is_ended: bool = True) -> tuple[str, str] | None:
    """Return the invariant of the end that does not hold, and what was found; None if all do.

    What only an orderly end promises is asked only if there was one.
    """
    try:
        seen = _end(world)
    except LedgerError as fault:
        return "ledger_verifies", str(fault).replace(str(world.home), "HOME")
    for check in END if is_ended else ALWAYS:
        found = check(seen)
        if found is not None:
            return check.__name__, found
    return None


def _end(world: World) -> End:
    venue, home = world.exchange.venue, world.home
    trades = venue.user_trades.get(ACCOUNT, [])
    ours = world.truth.sent
    account = venue.accounts[ACCOUNT]
    story = VenueStory(
        placed=tuple(
            Placed(label, order_id)
            for label, ids in sorted(world.truth.placed.items())
            if label in ours
            for order_id in sorted(ids)
        ),
        traded=tuple(
            Traded(_key(trade), trade.public.instrument, _signed(trade)) for trade in trades
        ),
        open_labels=frozenset(order.label for order in venue.open.values()),
        positions={
            name: position.quantity
            for name, position in account.positions.items()
            if position.quantity != 0
        },
    )
    uncovered: list[str] = []
    booked: dict[str, tuple[Decimal, Decimal, Decimal]] = {}
    labels: dict[str, str] = {}  # intent → its label
    booked_for: dict[str, str] = {}
    raised = set()
    refusals: list[Refused] = []
    with open_reader(home) as reader:
        durable = reader.state()
        for written in reader.entries():
            record = written.entry.record
            match record:
                case IntentRecorded(intent=OrderIntent()):
                    labels[record.intent_id] = record.label
                    bodies = reader.body(record.capsule), reader.body(record.snapshot)
                    if not _is_covered(record, *bodies):
                        uncovered.append(record.label)
                case FillBooked(fill=fill):
                    booked[trade_key(fill)] = (fill.price, fill.amount, fill.fee)
                    booked_for[trade_key(fill)] = record.intent_id or ""
                case Refused():
                    refusals.append(record)
                case ModeCauseRaised():
                    raised.add(record.reason)
                case _:
                    pass
    rebuilt = rebuild(home, run_id=RunId("r-world"), now_ms=0, is_rehearsal=True)
    return End(
        truth=world.truth,
        venue=story,
        ledger=read_story(home),
        durable=durable,
        money={
            _key(trade): (trade.public.price, trade.public.amount, trade.fee) for trade in trades
        },
        labels={_key(trade): trade.label for trade in trades},
        booked_labels={key: labels.get(intent, "") for key, intent in booked_for.items()},
        booked_money=booked,
        refusals=tuple(refusals),
        uncovered=tuple(uncovered),
        is_rebuilt_equal=rebuilt.before == rebuilt.after and bool(encode_state(durable)),
        raised=frozenset(raised),
    )


def _is_covered(record: IntentRecorded, capsule: bytes | None, snapshot: bytes | None) -> bool:
    """Say whether both are there, belong together, and are of the very moment of the decision."""
    if capsule is None or snapshot is None:
        return False
    told, seen = msgspec.json.decode(capsule), msgspec.json.decode(snapshot)
    return (
        (told["type"], seen["type"]) == ("capsule/1", "snapshot/1")
        and told["snapshot"] == record.snapshot
        and told["intent"]["decision"]["sequence"] == record.intent.decision.sequence
        and seen["view"]["now_ms"] == record.intent.decided_ms
    )


def _key(trade: UserTrade) -> str:
    return f"{trade.fee_currency}:{trade.public.id}"


def _signed(trade: UserTrade) -> Decimal:
    return trade.side.sign * trade.public.amount
