"""Deliveries: what an index was settled at, and which positions ended so (PROTOCOL §13, §18)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import msgspec

from bot.domain.ids import InstrumentName
from bot.domain.money import Price, exact
from bot.venue.undecodable import reading

__all__ = ["decode_deliveries", "decode_delivery_prices"]


class _WireDay(msgspec.Struct, frozen=True, kw_only=True):
    date: str
    delivery_price: Decimal


class _WirePage(msgspec.Struct, frozen=True, kw_only=True):
    data: tuple[_WireDay, ...]


class _WireRow(msgspec.Struct, frozen=True, kw_only=True):
    type: str
    instrument_name: str
    position: Decimal


class _WireHistory(msgspec.Struct, frozen=True, kw_only=True):
    settlements: tuple[_WireRow, ...]


_PAGE: Final = msgspec.json.Decoder(_WirePage)
_HISTORY: Final = msgspec.json.Decoder(_WireHistory)


def decode_delivery_prices(raw: bytes | msgspec.Raw) -> Mapping[str, Price]:
    """Decode `public/get_delivery_prices`: day (`2026-01-02`, UTC) → price. All above 0.

    Raises UndecodableError.
    """
    with reading("delivery prices"):
        prices = {row.date: Price(exact(row.delivery_price)) for row in _PAGE.decode(raw).data}
        if any(price <= 0 for price in prices.values()):
            raise ValueError("a delivery price is not above 0")
        return prices


def decode_deliveries(raw: bytes | msgspec.Raw) -> Mapping[InstrumentName, Decimal]:
    """Decode a settlement history: instrument → the signed position that was delivered.

    Rows of other types are left out. Raises UndecodableError.
    """
    with reading("settlement history"):
        return {
            InstrumentName(row.instrument_name): exact(row.position)
            for row in _HISTORY.decode(raw).settlements
            if row.type == "delivery"
        }
