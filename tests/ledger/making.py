"""Small real records and ledgers for the tests beside this."""

from decimal import Decimal
from pathlib import Path

from bot.core.durable import trade_key
from bot.core.life import LifeEvent, Phase
from bot.core.record import Anomaly, FillBooked, IntentRecorded, Moved, Record, RunStarted
from bot.domain.ids import (
    AccountId,
    Currency,
    IndexName,
    InstrumentName,
    IntentId,
    Label,
    LedgerId,
    OrderId,
    RunId,
    StrategyName,
    TradeId,
)
from bot.domain.instrument import BookState, Instrument, Kind
from bot.domain.mode import Environment
from bot.domain.money import Amount, Coin, Price
from bot.domain.order import Liquidity, Role, TimeInForce
from bot.domain.report import Fill
from bot.domain.side import Side
from bot.domain.tick import TickSchedule
from bot.intent.canonical import intent_id
from bot.intent.intent import CancelIntent, Decision, EditIntent, OrderIntent, Owner
from bot.intent.label import label_of
from ledger.entry import Body, Entry
from ledger.ledger import Ledger
from ledger.open import open_ledger
from ledger.reserve_file import RESERVE_BYTES

ACCOUNT = AccountId("subaccount-7")
LEDGER_ID = LedgerId("4f1c09aa" + "0" * 24)
OWNER = Owner(environment=Environment.DEV, account=ACCOUNT, ledger=LEDGER_ID)
RUN = RunId("run-1")
FIRST = OrderId("o-1")
CAPSULE = Body.of(b'{"capsule":1}')
SNAPSHOT = Body.of(b'{"snapshot":1}' * 1_000)

PERPETUAL = Instrument(
    name=InstrumentName("BTC-PERPETUAL"),
    kind=Kind.PERPETUAL,
    is_inverse=True,
    base=Currency("BTC"),
    currency=Currency("BTC"),
    index=IndexName("btc_usd"),
    contract_size=Decimal(10),
    amount_min=Amount(Decimal(10)),
    amount_step=Amount(Decimal(10)),
    ticks=TickSchedule(tick=Decimal("0.5")),
    maker_rate=Decimal(0),
    taker_rate=Decimal("0.0005"),
    state=BookState.OPEN,
)


def opened(
    home: Path,
    *,
    environment: Environment = Environment.DEV,
    account: AccountId = ACCOUNT,
    run_id: RunId = RUN,
    create: bool = True,
    ledger_id: LedgerId = LEDGER_ID,
    vfs: str | None = None,
    reserve_bytes: int = RESERVE_BYTES,
) -> Ledger:
    """Open a ledger with what does not matter filled in."""
    return open_ledger(
        home,
        environment=environment,
        account=account,
        run_id=run_id,
        now_ms=1_790_000_000_000,
        create=create,
        ledger_id=ledger_id,
        vfs=vfs,
        reserve_bytes=reserve_bytes,
    )


def note(number: int) -> Entry:
    """An entry that changes no state and that can be told from every other."""
    return written(Anomaly(code="NOTE", detail=f"number {number}", at_ms=number), number)


def cancel(number: int, *, of: Entry, order_id: OrderId | None = FIRST) -> Entry:
    """An entry with the wish that this entry's order stops resting; it needs no body."""
    assert of.intent_id is not None
    assert of.ref is not None
    wish = CancelIntent(
        owner=OWNER,
        decision=_decision(number),
        instrument=PERPETUAL.name,
        order_id=order_id,
        target=of.intent_id,
        target_label=Label(of.ref),
        decided_ms=1_790_000_000_000 + number,
    )
    made = intent_id(wish)
    label = label_of(made, owner=OWNER)
    record = IntentRecorded(
        intent_id=made, label=label, intent=wish, capsule="", snapshot="", expected=None
    )
    return written(record, number, intent=made, ref=label)


