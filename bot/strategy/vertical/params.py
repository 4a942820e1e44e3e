"""The numbers of the credit put spread, with DOMAIN §9.3's defaults."""

from decimal import Decimal
from typing import Annotated, Final

import msgspec

from bot.strategy.chain import Near
from bot.strategy.interface import Params

__all__ = ["DEFAULTS", "VerticalParams", "read"]


class VerticalParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Units are in the names; fractions have no unit."""

    size_max: Decimal = Decimal("0.3")  # coin, each leg
    loss_coin_max: Decimal = Decimal("0.04")  # owed by the whole spread if the index halves
    days_min: int = 14
    days_max: int = 35
    days_target: int = 25
    short_delta_target: float = 0.20
    short_delta_min: float = 0.15
    short_delta_max: float = 0.25
    long_delta_target: float = 0.10
    long_delta_min: float = 0.05
    long_delta_max: float = 0.15
    credit_min: Decimal = Decimal("0.25")  # of the width, in USD at the forward
    steps: Annotated[int, msgspec.Meta(ge=1)] = 3  # from mid to touch
    step_s: int = 20
    captured_exit: float = 0.6
    short_delta_exit: float = 0.40
    days_exit: int = 3

    @property
    def days(self) -> Near:
        """Return the days to expiry that are looked for."""
        return Near(least=self.days_min, target=self.days_target, most=self.days_max)

    @property
    def short_delta(self) -> Near:
        """Return the |delta| that is looked for in the put that is sold."""
        return Near(
            least=self.short_delta_min, target=self.short_delta_target, most=self.short_delta_max
        )

    @property
    def long_delta(self) -> Near:
        """Return the |delta| that is looked for in the put that protects."""
        return Near(
            least=self.long_delta_min, target=self.long_delta_target, most=self.long_delta_max
        )


DEFAULTS: Final[Params] = msgspec.structs.asdict(VerticalParams())


def read(params: Params) -> VerticalParams:
    """Take the parameters from configuration. Raises msgspec.ValidationError naming the bad one."""
    return msgspec.convert(dict(params), VerticalParams, strict=False)
