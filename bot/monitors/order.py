"""Which monitors there are: the latch's proofs by name, and what forces a mode."""

from collections.abc import Callable
from typing import Final

from bot.monitors import (
    books,
    clock,
    closing,
    disk,
    foreign,
    hedge,
    index_jump,
    jitter,
    kernel_clock,
    ledger,
    link,
    login,
    lookout,
    loss,
    margin,
    mark,
    operator,
    platform,
    policy_file,
    prices,
    protection,
    queues,
    rate_limit,
    reconciled,
    settlement,
    silence,
    trades,
    unknown,
    volatility,
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
    ("line heard", silence.check),
    ("figures fresh", lookout.check),
    ("clock", clock.check),
    ("kernel clock", kernel_clock.check),
    ("reconciled", reconciled.check),
    ("trades complete", trades.check),
    ("no unknown", unknown.check),
    ("no stranger", foreign.check),
    ("prices", prices.check),
    ("index steady", index_jump.check),
    ("mark moving", mark.check),
    ("books whole", books.check),
    ("hedge market", hedge.check),
    ("calm", volatility.check),
    ("venue open", platform.check),
    ("not settling", settlement.check),
    ("nothing closing", closing.check),
    ("not rate limited", rate_limit.check),
    ("line even", jitter.check),
    ("queues short", queues.check),
    ("disk room", disk.low),
    ("policy same", policy_file.check),
    ("ledger sound", ledger.check),
    ("watched", watchdog.check),
    ("operator", operator.check),
)

# Each of these forces a mode that only an operator loosens [C-302].
FORCING: Final[tuple[Monitor, ...]] = (
    ledger.check,
    login.check,
    disk.full,
    loss.day_loss,
    loss.drawdown,
    margin.critical,
    margin.use,
)
