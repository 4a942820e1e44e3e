"""The policy: every limit that the engine obeys, read once, never changed while running [C-003]."""

import msgspec

from bot.policy.allowed import Allowed
from bot.policy.execution import Execution
from bot.policy.limits import PerDay, PerOrder, Portfolio, Rates
from bot.policy.reaction import Guard, Hedge
from bot.policy.stage import Stages

__all__ = ["Policy"]


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of `trading_policy.yaml`, block by block. No field has a default: the file is complete.

    Ratios are fractions (0.03 is 3 %), durations whole numbers of the unit in the name.
    """

    allowed: Allowed
    per_order: PerOrder
    portfolio: Portfolio
    per_day: PerDay
    rates: Rates
    execution: Execution
    hedge: Hedge
    guard: Guard
    stages: Stages
