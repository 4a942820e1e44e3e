"""Every code path that ends in an intent's identity, over the golden wishes; printed as one line.

Run as `python -m tests.determinism.identities ITERATIONS`: each iteration takes the wishes in
another order, so that nothing can depend on what was made before.
"""

import json
import random
import sys
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from bot.core.record import IntentRecorded, decode, encode
from bot.domain.ids import (
    AccountId,
    Currency,
    IndexName,
    InstrumentName,
    LedgerId,
    OrderId,
    StrategyName,
)
from bot.domain.instrument import BookState, Instrument, Kind
from bot.domain.mode import Environment
from bot.domain.money import Amount, Price
from bot.domain.order import TimeInForce
from bot.domain.side import Side
from bot.domain.tick import TickSchedule
from bot.intent.build import Ground, build_order_intent
from bot.intent.canonical import canonical_bytes, intent_id
from bot.intent.hedge import HedgeProof
from bot.intent.intent import CancelIntent, Decision, Intent, OrderIntent, Owner
from bot.intent.label import label_of
from bot.policy.load import load
from bot.policy.policy import Policy
from bot.strategy.interface import Place
from ledger.entry import Body, Entry
from ledger.open import open_ledger
from ledger.read import open_reader
from tests.bot.core.market import CALL, NOON_MS, PERPETUAL, PUT

__all__ = ["PATHS", "Wish", "intents"]

GTC, IOC, FOK = TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK
OWNER = Owner(
    environment=Environment.DEV,
    account=AccountId("subaccount-7"),
    ledger=LedgerId("4f1c09aa" + "0" * 24),
)
ODD = Owner(environment=Environment.LIVE, account=AccountId('hö "x" \\'), ledger=LedgerId("f" * 32))
ETH = Instrument(
    name=InstrumentName("ETH_USDC-PERPETUAL"),
    kind=Kind.PERPETUAL,
    is_inverse=False,
    base=Currency("ETH"),
    currency=Currency("USDC"),
    index=IndexName("eth_usdc"),
    contract_size=Decimal("0.001"),
    amount_min=Amount(Decimal("0.001")),
    amount_step=Amount(Decimal("0.001")),
    ticks=TickSchedule(tick=Decimal("0.01")),
    maker_rate=Decimal(0),
    taker_rate=Decimal("0.0005"),
    state=BookState.OPEN,
)


class Wish(NamedTuple):
    """What is wished, as text; `held` is the signed position."""

    name: str
    instrument: Instrument
    side: Side
    amount: str
    price: str
    life: TimeInForce = GTC
    post_only: bool = True
    held: str = "0"
    is_exit: bool = False
    leg: int = 0
    attempt: int = 0
    sequence: int | None = None
    owner: Owner = OWNER
    hedge: HedgeProof | None = None


# 0.01 coin of short delta; each USD bought adds 1e-5 of it, so that 1000 bring it to zero.
SHORT: Final = HedgeProof(
    instrument=PERPETUAL.name, delta=-0.01, pending=(), per_unit=1e-5, band=0.01
)

WISHES: Final = (
    Wish("call_sold_up", CALL, Side.SELL, "0.25", "0.01234"),
    Wish("call_bought_down", CALL, Side.BUY, "0.39999999999", "0.00512345"),
    Wish("call_on_the_fine_tick", CALL, Side.BUY, "1E+0", "0.0049999999999999999", post_only=False),
    Wish("put_at_the_step", PUT, Side.SELL, "0.30000", "0.0050", leg=1, attempt=2),
    Wish("perpetual_sold", PERPETUAL, Side.SELL, "549.31324112684523", "60039.25", IOC, False),
    Wish("perpetual_with_exponents", PERPETUAL, Side.BUY, "1E+2", "6.00005E+4", FOK, False),
    Wish(
        "close_cut_to_the_position",
        PERPETUAL,
        Side.BUY,
        "1000",
        "60000.26",
        IOC,
        False,
        held="-300",
        is_exit=True,
    ),
    Wish(
        "reduce_gives_way",
        CALL,
        Side.BUY,
        "0.1",
        "0.01201",
        post_only=False,
        held="-0.2",
        is_exit=True,
        attempt=7,
    ),
    Wish("linear_in_thousandths", ETH, Side.BUY, "1.23456789", "3333.33333"),
    Wish("linear_just_below_round", ETH, Side.SELL, "0.001", "2999.999999999999999999"),
    Wish(
        "odd_words_in_live",
        CALL,
        Side.SELL,
        "0.1",
        "0.02",
        leg=3,
        attempt=11,
        sequence=9_007_199_254_740_993,  # a float would lose its last digit
        owner=ODD,
    ),
    Wish(
        "hedge_from_floats",
        PERPETUAL,
        Side.BUY,
        "2000",
        "60038.9",
        IOC,
        False,
        is_exit=True,
        hedge=SHORT,
    ),
)


