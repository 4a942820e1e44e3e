"""The strangers who trade one coin's books."""

from collections import Counter
from decimal import Decimal

from bot.domain.ids import InstrumentName
from bot.domain.instrument import OptionType
from bot.simulator.market.coin_state import STEP_MS, Posted
from bot.simulator.market.posting import Shown, show_option
from bot.simulator.market.regime import NORMAL
from bot.simulator.market.specification import COINS, option
from bot.simulator.market.strangers import Strangers
from bot.simulator.market.streams import stream

BTC = COINS[0]
EXPIRY_MS = 1_774_598_400_000
START = (EXPIRY_MS - 30 * 86_400_000) // STEP_MS
CALLS = tuple(
    option(BTC, expiry_ms=EXPIRY_MS, strike=Decimal(strike), option_type=OptionType.CALL)
    for strike in (60_000, 66_000, 90_000)  # rates 3, 1 and 0.2 an hour
)


def _shown() -> dict[InstrumentName, Shown]:
    return {
        call.name: show_option(
            call,
            posted=Posted(START, 60_000.0, 0.45),
            seed=1,
            regime=NORMAL,
            size_factor=1.0,
            underlying_index="SYN.BTC-27MAR26",
        )
        for call in CALLS
    }


def _trades(strangers: Strangers, steps: int) -> Counter[str]:
    shown, found = _shown(), Counter[str]()
    for step in range(START, START + steps):
        trade = strangers.option(
            CALLS,
            shown=shown,
            at_ms=step * STEP_MS,
            size_factor=1.0,
            draws=stream(1, name=f"test/{step}"),
        )
        if trade is not None:
            found[trade.instrument] += 1
    return found


def test_books_trade_by_their_rates_and_a_little_more_by_excitement() -> None:
    hours = 10
    found = _trades(Strangers({}), hours * 36_000)
    # Each trade brings 0.5 · 3/h · 43 s on average: 1.8 % more; four standard errors are wide here.
    money = found["BTC-27MAR26-60000-C"]
    assert abs(money - 3 * hours) < 4 * (3 * hours) ** 0.5
    assert found["BTC-27MAR26-60000-C"] > found["BTC-27MAR26-66000-C"] > 0


def test_excitement_makes_trades_more_likely() -> None:
    name, at_ms = "BTC-27MAR26-66000-C", START * STEP_MS
    excited = {name: (10_000.0, at_ms)}  # as after twenty thousand trades
    assert (
        _trades(Strangers(excited), 300)[name] > 30
    )  # 10001 an hour is 0.24 a step, halving in 30 s
    assert _trades(Strangers({}), 300)[name] < 3


def test_excitement_is_forgotten_with_time_and_with_the_book() -> None:
    gone = Strangers({"BTC-27MAR26-66000-C": (0.02, 0), "BTC-1JAN26-1-C": (5.0, START * STEP_MS)})
    _trades(gone, 1)
    assert gone.excited == {}


def test_excitement_is_kept_for_a_restart() -> None:
    excited = {"BTC-27MAR26-66000-C": (0.75, START * STEP_MS)}
    assert Strangers(excited).excited == excited
