"""The grid of legal prices and sizes [C-105]."""

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal

import msgspec

from bot.domain.money import EXACT, Amount, Price
from bot.domain.side import Side

__all__ = ["TickSchedule", "TickStep", "floor_to_step"]


class TickStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A coarser tick that holds above a price."""

    above_price: Decimal
    tick: Decimal


class TickSchedule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The smallest price change, which grows in steps with the price (steps ascending).

    At exactly `above_price` the smaller tick still holds; both divide it. Source: DOMAIN §1.2.
    """

    tick: Decimal
    steps: tuple[TickStep, ...] = ()

    def at(self, price: Decimal) -> Decimal:
        """Return the tick that holds at this price."""
        tick = self.tick
        for step in self.steps:
            if price > step.above_price:
                tick = step.tick
        return tick

    def is_legal(self, price: Decimal) -> bool:
        """Say whether the price lies on the grid."""
        return price % self.at(price) == 0

    def down(self, price: Decimal) -> Price:
        """Return the highest legal price at or below this one."""
        return Price(_to_grid(price, self.at(price), ROUND_FLOOR))

    def up(self, price: Decimal) -> Price:
        """Return the lowest legal price at or above this one."""
        return Price(_to_grid(price, self.at(price), ROUND_CEILING))

    def toward_passive(self, price: Decimal, side: Side) -> Price:
        """Quantise so that the order asks for less: buys down, sells up."""
        return self.down(price) if side is Side.BUY else self.up(price)

    def toward_aggressive(self, price: Decimal, side: Side) -> Price:
        """Quantise so that an exit gives way: buys up, sells down."""
        return self.up(price) if side is Side.BUY else self.down(price)


def floor_to_step(amount: Decimal, step: Decimal) -> Amount:
    """Cut an amount to the step, toward zero, never up."""
    return Amount(_to_grid(amount, step, ROUND_DOWN))


def _to_grid(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    count = EXACT.divide(value, step).to_integral_value(rounding=rounding)
    return EXACT.multiply(count, step)
