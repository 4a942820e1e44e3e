"""Schema, loader and identity of the trading policy [C-003, C-004]."""

from bot.policy.digest import policy_hash
from bot.policy.fault import Fault, PolicyInvalid
from bot.policy.load import load
from bot.policy.policy import Policy
from bot.policy.reaction import HedgeBasis, OnKill
from bot.policy.stage import Stage

__all__ = [
    "Fault",
    "HedgeBasis",
    "OnKill",
    "Policy",
    "PolicyInvalid",
    "Stage",
    "load",
    "policy_hash",
]
