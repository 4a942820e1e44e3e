"""Which monitors there are: the latch's proofs by name, and what forces a mode."""

from collections.abc import Callable
from typing import Final

from bot.monitors import (
    clock,
    closing,
    foreign,
    ledger,
    link,
    loss,
    margin,
    operator,
    platform,
    prices,
    protection,
    reconciled,
    settlement,
    trades,
    unknown,
    watchdog,
)
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["FORCING", "PROOFS", "Monitor"]

Monitor = Callable[[Sight, Policy], Cause | None]

# The latch is open when every one of these holds [C-303]. The name is what the owner reads.
PROOFS: Final[tuple[tuple[str, Monitor], ...]] = (
    ("connected", link.check),
    ("protected", protection.check),
    ("clock", clock.check),
    ("reconciled", reconciled.check),
    ("trades complete", trades.check),
    ("no unknown", unknown.check),
    ("no stranger", foreign.check),
    ("prices", prices.check),
    ("venue open", platform.check),
    ("not settling", settlement.check),
    ("nothing closing", closing.check),
    ("ledger sound", ledger.check),
    ("watched", watchdog.check),
    ("operator", operator.check),
)

# Each of these forces a mode that only an operator loosens [C-302].
FORCING: Final[tuple[Monitor, ...]] = (
    ledger.check,
    loss.day_loss,
    loss.drawdown,
    margin.critical,
    margin.use,
)
