"""What can be traded, as the venue defines it."""

from decimal import Decimal
from enum import Enum

import msgspec

from bot.domain.ids import Currency, IndexName, InstrumentName
from bot.domain.money import Amount
from bot.domain.tick import TickSchedule

__all__ = ["BookState", "Instrument", "Kind", "OptionType"]


class Kind(Enum):
    """What sort of instrument; a perpetual is a kind of its own here (the venue says `future`)."""

    OPTION = "option"
    FUTURE = "future"
    PERPETUAL = "perpetual"


class OptionType(Enum):
    """Call or put."""

    CALL = "call"
    PUT = "put"

    @property
    def sign(self) -> int:
        """+1 for a call, −1 for a put: the `w` of the pricing formulas."""
        return 1 if self is OptionType.CALL else -1


class BookState(Enum):
    """Life cycle of an instrument's book. Anything the venue says beyond these is UNKNOWN."""

    OPEN = "open"
    SETTLEMENT = "settlement"
    DELIVERED = "delivered"
    INACTIVE = "inactive"
    LOCKED = "locked"
    HALTED = "halted"
    ARCHIVED = "archivized"
    UNKNOWN = "unknown"


class Instrument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One instrument's definition.

    Units: an inverse option is quoted in coin per coin and sized in coin; an inverse future is
    quoted in USD per coin and sized in USD; linear instruments are quoted in USDC, sized in coin.
    `expiry_ms` is the venue's own timestamp and decides [C-510]; a perpetual has none.
    """

    name: InstrumentName
    kind: Kind
    is_inverse: bool
    base: Currency  # the underlying coin
    currency: Currency  # what it settles in
    index: IndexName
    contract_size: Decimal
    amount_min: Amount
    amount_step: Amount
    ticks: TickSchedule
    maker_rate: Decimal
    taker_rate: Decimal
    state: BookState
    expiry_ms: int | None = None
    strike: Decimal | None = None
    option_type: OptionType | None = None

    def __post_init__(self) -> None:
        """Refuse a definition whose parts contradict each other."""
        is_option = self.kind is Kind.OPTION
        if is_option != (self.strike is not None and self.option_type is not None):
            raise ValueError(
                f"{self.name}: strike and option type belong to options, and only to them"
            )
        if (self.kind is Kind.PERPETUAL) != (self.expiry_ms is None):
            raise ValueError(f"{self.name}: everything but a perpetual has an expiry")
        if min(self.contract_size, self.amount_min, self.amount_step, self.ticks.tick) <= 0:
            raise ValueError(f"{self.name}: sizes and ticks must be above 0")
