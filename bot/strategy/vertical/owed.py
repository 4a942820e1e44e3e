"""What a put spread owes in coin, which is worst where the coin is cheapest (DOMAIN §9.3)."""

from decimal import Decimal
from typing import Final

from bot.domain.money import EXACT, Amount, Price
from bot.strategy.vertical.params import VerticalParams

__all__ = ["owed", "size_of"]

# Owed coin grows without end as the index falls, so a spread is sized where the index has halved.
_LOW: Final = Decimal("0.5")


def owed(*, short: Decimal, long: Decimal, settled: Decimal) -> Decimal:
    """Return the coin owed by one coin of the spread that settles at this index.

    Strikes and index in USD.
    """
    usd = max(short - settled, Decimal(0)) - max(long - settled, Decimal(0))
    return EXACT.divide(usd, settled)


def size_of(params: VerticalParams, *, short: Decimal, long: Decimal, index: Price) -> Amount:
    """Return the raw size, in coin, that owes no more than wanted when the index has halved.

    The credit is not set against it: it pays for fees and for a bad exit.
    """
    worst = owed(short=short, long=long, settled=EXACT.multiply(index, _LOW))
    if worst <= 0:
        return Amount(params.size_max)
    return Amount(min(params.size_max, params.loss_coin_max / worst))
