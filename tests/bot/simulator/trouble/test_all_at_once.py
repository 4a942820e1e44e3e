"""With every fault of exchange and market at once, money is conserved, and healing heals."""

from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Final

import pytest

from bot.domain.ids import AccountId, InstrumentName
from bot.domain.instrument import BookState
from bot.domain.side import Side
from bot.simulator.trouble.fault import FAULTS, Group
from bot.simulator.trouble.plan import Plan
from tests.bot.simulator.exchange.test_conservation import check_money, price_of
from tests.bot.simulator.stage import CALL, PERPETUAL, Stage, instrument

PER_HOUR: Final = {Group.VENUE: 120.0, Group.MARKET: 12.0}
STEPS = 2_500
ROLES = ("trade", "other")


def rates(*groups: Group) -> dict[str, float]:
    faults = ((name, fault.group) for name, fault in FAULTS.items())
    return {name: PER_HOUR[group] for name, group in faults if group in groups}


def log_in(stage: Stage) -> None:
    for role in ROLES:
        stage.floor.lost(stage.peers[role])
        stage.peers[role] = stage.peer(role)
        stage.call(
            "public/auth",
            role=role,
            grant_type="client_credentials",
            client_id=role,
            client_secret=f"{role}-secret",
        )
        channels = ["user.trades.any.any.raw", "user.orders.any.any.raw", f"book.{CALL}.100ms"]
        stage.call("private/subscribe", role=role, channels=channels)


def act(stage: Stage, draw: Random) -> None:
    """Do one thing of those that an engine or a market does."""
    name, role = draw.choice([PERPETUAL, CALL]), draw.choice(ROLES)
    side, price = draw.choice(["buy", "sell"]), price_of(name, draw.randint(-4, 4))
    amount = draw.randint(1, 9) * (10 if name == PERPETUAL else 1)
    match draw.choice(["order", "order", "order", "cancel", "look", "sweep", "quote"]):
        case "order":
            until_ms = stage.clock_ms + 3_000
            stage.order(side, name, role=role, amount=amount, price=price, valid_until=until_ms)
        case "cancel":
            open_ids = [order.id for order in stage.venue.open.values()]
            stage.call("private/cancel", role=role, order_id=draw.choice([*open_ids, "none"]))
            if draw.random() < 0.2:
                stage.call("private/cancel_all", role=role)
        case "look":
            stage.call("public/get_time", role=role)
            stage.call("private/get_open_orders", role=role)
            stage.call("private/get_user_trades_by_currency", role=role, currency="BTC", count=50)
        case "sweep":
            stage.feed.sweep(name, side=Side(side), limit=str(price), amount=str(amount))
        case _:
            low, high = price_of(name, draw.randint(-3, 0)), price_of(name, draw.randint(1, 4))
            stage.feed.quote(
                name, bids=f"{low} x {amount}", asks=f"{high} x {amount}", mark=str(low)
            )
    stage.tick(ms=500)
    for one in ROLES:
        stage.peers[one].take()


def run(folder: Path, plan: Plan) -> tuple[Counter[str], list[str], Stage]:
    stage = Stage(folder, plan=plan)
    draw = Random(plan.seed)  # noqa: S311
    log_in(stage)
    for step in range(STEPS):
        if step % 40 == 0:
            log_in(stage)
        act(stage, draw)
    log = [f"{row.at_ms} {row.order_id} {row.event} {row.filled}" for row in stage.venue.order_log]
    return stage.floor.trouble.injected, log, stage


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("groups", [(Group.VENUE,), (Group.VENUE, Group.MARKET)])
def test_money_is_conserved_and_healing_heals(
    tmp_path: Path, seed: int, groups: tuple[Group, ...]
) -> None:
    plan = Plan(seed=seed, rates=rates(*groups))
    injected, _, stage = run(tmp_path, plan)
    with closing(stage):
        check_money(stage)
        assert sorted(set(plan.rates) - set(injected)) == []
        stage.floor.trouble.heal()
        for _ in range(3):
            stage.tick(ms=1_000)
        check_money(stage)
        _check_normal(stage, dict(injected))


def _check_normal(stage: Stage, injected: dict[str, int]) -> None:
    log_in(stage)
    stage.call("private/cancel_all", role="trade")
    stage.call("private/cancel_all", role="other")
    assert list(stage.venue.open) == []
    stage.quote_all()
    for name, book in stage.venue.books.items():
        assert book.state is BookState.OPEN
        assert book.instrument == instrument(name)
        assert book.best(Side.BUY) is not None
        assert book.best(Side.SELL) is not None
    before = stage.venue.accounts[AccountId("main")].position(InstrumentName(CALL)).quantity
    order = stage.order("buy", CALL, amount=1, price=0.0505, valid_until=stage.clock_ms + 1)
    assert order["order_state"] == "filled"
    assert stage.size(CALL) == before + 1
    assert stage.order("buy", CALL, amount=1, price=0.049, valid_until=1)["code"] == 13888
    assert dict(stage.floor.trouble.injected) == injected


def test_a_seed_says_it_all(tmp_path: Path) -> None:
    plan = Plan(seed=3, rates=rates(Group.VENUE, Group.MARKET))
    runs = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        injected, log, stage = run(tmp_path / folder, plan)
        stage.close()
        runs.append((injected, log))
    assert runs[0] == runs[1]
