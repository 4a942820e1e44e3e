"""What must hold before the first connection, and the recovered state it leads to [C-005]."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.control.errors import Exit, UserError
from bot.core.record import RunStarted
from bot.core.state import Settings, State
from bot.domain.ids import LedgerId, RunId
from bot.domain.mode import Environment
from bot.engine.build import build_id
from bot.engine.config import Config, config_hash, params_of, read_config, read_policy, strategy_of
from bot.engine.home import Home
from bot.engine.options import RunOptions
from bot.engine.seams import Seams
from bot.policy import policy_hash
from ledger.entry import Entry
from ledger.errors import (
    LedgerCorrupt,
    LedgerError,
    LedgerHeld,
    LedgerNewer,
    LedgerOlder,
    WrongLedger,
)
from ledger.ledger import Ledger
from ledger.open import open_ledger

__all__ = ["Ready", "begin", "fresh_run_id", "open_for_run", "settle"]


_WATCHED: Final = (Environment.PAPER, Environment.LIVE)


@dataclass(frozen=True, slots=True)
class Ready:
    """Configuration and identity of a run, before the ledger says what happened before it."""

    config: Config
    settings: Settings


def settle(options: RunOptions, home: Home, *, token: Callable[[int], str]) -> Ready:
    """Read configuration and policy, and name the run. Raises UserError CONFIG."""
    if options.environment is not Environment.DEV:
        raise UserError(
            "NO_VENUE",
            exit=Exit.UNSAFE_START,
            what=f"Cannot start: this build has no venue for {options.environment.value}.",
            why="It trades on its embedded exchange, which is DEV. Nothing was sent.",
            next="bot run --env dev",
        )
    config = read_config(home.path, options.environment)
    policy = read_policy(home.path, options.environment)
    strategy = strategy_of(config, options.strategy)
    params = params_of(config, strategy)
    settings = Settings(
        environment=options.environment,
        run_id=fresh_run_id(token),
        build_id=build_id(),
        config_hash=config_hash(config, strategy, params),
        policy=policy,
        policy_hash=policy_hash(policy),
        strategy=strategy,
        params=params,
        currency=config.currency,
        hedge=config.hedge,
        live_confirmed=options.live_confirmed,
        is_watchdog_expected=config.watchdog or options.environment in _WATCHED,
    )
    return Ready(config=config, settings=settings)


def fresh_run_id(token: Callable[[int], str]) -> RunId:
    """Draw the name of a run; `token` gives the hex digits of so many random bytes."""
    return RunId(f"r-{token(4)}")


def open_for_run(ready: Ready, home: Path, *, seams: Seams) -> Ledger:
    """Open the ledger, which takes its lock. Raises UserError LEDGER or UNSAFE_START."""
    settings = ready.settings
    try:
        return open_ledger(
            home,
            environment=settings.environment,
            account=ready.config.account,
            run_id=settings.run_id,
            now_ms=seams.clock.now_ms(),
            create=True,
            ledger_id=LedgerId(seams.token(16)),
            vfs=seams.vfs,
            files=seams.files,
            mono_s=lambda: seams.clock.mono_ms() / 1_000,
        )
    except LedgerError as error:
        raise _told(error) from None


def begin(ledger: Ledger, settings: Settings, *, seams: Seams) -> State:
    """Record the run's start and return the state it begins with.

    Whatever was in flight before is UNKNOWN from here on [C-205]. Raises LedgerError.
    """
    now_ms, mono_ms = seams.clock.now_ms(), seams.clock.mono_ms()
    started = RunStarted(
        run_id=settings.run_id,
        build_id=settings.build_id,
        config_hash=settings.config_hash,
        policy_hash=settings.policy_hash,
        started_ms=now_ms,
        pid=seams.pid(),
    )
    entry = Entry(
        record=started,
        run_id=settings.run_id,
        at_venue_ms=now_ms,
        at_mono_ns=mono_ms * 1_000_000,
    )
    committed = ledger.commit([entry])
    return State(
        settings=settings,
        durable=ledger.state,
        seq=committed.head.seq,
        now_ms=now_ms,
        mono_ms=mono_ms,
        started_mono_ms=mono_ms,
    )


def _told(error: LedgerError) -> UserError:
    match error:
        case LedgerHeld():
            return UserError(
                "LEDGER_HELD",
                exit=Exit.LEDGER,
                what=f"Cannot start: {error}. Nothing was sent.",
                why="Two engines on one account could send the same order twice.",
                next="Stop it: bot down        Look first: bot status",
            )
        case WrongLedger():
            return UserError(
                "WRONG_LEDGER",
                exit=Exit.UNSAFE_START,
                what=f"Cannot start: {error}. Nothing was sent.",
                why="Orders of one environment must never be mixed with another's.",
                next="Choose the home that belongs to it: bot --home DIR run",
            )
        case LedgerCorrupt():
            return UserError(
                "LEDGER_CORRUPT",
                exit=Exit.LEDGER,
                what=f"Cannot start: the ledger is damaged: {error}. Nothing was sent.",
                why="Trading on a wrong memory could double an order.",
                next="Keep the home as it is, and put back a copy of ledger.db from before",
            )
        case LedgerOlder():
            return UserError(
                "LEDGER_OLDER",
                exit=Exit.LEDGER,
                what=f"Cannot start: {error}. Nothing was sent.",
                why="An older version wrote it; its tables must be brought up first.",
                next="bot ledger migrate        Look first: bot ledger migrate --dry-run",
            )
        case LedgerNewer():
            return UserError(
                "LEDGER_NEWER",
                exit=Exit.LEDGER,
                what=f"Cannot start: {error}. Nothing was sent.",
                why="A newer version wrote it; this one would misread it.",
                next="Start the version that wrote it",
            )
        case _:
            return UserError(
                "LEDGER",
                exit=Exit.LEDGER,
                what=f"Cannot start: the ledger cannot be used: {error}. Nothing was sent.",
                why="Nothing is sent that is not written down first.",
                next="Check the disk and the rights of the home, then: bot run",
            )
