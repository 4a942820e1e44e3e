"""A desk: the real core with a real policy, whose shell and venue are played by the test.

The desk keeps the inbox's clock, writes what is to be committed into a list, and answers
`Committed` at once unless it is told to hold. Nothing of the core is replaced.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from bot.core.durable import Durable, empty
from bot.core.effect import Commit, Effect, Gather, SendCancel, SendOrder
from bot.core.event import (
    Answered,
    ClockSampled,
    Committed,
    Connected,
    Event,
    Gathered,
    Happening,
    InstrumentsRead,
    Observed,
    Protected,
    Reported,
    Subscribed,
    Tick,
)
from bot.core.fold import apply
from bot.core.outcome import Acked, Outcome
from bot.core.record import Record, RunStarted
from bot.core.state import Settings, State
from bot.core.step import step
from bot.domain.ids import (
    AccountId,
    InstrumentName,
    LedgerId,
    RunId,
)
from bot.domain.instrument import Instrument
from bot.domain.mode import Environment
from bot.domain.report import Account
from bot.domain.side import Side
from bot.intent.intent import Owner
from bot.monitors.observed import KernelClock, Line, Machine, Observation
from bot.policy.load import load
from bot.policy.policy import Policy
from bot.strategy.interface import Params, Place, Proposal, Strategy, View
from tests.bot.core.market import BTC, CALL, NOON_MS, PERPETUAL, PUT, account, quotes
from tests.bot.core.words import fill_of, place, report_of

__all__ = [
    "LINE",
    "MACHINE",
    "OWNER",
    "POLICY",
    "Desk",
    "folded",
    "ready",
    "restarted",
    "started",
]

POLICY: Policy = load(
    (Path(__file__).resolve().parents[3] / "config/trading_policy.yaml").read_text(
        encoding="utf-8"
    ),
    source="trading_policy.yaml",
)
OWNER = Owner(
    environment=Environment.DEV,
    account=AccountId("subaccount-7"),
    ledger=LedgerId("4f1c09aa" + "0" * 24),
)
LINE = Line(
    silence_ms=0,
    trips_ms=(10,) * 60,
    limited_ms=(),
    refusals=0,
    refusal="",
    is_in_maintenance=False,
)
MACHINE = Machine(
    age_ms=0,
    bytes_free=10**11,
    entries_free=10**6,
    reserve_fault=None,
    kernel_clock=KernelClock(is_synced=True, error_ms=1),
    policy_hash="p" * 64,
)
NAMES = frozenset({PERPETUAL.name, CALL.name, PUT.name})

Decide = Callable[[View, Params], tuple[Proposal, ...]]


class Desk:
    """One run of the core. `wants` is what the strategy proposes at the next tick, once."""

    def __init__(
        self,
        durable: Durable | None = None,
        *,
        seq: int = 0,
        decide: Decide | None = None,
        universe: Callable[..., frozenset[InstrumentName]] | None = None,
        policy: Policy = POLICY,
        environment: Environment = Environment.DEV,
        live_confirmed: bool = False,
        is_watchdog_expected: bool = False,
    ) -> None:
        """Start on a ledger's state; the run's own record is for `started`."""
        self.wants: tuple[Proposal, ...] = ()
        strategy = Strategy(
            name="strangle",
            version="1",
            defaults={},
            check=dict,
            universe=universe or (lambda _all, _now, _params: NAMES),
            decide=decide or (lambda _view, _params: self.wants),
        )
        settings = Settings(
            environment=environment,
            run_id=RunId("run-1"),
            build_id="build",
            config_hash="c" * 64,
            policy=policy,
            policy_hash="p" * 64,
            strategy=strategy,
            params={},
            currency=BTC,
            hedge=PERPETUAL.name,
            live_confirmed=live_confirmed,
            is_watchdog_expected=is_watchdog_expected,
        )
        self.first = durable if durable is not None else empty(OWNER)
        self.state = State(settings=settings, durable=self.first, seq=seq)
        self.now_ms = NOON_MS
        self.mono_ms = 5_000_000
        self.records: list[Record] = []
        self.effects: list[Effect] = []
        self.held: list[int] = []
        self.is_holding = False
        self.account: Account = account()
        self.positions: dict[InstrumentName, Decimal] = {}

    def feed(self, what: Happening) -> tuple[Effect, ...]:
        """Give the core one event; return all effects, those of the commits included."""
        event = Event(now_ms=self.now_ms, mono_ms=self.mono_ms, what=what)
        self.state, effects = step(self.state, event)
        self.effects += effects
        out = list(effects)
        for effect in effects:
            if isinstance(effect, Commit):
                self.records += [entry.record for entry in effect.entries]
                if self.is_holding:
                    self.held.append(effect.batch)
                else:
                    out += self.feed(Committed(effect.batch))
        return tuple(out)

    def release(self) -> tuple[Effect, ...]:
        """Complete every barrier that was held."""
        self.is_holding = False
        held, self.held = self.held, []
        return tuple(effect for batch in held for effect in self.feed(Committed(batch)))

    def wait(self, ms: int) -> None:
        """Let time pass on both clocks."""
        self.now_ms += ms
        self.mono_ms += ms

    def tick(self, *wants: Proposal) -> tuple[Effect, ...]:
        """Tick once, with these proposals."""
        self.wants = wants
        effects = self.feed(Tick())
        self.wants = ()
        return effects

    def quote(self) -> None:
        """Make every price fresh."""
        for report in (*quotes(self.now_ms), self.account):
            self.feed(Reported(report))
        self.feed(ClockSampled(offset_ms=0, bound_ms=5))
        self.observe()

    def observe(self, *, line: Line = LINE, machine: Machine = MACHINE) -> None:
        """Tell what the shell has measured, by default that all is well."""
        self.feed(Observed(Observation(line=line, machine=machine, queues=())))

    def connect(self, epoch: int = 1) -> None:
        """Connect, learn what there is, listen, and hear the market."""
        self.feed(Connected(epoch))
        self.feed(Protected(epoch))
        self.feed(InstrumentsRead(BTC, (PERPETUAL, CALL, PUT)))
        self.quote()
        self.feed(Tick())
        self.feed(Subscribed(epoch, ()))

    def gather(self, **parts: object) -> tuple[Effect, ...]:
        """Answer the reconciliation that is under way, by default with what the core believes.

        One that is said to have begun later is answered then; earlier, it was asked then.
        """
        is_wrong_time = parts.pop("is_wrong_time", False)
        began_ms = parts.get("began_ms")
        if isinstance(began_ms, int) and not is_wrong_time:
            self.wait(max(0, began_ms - self.now_ms))
            asked_ms = self.mono_ms - (self.now_ms - began_ms)
            recon = replace(self.state.recon, asked_mono_ms=asked_ms)
            self.state = replace(self.state, recon=recon)
        return self.feed(self.answer(**parts))

    def answer(self, **parts: object) -> Gathered:
        """Build the answer to the last question: everything asked, nothing found."""
        ask = self.asked()
        usual: dict[str, object] = {
            "generation": ask.generation,
            "epoch": ask.epoch,
            "began_ms": self.now_ms,
            "open_orders": (),
            "by_label": dict.fromkeys(ask.labels, ()),
            "history": (),
            "trades": (),
            "trades_from_ms": ask.trades_from_ms,
            "positions": dict(self.positions),
            "accounts": (self.account,),
            "failures": (),
        }
        return Gathered(**{**usual, **parts})  # type: ignore[arg-type]  # checked by its fields

    def asked(self) -> Gather:
        """Return the last reconciliation that was asked for."""
        return next(e for e in reversed(self.effects) if isinstance(e, Gather))

    def reconcile(self, **parts: object) -> tuple[Effect, ...]:
        """Wait for the next reconciliation to be asked for, and answer it."""
        before = self.asked() if any(isinstance(e, Gather) for e in self.effects) else None
        if self.state.recon.asked_mono_ms is None:
            for _ in range(20):
                self.wait(1_000)
                self.quote()
                self.tick()
                if self.asked() is not before:
                    break
        return self.gather(**parts)

    def sent(self) -> list[SendOrder]:
        """Return every order that was let out, in order."""
        return [effect for effect in self.effects if isinstance(effect, SendOrder)]

    def cancels(self) -> list[SendCancel]:
        """Return every cancel that was let out."""
        return [effect for effect in self.effects if isinstance(effect, SendCancel)]

    def open_one(self, wish: Place | None = None) -> SendOrder:
        """Have one open sent, and return it."""
        before = len(self.sent())
        self.quote()
        self.tick(wish or place())
        assert len(self.sent()) == before + 1, self.why_not()
        return self.sent()[-1]

    def rest_one(self, wish: Place | None = None, *, order_id: str = "o-1") -> SendOrder:
        """Have one order sent and resting at the venue."""
        order = self.open_one(wish)
        self.say_ack(order, order_id=order_id)
        return order

    def hold(self, instrument: Instrument, side: Side, amount: str, *, trade: str = "t-0") -> None:
        """Come to hold something, by an order that has filled."""
        price = {CALL.name: "0.0120", PUT.name: "0.0110", PERPETUAL.name: "60000.0"}
        order = self.rest_one(
            place(instrument, side, amount, price[instrument.name]), order_id=trade
        )
        self.fill(order, amount, order_id=trade, trade=trade)

    def say_ack(self, order: SendOrder, *, order_id: str = "o-1", **fields: object) -> None:
        """Answer that the venue holds it."""
        self.answer_order(
            order, Acked(order=report_of(order, order_id=order_id, **fields), fills=())
        )

    def answer_order(self, order: SendOrder | SendCancel, outcome: Outcome) -> tuple[Effect, ...]:
        """Report the outcome of a dispatch."""
        return self.feed(Answered(order.intent_id, outcome))

    def fill(
        self, order: SendOrder, amount: str, *, trade: str, order_id: str = "o-1"
    ) -> tuple[Effect, ...]:
        """Tell a trade of this order, and move the venue's own position."""
        fill = fill_of(order, amount, trade=trade, order_id=order_id, at_ms=self.now_ms)
        name = fill.instrument
        signed = fill.amount * fill.side.sign
        self.positions[name] = self.positions.get(name, Decimal(0)) + signed
        return self.feed(Reported(fill))

    def why_not(self) -> str:
        """Say what stands against an open, for a failing test."""
        return f"{self.state.proofs} {self.state.durable.causes} {self.records[-3:]}"

    def phase(self, order: SendOrder) -> str:
        """Name the phase of an order, live or finished."""
        durable = self.state.durable
        known = durable.orders.get(order.intent_id) or durable.closed[order.intent_id]
        return known.phase.value


