"""From a wish to an intent: classified, on the grid, fenced, or refused [C-101, C-105, C-208]."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import IntentId, Label, OrderId
from bot.domain.instrument import Instrument
from bot.domain.money import Amount, Price
from bot.domain.order import Role, TimeInForce
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.domain.side import Side
from bot.intent.build import Ground, Target, build_edit_intent, build_order_intent, order_as_edited
from bot.intent.classify import Pending
from bot.intent.hedge import HedgeProof
from bot.intent.intent import EditIntent, OrderIntent
from bot.intent.quantise import PriceBounds
from bot.policy.load import load
from bot.strategy.interface import Amend, Place
from tests.bot.intent.making import DECISION, OWNER

ROOT = Path(__file__).resolve().parents[3]
POLICY = load(
    (ROOT / "config/trading_policy.yaml").read_text(encoding="utf-8"), source="trading_policy.yaml"
)
NOW_MS = 1_780_315_200_000

CALL = msgspec.convert(
    {
        "name": "BTC-26JUN26-70000-C",
        "kind": "option",
        "is_inverse": True,
        "base": "BTC",
        "currency": "BTC",
        "index": "btc_usd",
        "contract_size": "1",
        "amount_min": "0.1",
        "amount_step": "0.1",
        "ticks": {"tick": "0.0001", "steps": [{"above_price": "0.005", "tick": "0.0005"}]},
        "maker_rate": "0.0003",
        "taker_rate": "0.0003",
        "state": "open",
        "expiry_ms": 1782460800000,
        "strike": "70000",
        "option_type": "call",
    },
    Instrument,
)
GROUND = Ground(
    instrument=CALL,
    quantity=Amount(Decimal(0)),
    pending=(),
    hedge=None,
    bounds=PriceBounds(Price(Decimal("0.0050")), Price(Decimal("0.0200"))),
    now_ms=NOW_MS,
    clock_bound_ms=20,
)
WISH = Place(
    instrument=CALL.name,
    side=Side.SELL,
    amount=Amount(Decimal("0.5")),
    price=Price(Decimal("0.0120")),
    time_in_force=TimeInForce.GTC,
    post_only=False,
    is_exit=False,
    attempt=0,
    leg=0,
    why="test",
)


def built(wish: Place = WISH, ground: Ground = GROUND) -> OrderIntent | Refusal:
    """Build with what does not matter filled in."""
    return build_order_intent(wish, ground, owner=OWNER, decision=DECISION, policy=POLICY)


def wish(**fields: object) -> Place:
    """The usual wish, changed."""
    return msgspec.structs.replace(WISH, **fields)


def holding(quantity: str, *pending: tuple[Side, str]) -> Ground:
    """The usual ground, with a position and what may still fill."""
    waiting = tuple(Pending(side=side, remaining=Amount(Decimal(left))) for side, left in pending)
    return replace(GROUND, quantity=Amount(Decimal(quantity)), pending=waiting)


@pytest.mark.rule("C-101")
def test_an_open_is_what_was_wished_and_nothing_else() -> None:
    assert built() == OrderIntent(
        owner=OWNER,
        decision=DECISION,
        instrument=CALL.name,
        side=Side.SELL,
        amount=Amount(Decimal("0.5")),
        price=Price(Decimal("0.0120")),
        role=Role.OPEN,
        time_in_force=TimeInForce.GTC,
        post_only=False,
        reduce_only=False,
        valid_until_ms=NOW_MS + 5_000 - 20,  # the policy's horizon less what the clock may be wrong
        decided_ms=NOW_MS,
    )


@pytest.mark.rule("C-208")
@pytest.mark.parametrize(
    ("bound_ms", "ahead_ms"), [(0, 5_000), (20, 4_980), (5_000, 0), (9_000, 0)]
)
def test_a_worse_clock_makes_the_fence_nearer_and_never_farther(
    bound_ms: int, ahead_ms: int
) -> None:
    intent = built(ground=replace(GROUND, clock_bound_ms=bound_ms))
    assert isinstance(intent, OrderIntent)
    assert intent.valid_until_ms == NOW_MS + ahead_ms


@pytest.mark.rule("C-105")
@pytest.mark.parametrize(
    ("side", "is_exit", "quantity", "price", "expected"),
    [
        (Side.SELL, False, "0", "0.01234", "0.0125"),  # asks for more
        (Side.BUY, False, "0", "0.01234", "0.0120"),  # offers less
        (Side.BUY, True, "-1", "0.01234", "0.0125"),  # an exit gives way
        (Side.SELL, True, "1", "0.01234", "0.0120"),
        (Side.BUY, True, "-1", "0.0500", "0.0200"),  # but not beyond the venue's band
        (Side.SELL, True, "1", "0.0010", "0.0050"),
    ],
)
def test_a_price_goes_to_the_tick_of_its_purpose(
    side: Side, is_exit: bool, quantity: str, price: str, expected: str
) -> None:
    intent = built(wish(side=side, is_exit=is_exit, price=Price(Decimal(price))), holding(quantity))
    assert isinstance(intent, OrderIntent)
    assert intent.price == Decimal(expected)


@pytest.mark.rule("C-108")
@pytest.mark.parametrize(
    ("ground", "amount", "role", "cut"),
    [
        (holding("-1"), "1", Role.CLOSE, "1"),
        (holding("-1"), "5", Role.CLOSE, "1"),  # cut: it would flip
        (holding("-1"), "0.4", Role.REDUCE, "0.4"),
        (holding("-1", (Side.BUY, "0.3")), "1", Role.REDUCE, "0.7"),  # that one may fill as well
        (holding("-1", (Side.SELL, "5")), "3", Role.CLOSE, "1"),  # that one may not fill
    ],
)
def test_an_exit_is_cut_to_what_is_safe_at_worst_case(
    ground: Ground, amount: str, role: Role, cut: str
) -> None:
    intent = built(wish(side=Side.BUY, is_exit=True, amount=Amount(Decimal(amount))), ground)
    assert isinstance(intent, OrderIntent)
    assert (intent.role, intent.amount) == (role, Decimal(cut))
    assert intent.reduce_only


@pytest.mark.rule("C-108")
@pytest.mark.parametrize(
    "ground", [holding("0"), holding("1"), holding("-1", (Side.BUY, "1")), holding("-0.05")]
)
def test_an_exit_with_nothing_left_to_exit_is_refused_and_never_an_open(ground: Ground) -> None:
    refusal = built(wish(side=Side.BUY, is_exit=True), ground)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.NOTHING_TO_EXIT


@pytest.mark.rule("C-003")
def test_an_open_is_cut_to_the_policy_s_largest_and_an_exit_is_not() -> None:
    large = Amount(POLICY.per_order.amount_max * 3)
    opened = built(wish(amount=large))
    closed = built(wish(side=Side.BUY, is_exit=True, amount=large), holding(f"-{large}"))
    assert isinstance(opened, OrderIntent)
    assert isinstance(closed, OrderIntent)
    assert (opened.amount, closed.amount) == (POLICY.per_order.amount_max, large)


@pytest.mark.rule("C-105")
@pytest.mark.parametrize(
    ("amount", "reason"),
    [("0", Reason.SIZE_BELOW_MIN), ("-1", Reason.SIZE_BELOW_MIN), ("0.09", Reason.SIZE_BELOW_MIN)],
)
def test_a_size_below_the_minimum_is_refused_and_never_raised_to_it(
    amount: str, reason: Reason
) -> None:
    refusal = built(wish(amount=Amount(Decimal(amount))))
    assert isinstance(refusal, Refusal)
    assert refusal.reason is reason


@pytest.mark.rule("C-109")
def test_a_hedge_is_not_reduce_only_since_it_may_open_its_instrument() -> None:
    proof = HedgeProof(instrument=CALL.name, delta=-1.0, pending=(), per_unit=1.0, band=0.6)
    intent = built(wish(side=Side.BUY), replace(GROUND, hedge=proof))
    assert isinstance(intent, OrderIntent)
    assert (intent.role, intent.reduce_only) == (Role.HEDGE, False)


TENTHS = st.integers(-30, 30).map(lambda n: Decimal(n) / 10)
PENDING = st.lists(st.tuples(st.sampled_from(Side), st.integers(1, 30)), max_size=4)


@pytest.mark.rule("C-108")
@given(
    quantity=TENTHS,
    pending=PENDING,
    side=st.sampled_from(Side),
    amount=st.integers(1, 60),
    is_exit=st.booleans(),
)
def test_no_exit_can_flip_or_grow_a_position_whatever_fills(
    quantity: Decimal, pending: list[tuple[Side, int]], side: Side, amount: int, is_exit: bool
) -> None:
    ground = holding(f"{quantity}", *((way, f"{Decimal(n) / 10}") for way, n in pending))
    intent = built(wish(side=side, is_exit=is_exit, amount=Amount(Decimal(amount) / 10)), ground)
    if isinstance(intent, Refusal):
        return
    assert intent.amount <= Decimal(amount) / 10
    if is_exit:
        assert intent.role.is_exit
    if intent.role.is_exit:
        same = sum((Decimal(n) / 10 for way, n in pending if way is side), Decimal(0))
        after = quantity + side.sign * (intent.amount + same)
        assert quantity * side.sign < 0
        assert after * quantity >= 0
        assert intent.reduce_only


TARGET = Target(
    intent_id=IntentId("ab" * 32),
    label=Label("bd-4f1c09aa-" + "ab" * 24),
    order_id=OrderId("BTC-1"),
    side=Side.SELL,
    amount=Amount(Decimal("0.5")),
    price=Price(Decimal("0.0120")),
    filled=Amount(Decimal("0.2")),
    is_exit=False,
    post_only=False,
    reduce_only=False,
)


def edit(
    amount: str, price: str, *, target: Target = TARGET, ground: Ground = GROUND
) -> EditIntent | Refusal:
    """Build an edit of the target."""
    amend = Amend(
        intent_id=target.intent_id,
        amount=Amount(Decimal(amount)),
        price=Price(Decimal(price)),
        why="test",
    )
    return build_edit_intent(amend, target, ground, owner=OWNER, decision=DECISION, policy=POLICY)


@pytest.mark.rule("C-213")
@pytest.mark.parametrize(
    ("amount", "price", "role"),
    [
        ("0.6", "0.0120", Role.OPEN),
        ("0.5", "0.0125", Role.OPEN),
        ("0.4", "0.0125", Role.OPEN),  # less, at another price
        ("0.4", "0.0120", Role.CANCEL),  # less, and nothing else
        ("0.3", "0.0120", Role.CANCEL),  # the least that leaves something to fill
        ("0.2", "0.0120", Reason.ILLEGAL_ORDER),
        ("0.1", "0.0120", Reason.ILLEGAL_ORDER),
        ("0.5", "0.0120", Reason.ILLEGAL_ORDER),
        ("0.09", "0.0120", Reason.SIZE_BELOW_MIN),
    ],
)
def test_an_edit_of_an_open_by_what_it_changes(
    amount: str, price: str, role: Role | Reason
) -> None:
    made = edit(amount, price)
    assert (made.reason if isinstance(made, Refusal) else made.role) is role


@pytest.mark.rule("C-108")
@pytest.mark.parametrize(
    ("quantity", "amount", "role"),
    [
        ("0.3", "0.5", Role.CLOSE),  # 0.3 of it is left: all that is held
        ("0.4", "0.5", Role.REDUCE),
        ("0.3", "0.6", Role.OPEN),  # one that would flip
        ("0.4", "0.6", Role.CLOSE),
        ("0.2", "0.4", Role.OPEN),  # the version before would flip
    ],
)
def test_an_edit_of_an_exit_is_judged_by_the_larger_remainder(
    quantity: str, amount: str, role: Role
) -> None:
    target = replace(TARGET, is_exit=True, reduce_only=True)
    ground = replace(GROUND, quantity=Amount(Decimal(quantity)))
    made = edit(amount, "0.0125", target=target, ground=ground)
    assert isinstance(made, EditIntent)
    assert made.role is role
    assert made.reduce_only


@pytest.mark.rule("C-208")
def test_an_edit_has_a_fence_of_its_own() -> None:
    made = edit("0.6", "0.0120")
    assert isinstance(made, EditIntent)
    assert made.valid_until_ms == NOW_MS + 5_000 - GROUND.clock_bound_ms
    would_be = order_as_edited(made)
    assert (would_be.amount, would_be.price, would_be.valid_until_ms) == (
        made.amount,
        made.price,
        made.valid_until_ms,
    )
