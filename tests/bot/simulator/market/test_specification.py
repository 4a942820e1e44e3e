"""The definitions of the instruments."""

from decimal import Decimal

import pytest

from bot.domain.instrument import Instrument, OptionType
from bot.simulator.market.specification import (
    COINS,
    future,
    inverse_perpetual,
    linear_perpetual,
    option,
)

BTC, ETH = COINS
EXPIRY_MS = 1_774_598_400_000
D = Decimal


def _option(strike: int, *, is_btc: bool = True) -> Instrument:
    coin = BTC if is_btc else ETH
    return option(coin, expiry_ms=EXPIRY_MS, strike=D(strike), option_type=OptionType.PUT)


@pytest.mark.parametrize(
    ("instrument", "name", "step", "tick", "maker", "taker"),
    [
        (_option(60000), "BTC-27MAR26-60000-P", "0.1", "0.0001", "0.0003", "0.0003"),
        (_option(3000, is_btc=False), "ETH-27MAR26-3000-P", "1", "0.0001", "0.0003", "0.0003"),
        (inverse_perpetual(BTC), "BTC-PERPETUAL", "10", "0.5", "0", "0.0005"),
        (future(BTC, expiry_ms=EXPIRY_MS), "BTC-27MAR26", "10", "2.5", "0", "0.0005"),
        (inverse_perpetual(ETH), "ETH-PERPETUAL", "1", "0.05", "0", "0.0005"),
        (linear_perpetual(BTC), "BTC_USDC-PERPETUAL", "0.001", "0.5", "0", "0.0005"),
    ],
)
def test_each_row_is_the_specification_s(
    instrument: Instrument, name: str, step: str, tick: str, maker: str, taker: str
) -> None:
    assert instrument.name == name
    assert instrument.amount_min == instrument.amount_step == D(step)
    assert instrument.ticks.tick == D(tick)
    assert (instrument.maker_rate, instrument.taker_rate) == (D(maker), D(taker))


def test_option_ticks_grow_above_half_a_hundredth() -> None:
    ticks = _option(60000).ticks
    assert ticks.at(D("0.005")) == D("0.0001")
    assert ticks.at(D("0.0051")) == D("0.0005")


def test_linear_perpetuals_settle_in_usdc_and_inverse_ones_in_coin() -> None:
    linear, inverse = linear_perpetual(ETH), inverse_perpetual(ETH)
    assert (linear.currency, linear.index, linear.is_inverse) == ("USDC", "eth_usdc", False)
    assert (inverse.currency, inverse.index, inverse.is_inverse) == ("ETH", "eth_usd", True)