def ready(**options: object) -> Desk:
    """Return a desk whose latch is open."""
    desk = Desk(**options)  # type: ignore[arg-type]  # checked by its fields
    desk.connect()
    desk.gather()
    desk.tick()
    assert desk.state.proofs.is_open, desk.why_not()
    return desk


def restarted(desk: Desk, **options: object) -> Desk:
    """Return a new run on what the old one has recorded, with the same venue and later clocks."""
    durable = apply(folded(desk), started(desk.now_ms), seq=desk.state.seq + 1)
    new = Desk(durable, seq=desk.state.seq + 1, **options)  # type: ignore[arg-type]  # see ready
    new.now_ms, new.mono_ms = desk.now_ms, 100  # a new process: the monotonic clock begins anew
    new.positions = dict(desk.positions)
    return new


def folded(desk: Desk) -> Durable:
    """Fold the records as recovery does."""
    durable = desk.first
    for number, record in enumerate(desk.records, 1):
        durable = apply(durable, record, seq=number)
    return durable


def started(at_ms: int) -> RunStarted:
    """The record with which a run begins."""
    return RunStarted(
        run_id=RunId("run-2"),
        build_id="build",
        config_hash="c" * 64,
        policy_hash="p" * 64,
        started_ms=at_ms,
        pid=2,
    )
