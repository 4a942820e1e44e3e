"""All fault drills by name, in the order in which they are run."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from drills.faults.account import ACCOUNT
from drills.faults.disk import DISK
from drills.faults.drill import Drill
from drills.faults.expiry import EXPIRY
from drills.faults.groups import GROUPS
from drills.faults.line import LINE
from drills.faults.market import MARKET
from drills.faults.monitors import MONITORS
from drills.faults.operator import OPERATOR
from drills.faults.process import PROCESS

__all__ = ["DRILLS"]

DRILLS: Final[Mapping[str, Drill]] = MappingProxyType(
    {**LINE, **MARKET, **MONITORS, **ACCOUNT, **GROUPS, **EXPIRY, **PROCESS, **DISK, **OPERATOR}
)
