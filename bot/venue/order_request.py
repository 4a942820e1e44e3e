"""What may be asked for in an order: limit orders, with nothing left for the venue to choose."""

from typing import Final

import msgspec

from bot.domain.ids import InstrumentName, Label
from bot.domain.money import Amount, Price, exact, plain
from bot.domain.order import TimeInForce
from bot.domain.side import Side

__all__ = ["LABEL_CHARACTERS_MAX", "OrderRequest", "order_params"]

LABEL_CHARACTERS_MAX: Final = 64


class OrderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A limit order, plain and complete; for an edit, `amount` is the new total.

    Raises ValueError for what must never leave [C-107]. `valid_until_ms` is the fence, in the
    venue's time: the engine starts the request before it or not at all.
    """

    instrument: InstrumentName
    side: Side
    amount: Amount
    price: Price
    label: Label
    time_in_force: TimeInForce
    post_only: bool
    reduce_only: bool
    valid_until_ms: int

    def __post_init__(self) -> None:
        """Refuse the illegal before there is anything to send."""
        if exact(self.amount) <= 0:
            raise ValueError(f"amount is {self.amount}; it must be above 0")
        if exact(self.price) <= 0:
            raise ValueError(f"price is {self.price}; it must be above 0")
        if not 0 < len(self.label) <= LABEL_CHARACTERS_MAX:
            raise ValueError(f"label has {len(self.label)} characters, at most 64 pass")
        if not (self.label.isascii() and self.label.isprintable()):
            raise ValueError(f"label {self.label!r} is not printable ASCII")
        if self.post_only and self.time_in_force is not TimeInForce.GTC:
            raise ValueError("post-only rests or is refused: it needs good_til_cancelled")
        if self.valid_until_ms <= 0:
            raise ValueError(f"valid_until_ms is {self.valid_until_ms}")


def order_params(request: OrderRequest) -> dict[str, object]:
    """Write the parameters of buy and sell with every default spelt out (PROTOCOL §8).

    `reject_post_only` goes with `post_only`: without it the venue moves the price by itself.
    """
    return {
        "instrument_name": request.instrument,
        "amount": _number(request.amount),
        "type": "limit",
        "price": _number(request.price),
        "label": request.label,
        "time_in_force": request.time_in_force.value,
        "post_only": request.post_only,
        "reject_post_only": request.post_only,
        "reduce_only": request.reduce_only,
        "valid_until": request.valid_until_ms,
    }


def _number(value: Amount | Price) -> msgspec.Raw:
    # The canonical digits, as a JSON number: `10`, never `1E+1`.
    return msgspec.Raw(plain(value))
