"""An account: cash, positions and settings."""

from decimal import Decimal
from enum import Enum
from fractions import Fraction

import msgspec

from bot.domain.ids import AccountId, Currency, InstrumentName
from bot.simulator.exchange.position import Position

__all__ = ["Account", "SelfTrading", "paid", "with_position"]


class SelfTrading(Enum):
    """What happens when an order would meet one of the same account (PROTOCOL §8)."""

    REJECT_TAKER = "reject_taker"
    CANCEL_MAKER = "cancel_maker"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One account. Cash per settlement currency, exact; a change makes a new value."""

    id: AccountId
    number: int
    created_ms: int
    cash: dict[Currency, Decimal]
    positions: dict[InstrumentName, Position] = {}
    fees_paid: dict[Currency, Decimal] = {}
    self_trading: SelfTrading = SelfTrading.REJECT_TAKER
    is_self_trading_extended: bool = False
    is_cod_default: bool = False  # cancel on disconnect of account scope: for new connections

    def position(self, instrument: InstrumentName) -> Position:
        """Return the position, a flat one when there is none."""
        return self.positions.get(instrument) or Position(instrument=instrument)


def paid(
    account: Account, *, currency: Currency, cash: Decimal, fee: Decimal = Decimal(0)
) -> Account:
    """Add received cash (negative: paid) and take off a fee."""
    before = account.cash.get(currency, Decimal(0))
    fees = account.fees_paid.get(currency, Decimal(0)) + fee
    return msgspec.structs.replace(
        account,
        cash={**account.cash, currency: before + cash - fee},
        fees_paid={**account.fees_paid, currency: fees},
    )


def with_position(account: Account, position: Position) -> Account:
    """Set one position; a flat row that owes nothing is dropped."""
    rows = dict(account.positions)
    is_blank = position.quantity == 0 and position.realised == position.funding == Fraction(0)
    if is_blank:
        rows.pop(position.instrument, None)
    else:
        rows[position.instrument] = position
    return msgspec.structs.replace(account, positions=rows)
