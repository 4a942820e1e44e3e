"""The numbers of the delta-hedged short strangle, with DOMAIN §9.1's defaults."""

from decimal import Decimal
from typing import Annotated, Final

import msgspec

from bot.strategy.chain import Near
from bot.strategy.interface import Params

__all__ = ["DEFAULTS", "StrangleParams", "read"]


class StrangleParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Units are in the names; `_points` are vol points, fractions have no unit."""

    size: Decimal = Decimal("0.3")  # coin, each leg
    days_min: int = 21
    days_max: int = 45
    days_target: int = 30
    delta_target: float = 0.15
    delta_min: float = 0.10
    delta_max: float = 0.20
    premium_min_points: float = 5.0  # implied over realised
    move_day_max: float = 0.04
    funding_8h_max: float = 0.001
    history_required: bool = True  # without a day of closes the two rules above cannot be judged
    steps: Annotated[int, msgspec.Meta(ge=1)] = 3  # from mid to touch
    step_s: int = 20
    half_max_s: int = 300  # a leg without its twin is closed after this
    captured_exit: float = 0.5
    loss_exit: float = 2.0  # in premiums received
    leg_delta_exit: float = 0.35
    days_exit: int = 7
    iv_rise_exit_points: float = 15.0
    hedge_band: float = 0.03  # coin of delta per coin of short size
    hedge_pause_s: int = 60

    @property
    def days(self) -> Near:
        """Return the days to expiry that are looked for."""
        return Near(least=self.days_min, target=self.days_target, most=self.days_max)

    @property
    def delta(self) -> Near:
        """Return the |delta| that is looked for in each leg."""
        return Near(least=self.delta_min, target=self.delta_target, most=self.delta_max)


DEFAULTS: Final[Params] = msgspec.structs.asdict(StrangleParams())


def read(params: Params) -> StrangleParams:
    """Take the parameters from configuration. Raises msgspec.ValidationError naming the bad one."""
    return msgspec.convert(dict(params), StrangleParams, strict=False)
