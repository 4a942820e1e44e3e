"""The engine's own configuration: one TOML file an environment, strict [C-001].

A file in the home wins over the shipped one, whole. What runs is named by a hash over both the
configuration and the parameters in force.
"""

import hashlib
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Final

import msgspec

from bot.control.errors import Exit, UserError
from bot.domain.ids import AccountId, Currency, InstrumentName
from bot.domain.mode import Environment
from bot.policy import HedgeBasis, Policy, PolicyInvalid, Stage, load
from bot.strategy.interface import Params, Strategy
from bot.strategy.shipped import SHIPPED

__all__ = ["Config", "config_hash", "params_of", "read_config", "read_policy", "strategy_of"]

_POLICY: Final = "trading_policy.yaml"
# How far a limit may be set; in LIVE a release begins at the narrowest.
_STAGE: Final = {
    Environment.DEV: Stage.PAPER,
    Environment.STAGING: Stage.PAPER,
    Environment.PAPER: Stage.PAPER,
    Environment.LIVE: Stage.MICRO_LIVE,
}


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`config/<environment>.toml`."""

    environment: Environment
    account: AccountId
    currency: Currency
    hedge: InstrumentName
    strategy: str
    http_port: int
    watchdog: bool = False  # expected here too; in PAPER and LIVE it always is [C-505]
    strategies: dict[str, dict[str, str | int | float | bool]]


def read_config(home: Path, environment: Environment) -> Config:
    """Read the environment's file. Raises UserError CONFIG, naming file and fault."""
    name = f"{environment.value.lower()}.toml"
    text, source = _text(home, name)
    try:
        config = msgspec.convert(tomllib.loads(text), Config)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise _invalid(source, str(error)) from None
    if config.environment is not environment:
        raise _invalid(source, f"it says {config.environment.value}, not {environment.value}")
    strategy_of(config, None, source=source)
    return config


def read_policy(home: Path, environment: Environment) -> Policy:
    """Read the policy. Raises UserError CONFIG with every fault at once."""
    text, source = _text(home, _POLICY)
    try:
        policy = load(text, source=source, stage=_STAGE[environment])
    except PolicyInvalid as invalid:
        first, *rest = invalid.faults
        more = f" And {len(rest)} more." if rest else ""
        raise UserError(
            "POLICY",
            exit=Exit.CONFIG,
            what=f"Cannot start: {source} line {first.line}, {first.field} is {first.was}.",
            why=f"It must be {first.must}.{more} Nothing was sent.",
            next="Mend the file, then: bot run",
            details={"faults": [str(fault) for fault in invalid.faults]},
        ) from None
    if policy.hedge.basis is not HedgeBasis.COIN:
        raise UserError(
            "POLICY",
            exit=Exit.CONFIG,
            what=f"Cannot start: {source}: hedge.basis is {policy.hedge.basis.value}.",
            why="This build can only coin, and promises no more. Nothing was sent.",
            next="Set hedge.basis to coin, then: bot run",
        )
    return policy


def strategy_of(config: Config, wanted: str | None, *, source: str = "--strategy") -> Strategy:
    """Return the strategy that runs. Raises UserError CONFIG for a name that does not ship."""
    name = wanted or config.strategy
    strategy = SHIPPED.get(name)
    if strategy is None:
        raise _invalid(source, f"strategy {name!r} does not exist; there are {', '.join(SHIPPED)}")
    return strategy


def params_of(config: Config, strategy: Strategy) -> Params:
    """Return the parameters in force, checked. Raises UserError CONFIG."""
    given = config.strategies.get(strategy.name, {})
    unknown = sorted(set(given) - set(strategy.defaults))
    if unknown:
        raise _invalid(f"[strategies.{strategy.name}]", f"unknown parameter {unknown[0]!r}")
    params = {**strategy.defaults, **given}
    try:
        strategy.check(params)
    except msgspec.ValidationError as error:
        raise _invalid(f"[strategies.{strategy.name}]", str(error)) from None
    return params


def config_hash(config: Config, strategy: Strategy, params: Params) -> str:
    """Name what runs: configuration, strategy version and parameters, in canonical bytes."""
    content = msgspec.json.encode(
        {
            "config": msgspec.to_builtins(config),
            "strategy": strategy.name,
            "version": strategy.version,
            "params": {key: str(value) for key, value in params.items()},
        },
        order="deterministic",
    )
    return hashlib.sha256(content).hexdigest()


def _text(home: Path, name: str) -> tuple[str, str]:
    own = home / "config" / name
    try:
        if own.exists():
            return own.read_text(encoding="utf-8"), str(own)
        return files("config").joinpath(name).read_text(encoding="utf-8"), f"config/{name}"
    except FileNotFoundError:
        raise UserError(
            "CONFIG",
            exit=Exit.CONFIG,
            what=f"Cannot start: this build ships no config/{name}.",
            why="An environment runs on its own file, and none is guessed. Nothing was sent.",
            next=f"Write {own}, or trade made-up money: bot run --env dev",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise _invalid(str(own), f"it cannot be read ({error})") from None


def _invalid(source: str, why: str) -> UserError:
    return UserError(
        "CONFIG",
        exit=Exit.CONFIG,
        what=f"Cannot start: {source}: {why}.",
        why="The engine runs on what is written there, and guesses nothing. Nothing was sent.",
        next="Mend the file, or remove it to have the shipped one: bot run",
    )
