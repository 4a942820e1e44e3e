"""A stop order that a hand has placed: shown among the open orders, and never triggered.

The exchange keeps no trigger orders; this one lives here for as long as its fault stands. It is
told as the venue would tell of it (PROTOCOL §8), and a cancel finds it.
"""

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any, Final, final

from bot.domain.ids import AccountId, InstrumentName, OrderId
from bot.domain.order import OrderState
from bot.domain.side import Side
from bot.simulator.exchange.order import CANCEL_BY_USER, Lifetime, Order, OrderKind
from bot.simulator.exchange.venue import Venue
from bot.simulator.show.order import show_order

__all__ = ["Stop", "draw_stop"]

_FAR: Final = {Side.BUY: Decimal("1.2"), Side.SELL: Decimal("0.8")}  # of the mark


@final
@dataclass(frozen=True, slots=True)
class Stop:
    """One stop order; `order` is what it would become."""

    order: Order
    trigger: Decimal

    @property
    def account(self) -> AccountId:
        """Whose it is."""
        return self.order.account

    @property
    def instrument(self) -> InstrumentName:
        """What it is for."""
        return self.order.instrument

    def show(self, venue: Venue, *, is_cancelled: bool = False) -> dict[str, Any]:
        """Return the order object."""
        row = show_order(venue, self.order) | {
            "order_type": "stop_limit",
            "order_state": "untriggered",
            "trigger": "mark_price",
            "trigger_price": self.trigger,
            "triggered": False,
            "api": False,
            "web": True,
        }
        if is_cancelled:
            row |= {
                "order_state": OrderState.CANCELLED.value,
                "cancel_reason": CANCEL_BY_USER,
                "last_update_timestamp": venue.now_ms,
            }
        return row


def draw_stop(venue: Venue, account: AccountId, name: InstrumentName, draw: Random) -> Stop | None:
    """Make a stop far from the mark; None when no legal price is left there."""
    book = venue.books[name]
    instrument = book.instrument
    side = Side.BUY if draw.random() < 0.5 else Side.SELL
    price = instrument.ticks.down(book.mark * _FAR[side])
    if price <= 0:
        return None
    prefix = "SLIS-" if instrument.currency == "BTC" else f"{instrument.currency}-SLIS-"
    order = Order(
        id=OrderId(f"{prefix}{draw.randrange(1_000, 1_000_000)}"),
        account=account,
        instrument=name,
        side=side,
        kind=OrderKind.LIMIT,
        price=price,
        amount=instrument.amount_min,
        label="",
        lifetime=Lifetime.GTC,
        post_only=False,
        reject_post_only=False,
        reduce_only=False,
        created_ms=venue.now_ms,
        updated_ms=venue.now_ms,
        rank=0,
    )
    return Stop(order, price)
