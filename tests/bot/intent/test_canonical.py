"""One intent, one form, one hash: for ever and everywhere [C-102]."""

import hashlib
import json
import os
import subprocess
import sys
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.mode import Environment
from bot.domain.money import plain
from bot.domain.order import Role, TimeInForce
from bot.domain.side import Side
from bot.intent.canonical import canonical_bytes, intent_id
from bot.intent.intent import EditIntent, OrderIntent
from tests.bot.intent.making import CANCEL, EDIT, ORDER, changed

# Written by hand from the rules of the form: version, owner, decision, instrument, then the order.
ORDER_TEXT = (
    '["bot.order/1","DEV","subaccount-7","4f1c09aa000000000000000000000000","strangle","1",'
    '"c0ffee","17","1","2","BTC-26JUN26-70000-C","sell","0.1","0.012","OPEN",'
    '"good_til_cancelled","post_only","may_open","1780315205000","1780315200000"]'
)
CANCEL_TEXT = (
    '["bot.cancel/1","DEV","subaccount-7","4f1c09aa000000000000000000000000","strangle","1",'
    '"c0ffee","17","1","2","BTC-26JUN26-70000-C","BTC-1","' + "ab" * 32 + '",'
    '"bd-4f1c09aa-' + "ab" * 24 + '","1780315200000"]'
)

EDIT_TEXT = (
    '["bot.edit/1","DEV","subaccount-7","4f1c09aa000000000000000000000000","strangle","1",'
    '"c0ffee","17","1","2","BTC-26JUN26-70000-C","sell","BTC-1","' + "ab" * 32 + '",'
    '"bd-4f1c09aa-' + "ab" * 24 + '","0.2","0.0125","OPEN","post_only","may_open",'
    '"1780315205000","1780315200000"]'
)

OTHER: dict[str, object] = {
    "owner.environment": Environment.LIVE,
    "owner.account": "subaccount-8",
    "owner.ledger": "4f1c09aa" + "1" * 24,
    "decision.strategy": "heartbeat",
    "decision.strategy_version": "2",
    "decision.config_hash": "c0ffef",
    "decision.sequence": 18,
    "decision.leg": 0,
    "decision.attempt": 3,
    "instrument": "BTC-26JUN26-70000-P",
    "side": Side.BUY,
    "amount": Decimal("0.2"),
    "price": Decimal("0.0125"),
    "role": Role.HEDGE,
    "time_in_force": TimeInForce.IOC,
    "post_only": False,
    "reduce_only": True,
    "valid_until_ms": 1_780_315_205_001,
    "decided_ms": 1_780_315_200_001,
}


@pytest.mark.rule("C-102")
def test_the_bytes_and_the_hash_are_those_written_by_hand() -> None:
    assert canonical_bytes(ORDER) == ORDER_TEXT.encode()
    assert intent_id(ORDER) == hashlib.sha256(ORDER_TEXT.encode()).hexdigest()
    assert canonical_bytes(CANCEL) == CANCEL_TEXT.encode()
    assert intent_id(CANCEL) == hashlib.sha256(CANCEL_TEXT.encode()).hexdigest()
    assert canonical_bytes(EDIT) == EDIT_TEXT.encode()
    assert intent_id(EDIT) == hashlib.sha256(EDIT_TEXT.encode()).hexdigest()


@pytest.mark.rule("C-102")
@pytest.mark.parametrize("path", OTHER)
def test_every_field_is_part_of_the_hash(path: str) -> None:
    assert intent_id(changed(ORDER, path, OTHER[path])) != intent_id(ORDER)


@pytest.mark.rule("C-102")
def test_there_is_no_field_that_the_table_above_forgets() -> None:
    told = {path.partition(".")[0] for path in OTHER}
    assert told == {field.name for field in msgspec.structs.fields(OrderIntent)}
    inner = {
        f"{block}.{field.name}"
        for block in ("owner", "decision")
        for field in msgspec.structs.fields(type(getattr(ORDER, block)))
    }
    assert inner == {path for path in OTHER if "." in path}


@pytest.mark.rule("C-102")
@pytest.mark.parametrize("field", ["amount", "price"])
@pytest.mark.parametrize(
    "same", [("0.10", "0.1"), ("1E+2", "100"), ("5", "5.000"), ("1e-4", "0.0001")]
)
def test_equal_numbers_are_one_order_however_they_are_written(
    field: str, same: tuple[str, str]
) -> None:
    one, other = (changed(ORDER, field, Decimal(text)) for text in same)
    assert intent_id(one) == intent_id(other)


