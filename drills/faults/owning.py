"""What the owner does: tightens and loosens the mode, stops the engine, takes money out."""

from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

import msgspec

from bot.control.port import Down, Flatten, Rearm, SetMode
from bot.domain.ids import Currency
from bot.domain.mode import Mode
from bot.simulator.exchange.risk import standing
from drills.faults.drill import Act
from drills.faults.stage import Stage
from drills.world.exchange import ACCOUNT

__all__ = [
    "drain_account",
    "fund_account",
    "owner_downs",
    "owner_flattens",
    "owner_kills",
    "owner_rearms",
    "owner_reduces",
]

_BTC: Final = Currency("BTC")
_PAID_IN: Final = Decimal(10)


def owner_kills(at_ms: int) -> Act:
    """The owner asks for KILL."""
    return _mode(at_ms, "kill", "owner_kill", Mode.KILL)


def owner_reduces(at_ms: int) -> Act:
    """The owner asks for REDUCE_ONLY."""
    return _mode(at_ms, "reduce_only", "owner_reduces", Mode.REDUCE_ONLY)


def owner_downs(at_ms: int) -> Act:
    """The owner stops it in order; it is started again."""

    async def do(stage: Stage) -> None:
        stage.strike("owner_restarts")

        def act(request_id: str) -> Down:
            return Down(by="owner", reason="drill", cancel_opens=True, request_id=request_id)

        await stage.ask(act, "down")

    return Act(at_ms, "owner_restarts", do)


def owner_flattens(at_ms: int) -> Act:
    """The owner closes everything, on the plan as it is then."""

    async def do(stage: Stage) -> None:
        plan = stage.living().engine.port.flatten_plan()
        stage.strike("owner_flattens")

        def act(request_id: str) -> Flatten:
            return Flatten(plan=plan.hash, by="owner", reason="drill", request_id=request_id)

        await stage.ask(act, "flatten")

    return Act(at_ms, "owner_flattens", do)


def owner_rearms(at_ms: int) -> Act:
    """The owner rearms, on the status as it is then."""

    async def do(stage: Stage) -> None:
        world, process = stage.world, stage.world.living
        if process is None:
            return
        process.engine.port.refresh()
        expect = process.engine.port.view().status.rev
        world.truth.rearmed_ms = world.true.venue_ms()

        def act(request_id: str) -> Rearm:
            return Rearm(
                by="owner",
                reason="drill",
                request_id=request_id,
                expect=expect,
                looked_ms=process.engine.shell.state.now_ms,
            )

        await stage.ask(act, "rearm")

    return Act(at_ms, "rearm", do)


def drain_account(at_ms: int, *, use: str, of: Literal["initial", "maintenance"]) -> Act:
    """Take out money until this margin ties up such a part of what is left."""

    async def do(stage: Stage) -> None:
        venue = stage.world.exchange.venue
        account = venue.accounts[ACCOUNT]
        now = standing(venue, account, _BTC)
        margin = now.initial if of == "initial" else now.maintenance
        out = now.margin_balance - margin / Fraction(use)
        cash = account.cash[_BTC] - round(Decimal(out.numerator) / Decimal(out.denominator), 8)
        venue.accounts[ACCOUNT] = msgspec.structs.replace(
            account, cash={**account.cash, _BTC: cash}
        )
        stage.strike("drained", f"to {cash:f} BTC")

    return Act(at_ms, "drained", do)


def fund_account(at_ms: int) -> Act:
    """The owner pays in."""

    async def do(stage: Stage) -> None:
        venue = stage.world.exchange.venue
        account = venue.accounts[ACCOUNT]
        cash = {**account.cash, _BTC: account.cash[_BTC] + _PAID_IN}
        venue.accounts[ACCOUNT] = msgspec.structs.replace(account, cash=cash)

    return Act(at_ms, "fund", do)


def _mode(at_ms: int, name: str, fault: str, mode: Mode) -> Act:
    async def do(stage: Stage) -> None:
        stage.strike(fault)

        def act(request_id: str) -> SetMode:
            return SetMode(mode=mode, by="owner", reason="drill", request_id=request_id)

        await stage.ask(act, name)

    return Act(at_ms, fault, do)
