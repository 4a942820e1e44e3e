"""A wish for several legs becomes a group, or is refused as a whole [C-401]."""

from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest

from bot.core.event import OperatorMode, Reported
from bot.core.record import GroupBegun, GroupMoved, Refused
from bot.domain.instrument import Instrument
from bot.domain.mode import Mode
from bot.domain.money import Amount, Price
from bot.domain.order import OrderState
from bot.domain.side import Side
from bot.group.group import Stage
from bot.strategy.interface import LegWish, PlaceGroup
from tests.bot.core.desk import POLICY, Desk, ready
from tests.bot.core.market import CALL, PUT
from tests.bot.core.words import report_of


def leg(instrument: Instrument, price: str, **changes: object) -> LegWish:
    """Sell it at the bid, a tick of 0.0005 less at worst."""
    wish = LegWish(
        instrument=instrument.name,
        side=Side.SELL,
        ratio=Decimal(1),
        price=Price(Decimal(price)),
        limit=Price(Decimal(price) - Decimal("0.0005")),
    )
    return msgspec.structs.replace(wish, **changes)


def strangle(size: str = "0.3", *legs: LegWish, rest_ms: int = 0) -> PlaceGroup:
    """Both legs at their bids."""
    return PlaceGroup(
        legs=legs or (leg(CALL, "0.0120"), leg(PUT, "0.0110")),
        size=Amount(Decimal(size)),
        rest_ms=rest_ms,
        attempt=0,
        why="test",
    )


def begun(desk: Desk) -> list[GroupBegun]:
    """Return every group that was recorded."""
    return [record for record in desk.records if isinstance(record, GroupBegun)]


def codes(desk: Desk) -> list[str]:
    """Return the deciding reason of every refusal."""
    return [r.refusals[0][0] for r in desk.records if isinstance(r, Refused)]


@pytest.mark.rule("C-401")
def test_a_group_is_recorded_and_its_first_leg_leaves_in_the_same_turn() -> None:
    desk = ready()
    desk.tick(strangle())
    (record,) = begun(desk)
    assert [str(known.amount) for known in record.group.legs] == ["0.3", "0.3"]
    (sent,) = desk.sent()
    assert sent.intent.instrument == record.group.legs[0].instrument
    assert desk.state.durable.group is not None
    assert desk.state.durable.group.orders == {sent.intent_id: 0}


@pytest.mark.rule("C-401", "C-003")
def test_the_size_is_cut_to_the_policy_s_largest_order_with_its_ratios_exact() -> None:
    desk = ready()
    legs = (leg(CALL, "0.0120", ratio=Decimal(2)), leg(PUT, "0.0110"))
    desk.tick(strangle("50", *legs))
    amounts = {known.instrument: known.amount for known in begun(desk)[0].group.legs}
    assert amounts[CALL.name] == POLICY.per_order.amount_max
    assert amounts[PUT.name] * 2 == amounts[CALL.name]


@pytest.mark.rule("C-401")
def test_a_second_group_is_never_begun_beside_the_first() -> None:
    desk = ready()
    desk.tick(strangle())
    desk.wait(1_000)
    desk.quote()
    desk.tick(strangle())
    assert len(begun(desk)) == 1
    assert codes(desk) == ["GROUP_BUSY"]


@pytest.mark.rule("C-402")
@pytest.mark.parametrize(
    ("stage", "ms", "is_begun"),
    [
        (Stage.FLATTENED, 299_999, False),
        (Stage.FLATTENED, 300_000, True),
        (Stage.HEDGED, 1_000, False),
        (Stage.EMPTY, 1_000, True),
        (Stage.COMPLETE, 1_000, True),
    ],
)
def test_after_one_that_had_to_be_closed_there_is_a_rest(
    stage: Stage, ms: int, is_begun: bool
) -> None:
    desk = ready()
    desk.tick(strangle())
    first = desk.state.durable.group
    assert first is not None
    over = msgspec.structs.replace(first, stage=stage, ended_ms=desk.now_ms - ms)
    durable = msgspec.structs.replace(desk.state.durable, group=over)
    desk.state = replace(desk.state, durable=durable)
    desk.tick(strangle())
    assert (len(begun(desk)) == 2) is is_begun


@pytest.mark.rule("C-401")
@pytest.mark.parametrize(
    "legs",
    [
        (leg(CALL, "0.0120"),),
        (leg(CALL, "0.0120"), leg(CALL, "0.0120")),
        (leg(CALL, "0.0120"), leg(PUT, "0.0110", ratio=Decimal(0))),
        (leg(CALL, "0.0120"), leg(PUT, "0.0110", limit=Price(Decimal("0.0120")))),
    ],
    ids=["one leg", "twice the same", "no ratio", "a limit better than the price"],
)
def test_a_shape_that_is_no_group_is_refused(legs: tuple[LegWish, ...]) -> None:
    desk = ready()
    desk.tick(strangle("0.3", *legs))
    assert begun(desk) == []
    assert codes(desk) == ["GROUP_SHAPE"]


@pytest.mark.rule("C-401", "C-002")
def test_outside_active_no_group_is_begun() -> None:
    desk = ready()
    desk.feed(OperatorMode(request_id="r", mode=Mode.REDUCE_ONLY, by="me", why="test"))
    desk.tick(strangle())
    assert begun(desk) == []
    assert desk.sent() == []
    assert codes(desk) == ["MODE"]


@pytest.mark.rule("C-401", "C-114")
def test_what_only_both_legs_together_exceed_is_not_begun() -> None:
    """Each leg alone fits the vega limit; the two of them do not."""

    def fits(limit: str, size: str) -> list[str]:
        portfolio = msgspec.structs.replace(
            POLICY.portfolio,
            vega_usd_max=Decimal(limit),
            total_vega_usd_max=Decimal(limit),
        )
        desk = ready(policy=msgspec.structs.replace(POLICY, portfolio=portfolio))
        desk.tick(strangle(size))
        return codes(desk)

    assert fits("1000", "0.3") == []
    # At a forward of 60000, σ 0.6 and 24.8 days one coin of either has some 35 USD a point: 0.3 of
    # one is about 10, of both about 20.
    assert fits("15", "0.3") == ["VEGA_LIMIT"]


@pytest.mark.rule("C-402")
def test_the_first_leg_rests_and_an_unfilled_one_ends_the_group_empty() -> None:
    desk = ready()
    desk.tick(strangle(rest_ms=2_000))
    (sent,) = desk.sent()
    desk.say_ack(sent)
    desk.wait(2_000)
    desk.quote()
    desk.tick()
    assert [cancel.intent.target for cancel in desk.cancels()] == [sent.intent_id]
    desk.feed(Reported(report_of(sent, state=OrderState.CANCELLED)))
    desk.tick()
    moved = [record for record in desk.records if isinstance(record, GroupMoved)]
    assert [record.stage for record in moved] == [Stage.EMPTY]
