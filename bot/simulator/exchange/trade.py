"""Trades: what everybody sees of one, and what its owner sees."""

from decimal import Decimal

import msgspec

from bot.domain.ids import AccountId, Currency, InstrumentName, OrderId, TradeId
from bot.domain.order import Liquidity, OrderState
from bot.domain.side import Side
from bot.simulator.exchange.order import OrderKind

__all__ = ["PublicTrade", "UserTrade"]


class PublicTrade(msgspec.Struct, frozen=True, kw_only=True):
    """One trade in the public stream; `seq` is contiguous per instrument, `side` the taker's."""

    id: TradeId
    seq: int
    instrument: InstrumentName
    at_ms: int
    side: Side
    price: Decimal
    amount: Decimal
    mark: Decimal
    index: Decimal
    tick_direction: int  # 0..3: plus, zero-plus, minus, zero-minus
    iv: float | None = None  # percent; options


class UserTrade(msgspec.Struct, frozen=True, kw_only=True):
    """One account's side of a trade; `fee` positive = paid, in `fee_currency`."""

    public: PublicTrade
    account: AccountId
    order_id: OrderId
    order_kind: OrderKind
    label: str
    side: Side
    fee: Decimal
    fee_currency: Currency
    liquidity: Liquidity
    state: OrderState
    profit_loss: Decimal
    post_only: bool
    reduce_only: bool
    self_trade: bool = False
    is_liquidation: bool = False

    @property
    def id(self) -> TradeId:
        """The venue's id, the same on both sides."""
        return self.public.id
