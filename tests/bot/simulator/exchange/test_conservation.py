"""Whatever is traded: what one side gains the other loses, and positions mirror."""

from collections import defaultdict
from contextlib import closing
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.ids import AccountId, Currency, InstrumentName
from bot.domain.side import Side
from bot.simulator.exchange.fill import is_sized_in_usd
from bot.simulator.exchange.lot import FLAT, Lot, fold, unrealised
from bot.simulator.exchange.risk import standing
from tests.bot.simulator.stage import CALL, PERPETUAL, Stage

D = Decimal
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["order", "order", "order", "reduce", "reduce", "cancel", "sweep", "quote"]
        ),
        st.sampled_from([PERPETUAL, CALL]),
        st.sampled_from(["trade", "other"]),
        st.sampled_from(["buy", "sell"]),
        st.integers(-4, 4),
        st.integers(1, 9),
    ),
    min_size=4,
    max_size=30,
)


def price_of(name: str, step: int) -> Decimal:
    return D(60_000) + step * D("0.5") if name == PERPETUAL else D("0.05") + step * D("0.0005")


def act(stage: Stage, step: tuple[Any, ...]) -> None:
    verb, name, role, side, offset, size = step
    price = price_of(name, offset)
    amount = D(size) * (10 if name == PERPETUAL else 1)
    match verb:
        case "order":
            stage.order(side, name, role=role, amount=amount, price=price)
        case "reduce":  # a little away from the market, so that it rests
            held = stage.size(name, role=role)
            side, away = ("sell", 6) if held > 0 else ("buy", -6)
            price = price_of(name, away + offset)
            stage.order(side, name, role=role, amount=amount, price=price, reduce_only=True)
        case "cancel":
            stage.call("private/cancel_all", role=role)
        case "sweep":
            stage.feed.sweep(name, side=Side(side), limit=str(price), amount=str(amount))
        case _:
            low, high = price_of(name, offset), price_of(name, offset + 1)
            stage.feed.quote(
                name, bids=f"{low} x {amount}", asks=f"{high} x {amount}", mark=str(low)
            )
    stage.tick(ms=500)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_money_and_positions_are_conserved_over_accounts_and_the_outside(
    steps: list[tuple[Any, ...]],
) -> None:
    with TemporaryDirectory() as folder, closing(Stage(Path(folder))) as stage:
        for name, amount in ((PERPETUAL, 60), (CALL, 4)):  # so that there is something to reduce
            stage.order("buy", name, amount=amount, price=price_of(name, 2))
            stage.order("sell", name, role="other", amount=amount, price=price_of(name, -2))
        for step in steps:
            act(stage, step)
            check_orders(stage)
        check_money(stage)


def check_money(stage: Stage) -> None:
    """Hold that accounts and the outside together have what they began with."""
    outside: dict[InstrumentName, Lot] = defaultdict(lambda: FLAT)
    gained: dict[InstrumentName, Fraction] = defaultdict(Fraction)
    sides: dict[str, list[tuple[InstrumentName, Decimal, Decimal]]] = defaultdict(list)
    for trades in stage.venue.user_trades.values():
        for trade in trades:
            public = trade.public
            signed = public.amount * trade.side.sign
            sides[trade.id].append((public.instrument, signed, public.price))
    for legs in sides.values():
        name, signed, price = legs[0]
        if len(legs) == 2:  # between two accounts: nobody outside took part
            assert sum(leg[1] for leg in legs) == 0
            continue
        in_usd = is_sized_in_usd(stage.venue.books[name].instrument)
        outside[name], part = fold(outside[name], signed=-signed, price=price, in_usd=in_usd)
        gained[name] += part
    for name in (InstrumentName(PERPETUAL), InstrumentName(CALL)):
        held = sum(a.position(name).quantity for a in stage.venue.accounts.values())
        assert held + outside[name].quantity == 0
    total = Fraction(0)
    for account in stage.venue.accounts.values():
        btc = standing(stage.venue, account, Currency("BTC"))
        total += btc.equity + Fraction(account.fees_paid.get(Currency("BTC"), D(0))) - 10
    for name, lot in outside.items():
        book = stage.venue.books[name]
        in_usd = is_sized_in_usd(book.instrument)
        total += gained[name] + unrealised(lot, mark=book.mark, in_usd=in_usd)
    assert total == 0


def check_orders(stage: Stage) -> None:
    """Hold that resting reduce-only orders never exceed the position, and books are not crossed."""
    for account in (AccountId("main"), AccountId("other")):
        for name, book in stage.venue.books.items():
            size = stage.venue.accounts[account].position(name).quantity
            for side in Side:
                resting = sum(
                    o.remaining for o in book.orders(side) if o.reduce_only and o.account == account
                )
                assert resting <= max(-size * side.sign, D(0))
            bid, ask = book.best(Side.BUY), book.best(Side.SELL)
            assert bid is None or ask is None or bid < ask
