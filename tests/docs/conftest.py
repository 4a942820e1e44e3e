"""An instrument for the examples of the pages."""

from decimal import Decimal

import pytest

from bot.domain.ids import Currency, IndexName, InstrumentName
from bot.domain.instrument import BookState, Instrument, Kind
from bot.domain.money import Amount
from bot.domain.tick import TickSchedule


@pytest.fixture
def perpetual() -> Instrument:
    return Instrument(
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
