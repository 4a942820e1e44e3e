"""Trades of anybody and fills of ours (PROTOCOL §6.3, §11)."""

from decimal import Decimal
from typing import Final, Literal

import msgspec

from bot.domain.ids import Currency, InstrumentName, Label, OrderId, TradeId
from bot.domain.money import Amount, Coin, Price, exact
from bot.domain.order import Liquidity
from bot.domain.report import Fill, PublicTrade
from bot.domain.side import Side
from bot.venue.undecodable import reading
from bot.venue.wire.number import whole

__all__ = [
    "FillPage",
    "WireFill",
    "decode_fill_page",
    "decode_fills",
    "decode_public_trades",
    "decode_trade_page",
    "fills_of",
]


class _WirePublicTrade(msgspec.Struct, frozen=True, kw_only=True):
    trade_id: str
    trade_seq: Decimal
    instrument_name: str
    timestamp: Decimal
    direction: Literal["buy", "sell"]
    price: Decimal
    amount: Decimal


class WireFill(msgspec.Struct, frozen=True, kw_only=True):
    """One trade of ours as every path sends it."""

    trade_id: str
    instrument_name: str
    timestamp: Decimal
    order_id: str
    direction: Literal["buy", "sell"]
    price: Decimal
    amount: Decimal
    fee: Decimal
    fee_currency: str
    liquidity: Literal["M", "T"]
    mark_price: Decimal
    index_price: Decimal
    label: str | None = None
    liquidation: Literal["M", "T", "MT"] | None = None
    legs: tuple[msgspec.Raw, ...] | None = None


class _WireTradePage(msgspec.Struct, frozen=True, kw_only=True):
    trades: tuple[_WirePublicTrade, ...]
    has_more: bool


class _WireFillPage(msgspec.Struct, frozen=True, kw_only=True):
    trades: tuple[WireFill, ...]
    has_more: bool


class FillPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of our trades. `last` is the id to go on from, of a parent too."""

    fills: tuple[Fill, ...]
    has_more: bool
    last: TradeId | None


_PUBLIC: Final = msgspec.json.Decoder(tuple[_WirePublicTrade, ...])
_PUBLIC_PAGE: Final = msgspec.json.Decoder(_WireTradePage)
_FILLS: Final = msgspec.json.Decoder(tuple[WireFill, ...])
_FILL_PAGE: Final = msgspec.json.Decoder(_WireFillPage)


def decode_public_trades(raw: bytes | msgspec.Raw) -> tuple[PublicTrade, ...]:
    """Decode the channel `trades.*`: a list. Raises UndecodableError."""
    with reading("trades"):
        return tuple(_public(wire) for wire in _PUBLIC.decode(raw))


def decode_trade_page(raw: bytes | msgspec.Raw) -> tuple[PublicTrade, ...]:
    """Decode `public/get_last_trades_by_instrument`. Raises UndecodableError."""
    with reading("trade page"):
        return tuple(_public(wire) for wire in _PUBLIC_PAGE.decode(raw).trades)


def decode_fills(raw: bytes | msgspec.Raw) -> tuple[Fill, ...]:
    """Decode the channel `user.trades.*`: a list, at every interval. Raises UndecodableError."""
    with reading("user trades"):
        return fills_of(_FILLS.decode(raw))


def decode_fill_page(raw: bytes | msgspec.Raw) -> FillPage:
    """Decode `private/get_user_trades_by_*`. Raises UndecodableError."""
    with reading("user trade page"):
        page = _FILL_PAGE.decode(raw)
        last = TradeId(page.trades[-1].trade_id) if page.trades else None
        return FillPage(fills=fills_of(page.trades), has_more=page.has_more, last=last)


def fills_of(wires: tuple[WireFill, ...]) -> tuple[Fill, ...]:
    """Translate, leaving out combo parents: their legs come as trades of their own (§17)."""
    return tuple(_fill(wire) for wire in wires if not wire.legs)


def _public(wire: _WirePublicTrade) -> PublicTrade:
    return PublicTrade(
        instrument=InstrumentName(wire.instrument_name),
        trade_id=TradeId(wire.trade_id),
        seq=whole(wire.trade_seq),
        at_ms=whole(wire.timestamp),
        side=Side(wire.direction),
        price=Price(exact(wire.price)),
        amount=_positive(wire.amount),
    )


def _fill(wire: WireFill) -> Fill:
    return Fill(
        instrument=InstrumentName(wire.instrument_name),
        trade_id=TradeId(wire.trade_id),
        order_id=OrderId(wire.order_id),
        label=Label(wire.label) if wire.label else None,
        at_ms=whole(wire.timestamp),
        side=Side(wire.direction),
        price=Price(exact(wire.price)),
        amount=_positive(wire.amount),
        fee=Coin(exact(wire.fee)),
        fee_currency=Currency(wire.fee_currency),
        liquidity=Liquidity(wire.liquidity),
        mark=Price(exact(wire.mark_price)),
        index=Price(exact(wire.index_price)),
        # The word names the side that was liquidated; only when it is ours is the fill.
        is_liquidation=wire.liquidity in (wire.liquidation or ""),
    )


def _positive(amount: Decimal) -> Amount:
    if exact(amount) <= 0:
        raise ValueError(f"a trade of {amount}")
    return Amount(amount)
