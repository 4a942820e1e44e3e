"""What a decision expects of its order, for attribution."""

from bot.core.record import Expected
from bot.core.state import State
from bot.domain.instrument import Instrument
from bot.domain.money import Coin, Price
from bot.domain.order import Liquidity
from bot.intent.intent import OrderIntent
from bot.portfolio.fee import expected_fee

__all__ = ["expected_of"]


def expected_of(state: State, intent: OrderIntent, instrument: Instrument) -> Expected:
    """Draw it from the market of this moment; the fee is a taker's, in the settlement coin."""
    book = state.market.books.get(intent.instrument)
    ticker = state.market.tickers.get(intent.instrument)
    heard = state.market.indices.get(instrument.index)
    mid = None
    if book is not None and book.bid is not None and book.ask is not None:
        mid = Price((book.bid.price + book.ask.price) / 2)
    fee: Coin | None = None
    if instrument.is_inverse or heard is not None:
        fee = expected_fee(
            instrument,
            amount=intent.amount,
            price=intent.price,
            liquidity=Liquidity.TAKER,
            index=heard.price if heard else None,
        )
    return Expected(
        mid=mid,
        mark=ticker.mark if ticker else None,
        mark_iv=ticker.mark_iv if ticker else None,
        fee=fee,
    )