def edit(number: int, *, of: Entry, role: Role = Role.OPEN) -> Entry:
    """An entry with the wish for other terms of this entry's order, and its bodies."""
    assert of.intent_id is not None
    assert of.ref is not None
    wish = EditIntent(
        owner=OWNER,
        decision=_decision(number),
        instrument=PERPETUAL.name,
        side=Side.BUY,
        order_id=FIRST,
        target=of.intent_id,
        target_label=Label(of.ref),
        amount=Amount(Decimal(200)),
        price=Price(Decimal("60001.5")),
        role=role,
        post_only=True,
        reduce_only=False,
        valid_until_ms=1_790_000_030_000,
        decided_ms=1_790_000_000_000 + number,
    )
    return _recorded(wish, number)


def intent(number: int, *, role: Role = Role.OPEN) -> Entry:
    """An entry with an order intent, its capsule and its snapshot."""
    order = OrderIntent(
        owner=OWNER,
        decision=_decision(number),
        instrument=PERPETUAL.name,
        side=Side.BUY,
        amount=Amount(Decimal(100)),
        price=Price(Decimal("60000.5")),
        role=role,
        time_in_force=TimeInForce.GTC,
        post_only=True,
        reduce_only=False,
        valid_until_ms=1_790_000_030_000,
        decided_ms=1_790_000_000_000 + number,
    )
    return _recorded(order, number)


def moved(of: Entry, event: LifeEvent, number: int = 0) -> Entry:
    """An entry that something happened to that entry's intent."""
    assert of.intent_id is not None
    record = Moved(intent_id=of.intent_id, event=event, phase=Phase.UNKNOWN, why="test")
    return written(record, number, intent=of.intent_id)


def fill(number: int, *, of: Entry | None = None, amount: str = "10") -> Entry:
    """An entry with a trade of ours; `number` makes its trade id."""
    record = FillBooked(
        fill=Fill(
            instrument=PERPETUAL.name,
            trade_id=TradeId(str(number)),
            order_id=OrderId("o-1"),
            label=Label(of.ref) if of is not None and of.ref is not None else None,
            at_ms=1_790_000_000_000 + number,
            side=Side.BUY if number % 3 else Side.SELL,
            price=Price(Decimal("60000.5")),
            amount=Amount(Decimal(amount)),
            fee=Coin(Decimal("0.00000010")),
            fee_currency=Currency("BTC"),
            liquidity=Liquidity.MAKER,
            mark=Price(Decimal("60001.17")),
            index=Price(Decimal("60002.00")),
        ),
        instrument=PERPETUAL,
        intent_id=of.intent_id if of is not None else None,
    )
    return written(record, number, intent=record.intent_id, ref=trade_key(record.fill))


def started(number: int) -> Entry:
    """An entry that an engine begins: what is in flight becomes UNKNOWN."""
    record = RunStarted(
        run_id=RunId(f"run-{number}"),
        build_id="b",
        config_hash="c",
        policy_hash="p",
        started_ms=1_790_000_000_000 + number,
        pid=number,
    )
    return written(record, number)


def written(
    record: Record,
    number: int,
    *,
    intent: IntentId | None = None,
    ref: str | None = None,
    bodies: tuple[Body, ...] = (),
) -> Entry:
    """Wrap a record."""
    return Entry(
        record=record,
        run_id=RUN,
        at_venue_ms=1_790_000_000_000 + number,
        at_mono_ns=number,
        intent_id=intent,
        ref=ref,
        bodies=bodies,
    )


def _decision(number: int) -> Decision:
    return Decision(
        strategy=StrategyName("strangle"),
        strategy_version="1",
        config_hash="c" * 64,
        sequence=number,
    )


def _recorded(wish: OrderIntent | EditIntent, number: int) -> Entry:
    made = intent_id(wish)
    label = label_of(made, owner=OWNER)
    record = IntentRecorded(
        intent_id=made,
        label=label,
        intent=wish,
        capsule=CAPSULE.hash,
        snapshot=SNAPSHOT.hash,
        expected=None,
    )
    return written(record, number, intent=made, ref=label, bodies=(CAPSULE, SNAPSHOT))