def intents() -> dict[str, Intent]:
    """Make every golden intent from its wish, and a cancel of the first."""
    policy = _policy()
    made: dict[str, Intent] = {
        wish.name: _built(wish, sequence=wish.sequence or number, policy=policy)
        for number, wish in enumerate(WISHES, 1)
    }
    target = intent_id(made["call_sold_up"])
    made["cancel"] = CancelIntent(
        owner=OWNER,
        decision=_decision(13, leg=0, attempt=0),
        instrument=CALL.name,
        order_id=OrderId("ETH-584849853"),
        target=target,
        target_label=label_of(target, owner=OWNER),
        decided_ms=NOON_MS,
    )
    return made


def _policy() -> Policy:
    """The shipped policy with the two figures that reach into an intent held still."""
    path = Path(__file__).resolve().parents[2] / "config/trading_policy.yaml"
    policy = load(path.read_text(encoding="utf-8"), source=path.name)
    replace = msgspec.structs.replace
    return replace(
        policy,
        per_order=replace(policy.per_order, amount_max=Amount(Decimal(2))),
        execution=replace(policy.execution, valid_until_ms_max=5_005),
    )


def _decision(sequence: int, *, leg: int, attempt: int) -> Decision:
    return Decision(
        strategy=StrategyName("strangle"),
        strategy_version="1",
        config_hash="c0ffee",
        sequence=sequence,
        leg=leg,
        attempt=attempt,
    )


def _built(wish: Wish, *, sequence: int, policy: Policy) -> OrderIntent:
    place = Place(
        instrument=wish.instrument.name,
        side=wish.side,
        amount=Amount(Decimal(wish.amount)),
        price=Price(Decimal(wish.price)),
        time_in_force=wish.life,
        post_only=wish.post_only,
        is_exit=wish.is_exit,
        attempt=wish.attempt,
        leg=wish.leg,
        why="golden",
    )
    ground = Ground(
        instrument=wish.instrument,
        quantity=Amount(Decimal(wish.held)),
        pending=(),
        hedge=wish.hedge,
        bounds=None,
        now_ms=NOON_MS,
        clock_bound_ms=5,
    )
    decision = _decision(sequence, leg=wish.leg, attempt=wish.attempt)
    made = build_order_intent(place, ground, owner=wish.owner, decision=decision, policy=policy)
    assert isinstance(made, OrderIntent), f"{wish.name}: {made}"
    return made


def _record(intent: Intent) -> IntentRecorded:
    identity = intent_id(intent)
    return IntentRecorded(
        intent_id=identity,
        label=label_of(identity, owner=intent.owner),
        intent=intent,
        capsule=_BODY.hash,
        snapshot=_BODY.hash,
        expected=None,
    )


def _from_record_bytes(intent: Intent) -> Intent:
    record = decode(encode(_record(intent)))
    assert isinstance(record, IntentRecorded)
    return record.intent


def _from_json(intent: Intent) -> Intent:
    return msgspec.json.decode(msgspec.json.encode(intent), type=Intent)


def _from_msgpack(intent: Intent) -> Intent:
    return msgspec.msgpack.decode(msgspec.msgpack.encode(intent), type=Intent)


def _from_builtins(intent: Intent) -> Intent:
    return msgspec.convert(msgspec.to_builtins(intent), type=Intent)


def _from_ledger(intent: Intent) -> Intent:
    """Commit to a real file and read it back with another connection."""
    record = _record(intent)
    with tempfile.TemporaryDirectory() as folder:
        ledger = open_ledger(
            Path(folder),
            environment=intent.owner.environment,
            account=intent.owner.account,
            run_id=_RUN,
            now_ms=NOON_MS,
            create=True,
            ledger_id=intent.owner.ledger,
        )
        entry = Entry(
            record=record,
            run_id=_RUN,
            at_venue_ms=NOON_MS,
            at_mono_ns=1,
            intent_id=record.intent_id,
            ref=record.label,
            bodies=(_BODY,),
        )
        ledger.commit([entry])
        ledger.close()
        with open_reader(Path(folder)) as reader:
            (written,) = reader.entries(kind="intent")
    kept = written.entry.record
    assert isinstance(kept, IntentRecorded)
    return kept.intent


_RUN: Any = "run-1"
_BODY: Final = Body.of(b"{}")
PATHS: Final[dict[str, Callable[[Intent], Intent]]] = {
    "built": lambda intent: intent,
    "record bytes": _from_record_bytes,
    "json": _from_json,
    "msgpack": _from_msgpack,
    "builtins": _from_builtins,
    "ledger": _from_ledger,
}


def main(iterations: int) -> None:
    """Print, for each iteration, every identity by every path; sorted by name."""
    draw = random.Random(iterations)  # noqa: S311  # an order, no secret
    for iteration in range(iterations):
        made = list(intents().items())
        draw.shuffle(made)
        told = {}
        for name, intent in made:
            for path, take in PATHS.items():
                if path == "ledger" and iteration:
                    continue  # a file and a barrier each: once a process tells as much
                again = take(intent)
                identity = intent_id(again)
                label = label_of(identity, owner=again.owner)
                told[f"{name}, {path}"] = [canonical_bytes(again).decode(), identity, label]
        sys.stdout.write(f"{json.dumps(told, sort_keys=True, ensure_ascii=True)}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
