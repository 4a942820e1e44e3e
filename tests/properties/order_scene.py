"""The desk, the venue and what both know of each order, for the machine that plays with them."""

from decimal import Decimal

from bot.core.durable import Order
from bot.core.effect import Effect, SendCancel, SendOrder
from bot.core.record import IntentRecorded
from bot.domain.ids import InstrumentName, IntentId
from bot.intent.intent import OrderIntent
from bot.strategy.interface import Proposal
from tests.bot.core.desk import Desk, ready, restarted
from tests.bot.core.market import CALL
from tests.properties.order_reference import Believed, Kept, Told

__all__ = ["Scene"]


class Scene:
    """One desk after the other on the same records, and the fate of each order beside them."""

    def __init__(self) -> None:
        """Begin with an open latch."""
        self.desk: Desk = ready()
        self.epoch = 1
        self.orders: dict[IntentId, Believed] = {}
        self.unanswered: list[IntentId] = []
        self.labels: list[str] = []  # of all runs
        self.cancels: dict[IntentId, SendCancel] = {}  # the last one for each target
        self.number = 0
        self.seen_effects = 0
        self.seen_records = 0

    def restart(self) -> None:
        """Go on with a new run: nobody hears any more what the old one had asked."""
        self.unanswered.clear()
        self.cancels.clear()
        self.desk = restarted(self.desk)
        self.seen_effects = self.seen_records = 0
        self.epoch = 1
        self.desk.connect()

    def tick(self, *wants: Proposal) -> None:
        """Make prices fresh, tick with these wishes, and see what came of it."""
        self.desk.quote()
        self.desk.tick(*wants)
        self.notice()

    def ask(self) -> None:
        """Wait until a reconciliation is under way."""
        for _ in range(40):
            if self.desk.state.recon.asked_mono_ms is not None:
                return
            self.desk.wait(1_000)
            self.tick()
        raise AssertionError("nothing was asked within 40 s")

    def notice(self) -> None:
        """Take in what was recorded and what was let out since the last time."""
        records, effects = self.desk.records, self.desk.effects
        news, self.seen_records = records[self.seen_records :], len(records)
        out, self.seen_effects = effects[self.seen_effects :], len(effects)
        for record in news:
            if isinstance(record, IntentRecorded) and isinstance(record.intent, OrderIntent):
                sending = SendOrder(record.intent_id, record.label, record.intent)
                kept = Kept(sending, order_id=f"o-{len(self.orders)}")
                self.orders[record.intent_id] = Believed(kept, Told(record.intent.amount))
        for effect in out:
            self._let_out(effect)

    def _let_out(self, effect: Effect) -> None:
        match effect:
            case SendOrder():
                order = self.orders[effect.intent_id]
                order.told.is_sent = order.kept.may_arrive = True
                self.unanswered.append(effect.intent_id)
                self.labels.append(effect.label)
            case SendCancel():
                self.cancels[effect.intent.target] = effect
            case _:
                pass

    @property
    def _all(self) -> list[Believed]:
        return [self.orders[key] for key in sorted(self.orders)]

    @property
    def arriving(self) -> list[Believed]:
        """Orders of which a byte may still be on its way, in time."""
        now_ms = self.desk.now_ms
        on_its_way = [order for order in self._all if order.kept.may_arrive]
        return [o for o in on_its_way if now_ms < o.kept.order.intent.valid_until_ms]

    @property
    def live(self) -> list[Believed]:
        """Orders that rest at the venue."""
        return [order for order in self._all if order.kept.is_live]

    @property
    def shown(self) -> list[Believed]:
        """Orders that have come to the venue."""
        return [order for order in self._all if order.kept.versions]

    @property
    def traded(self) -> list[Believed]:
        """Orders that have traded."""
        return [order for order in self._all if order.kept.fills]

    def next_unanswered(self, which: int) -> Believed:
        """Take one of those that still wait for their answer."""
        return self.orders[self.unanswered.pop(which % len(self.unanswered))]

    def known(self, intent_id: IntentId) -> Order:
        """What the core has of it, live or finished."""
        durable = self.desk.state.durable
        return durable.orders.get(intent_id) or durable.closed[intent_id]

    def positions(self) -> dict[InstrumentName, Decimal]:
        """What the venue says is held."""
        sold = sum((order.kept.filled for order in self.orders.values()), Decimal(0))
        return {CALL.name: -sold}
