"""What came of a run in the end: the engine's story beside the exchange's."""

from decimal import Decimal

from bot.core.durable import encode_state, trade_key
from bot.core.record import FillBooked, IntentRecorded, ModeCauseRaised, Refused
from bot.domain.ids import RunId
from bot.intent.intent import OrderIntent
from bot.simulator.exchange.trade import UserTrade
from drills.story import Placed, Traded, VenueStory
from drills.witness_ledger import read_story
from drills.world.exchange import ACCOUNT
from drills.world.invariants.end import END
from drills.world.invariants.seen import End
from drills.world.world import World
from ledger.errors import LedgerError
from ledger.read import open_reader
from ledger.rebuild import rebuild

__all__ = ["judge_end"]


def judge_end(world: World) -> tuple[str, str] | None:
    """Return the invariant of the end that does not hold, and what was found; None if all do."""
    try:
        seen = _end(world)
    except LedgerError as fault:
        return "ledger_verifies", str(fault).replace(str(world.home), "HOME")
    for check in END:
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
    raised = set()
    refusals: list[Refused] = []
    with open_reader(home) as reader:
        durable = reader.state()
        for written in reader.entries():
            record = written.entry.record
            match record:
                case IntentRecorded(intent=OrderIntent()):
                    if None in (reader.body(record.capsule), reader.body(record.snapshot)):
                        uncovered.append(record.label)
                case FillBooked(fill=fill):
                    booked[trade_key(fill)] = (fill.price, fill.amount, fill.fee)
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
        booked_money=booked,
        refusals=tuple(refusals),
        uncovered=tuple(uncovered),
        is_rebuilt_equal=rebuilt.before == rebuilt.after and bool(encode_state(durable)),
        raised=frozenset(raised),
    )


def _key(trade: UserTrade) -> str:
    return f"{trade.fee_currency}:{trade.public.id}"


def _signed(trade: UserTrade) -> Decimal:
    return trade.side.sign * trade.public.amount
