"""Account summaries and positions (PROTOCOL §12, §13)."""

from decimal import Decimal
from typing import Final, Literal

import msgspec

from bot.domain.ids import Currency, InstrumentName
from bot.domain.money import Amount, Coin, Price, exact
from bot.domain.report import Account, PositionReport
from bot.venue.undecodable import reading
from bot.venue.wire.number import quoted, real

__all__ = [
    "WirePosition",
    "decode_account",
    "decode_accounts",
    "decode_position",
    "decode_positions",
    "position_of",
]


class _WireAccount(msgspec.Struct, frozen=True, kw_only=True):
    currency: str
    equity: Decimal
    balance: Decimal
    margin_balance: Decimal
    available_funds: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    delta_total: Decimal
    session_upl: Decimal
    session_rpl: Decimal
    portfolio_margining_enabled: bool | None = None


class _WireAccounts(msgspec.Struct, frozen=True, kw_only=True):
    summaries: tuple[_WireAccount, ...]


class WirePosition(msgspec.Struct, frozen=True, kw_only=True):
    """A position as every path sends it."""

    instrument_name: str
    direction: Literal["buy", "sell", "zero"]
    size: Decimal
    mark_price: Decimal
    delta: Decimal
    average_price: Decimal | None = None


_ACCOUNT: Final = msgspec.json.Decoder(_WireAccount)
_ACCOUNTS: Final = msgspec.json.Decoder(_WireAccounts)
_POSITION: Final = msgspec.json.Decoder(WirePosition)
_POSITIONS: Final = msgspec.json.Decoder(tuple[WirePosition, ...])


def decode_account(raw: bytes | msgspec.Raw) -> Account:
    """Decode one currency's summary: the call, and `user.portfolio.*`. Raises UndecodableError."""
    with reading("account summary"):
        return _account(_ACCOUNT.decode(raw))


def decode_accounts(raw: bytes | msgspec.Raw) -> tuple[Account, ...]:
    """Decode `private/get_account_summaries`.

    With cross margin each row describes the whole portfolio in its own currency: never add rows.
    """
    with reading("account summaries"):
        return tuple(_account(wire) for wire in _ACCOUNTS.decode(raw).summaries)


def decode_position(raw: bytes | msgspec.Raw) -> PositionReport:
    """Decode `private/get_position`. Raises UndecodableError."""
    with reading("position"):
        return position_of(_POSITION.decode(raw))


def decode_positions(raw: bytes | msgspec.Raw) -> tuple[PositionReport, ...]:
    """Decode `private/get_positions`; flat rows with order margin are among them."""
    with reading("positions"):
        return tuple(position_of(wire) for wire in _POSITIONS.decode(raw))


def position_of(wire: WirePosition) -> PositionReport:
    """Translate. Raises ValueError where direction and sign of the size contradict."""
    size = exact(wire.size)
    sign = (size > 0) - (size < 0)
    if sign != {"buy": 1, "zero": 0, "sell": -1}[wire.direction]:
        raise ValueError(f"{wire.instrument_name}: direction {wire.direction}, size {size}")
    return PositionReport(
        instrument=InstrumentName(wire.instrument_name),
        size=Amount(size),
        average=quoted(wire.average_price),
        mark=Price(exact(wire.mark_price)),
        delta=real(wire.delta),
    )


def _account(wire: _WireAccount) -> Account:
    return Account(
        currency=Currency(wire.currency),
        equity=Coin(exact(wire.equity)),
        balance=Coin(exact(wire.balance)),
        margin_balance=Coin(exact(wire.margin_balance)),
        available=Coin(exact(wire.available_funds)),
        initial_margin=Coin(exact(wire.initial_margin)),
        maintenance_margin=Coin(exact(wire.maintenance_margin)),
        delta_total=real(wire.delta_total),
        session_upl=Coin(exact(wire.session_upl)),
        session_rpl=Coin(exact(wire.session_rpl)),
        is_portfolio_margined=wire.portfolio_margining_enabled,
    )