NUMBERS = st.decimals("0.0000000001", "9999999999", allow_nan=False, places=10)
WHOLE = st.integers(0, 2**53)
WORDS = st.text(min_size=0, max_size=8)


@st.composite
def orders(draw: st.DrawFn) -> OrderIntent:
    """Draw an intent that differs from the usual one anywhere."""
    order = ORDER
    for path, usual in OTHER.items():
        value: object
        match usual:
            case bool():
                value = draw(st.booleans())
            case Decimal():
                value = draw(NUMBERS)
            case int():
                value = draw(WHOLE)
            case str():
                value = draw(WORDS)
            case _:
                value = draw(st.sampled_from(type(usual)))  # type: ignore[arg-type]  # an enum
        order = changed(order, path, value)
    return order


@pytest.mark.rule("C-102")
@given(orders())
def test_the_form_is_plain_json_of_texts_and_says_everything(order: OrderIntent) -> None:
    texts = json.loads(canonical_bytes(order))
    own, decision = order.owner, order.decision
    assert texts == [
        "bot.order/1",
        own.environment.value,
        own.account,
        own.ledger,
        decision.strategy,
        decision.strategy_version,
        decision.config_hash,
        str(decision.sequence),
        str(decision.leg),
        str(decision.attempt),
        order.instrument,
        order.side.value,
        plain(order.amount),
        plain(order.price),
        order.role.value,
        order.time_in_force.value,
        "post_only" if order.post_only else "may_take",
        "reduce_only" if order.reduce_only else "may_open",
        str(order.valid_until_ms),
        str(order.decided_ms),
    ]


@pytest.mark.rule("C-102")
@given(orders(), orders())
def test_two_orders_have_one_hash_only_when_they_are_equal(
    one: OrderIntent, other: OrderIntent
) -> None:
    assert (intent_id(one) == intent_id(other)) == (one == other)


@pytest.mark.rule("C-102")
def test_order_cancel_and_edit_never_share_a_form() -> None:
    forms = {json.loads(canonical_bytes(intent))[0] for intent in (ORDER, CANCEL, EDIT)}
    assert forms == {"bot.order/1", "bot.cancel/1", "bot.edit/1"}


EDITED: dict[str, object] = {
    "instrument": "BTC-26JUN26-70000-P",
    "side": Side.BUY,
    "order_id": "BTC-2",
    "target": "cd" * 32,
    "target_label": "bd-4f1c09aa-" + "cd" * 24,
    "amount": Decimal("0.3"),
    "price": Decimal("0.013"),
    "role": Role.CANCEL,
    "post_only": False,
    "reduce_only": True,
    "valid_until_ms": 1_780_315_205_001,
    "decided_ms": 1_780_315_200_001,
}


@pytest.mark.rule("C-102")
@pytest.mark.rule("C-213")
def test_every_field_of_an_edit_is_part_of_its_hash() -> None:
    assert {*EDITED, "owner", "decision"} == {
        field.name for field in msgspec.structs.fields(EditIntent)
    }
    others = [msgspec.structs.replace(EDIT, **{path: EDITED[path]}) for path in EDITED]
    assert len({intent_id(EDIT), *map(intent_id, others)}) == 1 + len(EDITED)


@pytest.mark.rule("C-102")
@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_another_process_with_another_hash_seed_says_the_same(seed: str) -> None:
    script = (
        "from bot.intent.canonical import intent_id\n"
        "from bot.intent.label import label_of\n"
        "from tests.bot.intent.making import ORDER\n"
        "print(intent_id(ORDER), label_of(intent_id(ORDER), owner=ORDER.owner))"
    )
    run = subprocess.run(  # noqa: S603  # our own interpreter on our own text
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    digest = hashlib.sha256(ORDER_TEXT.encode()).hexdigest()
    assert run.stdout.split() == [digest, f"bd-4f1c09aa-{digest[:48]}"]


@pytest.mark.rule("C-102")
def test_a_cancel_by_label_names_no_order_and_is_another_cancel() -> None:
    nameless = msgspec.structs.replace(CANCEL, order_id=None)
    assert json.loads(canonical_bytes(nameless)) == [
        "" if part == "BTC-1" else part for part in json.loads(canonical_bytes(CANCEL))
    ]
    assert intent_id(nameless) != intent_id(CANCEL)
