"""A home whose engine trades all the time: the shipped policy and strategy with other numbers.

A drill needs many orders in little time. Nothing but numbers differs from what ships: the limits
are as wide as the policy's own reader lets them be, and the strangle enters and leaves at once.
"""

from collections.abc import Mapping
from importlib.resources import files
from io import StringIO
from pathlib import Path
from random import Random
from typing import Final

from ruamel.yaml import YAML

__all__ = ["CHURN", "PATIENT", "make_lively", "somewhere"]

# block → field → value. What is not named keeps the shipped one.
_WIDE: Final[Mapping[str, Mapping[str, str | int]]] = {
    "per_order": {"mark_distance_ticks_max": 1_000, "mark_distance_ratio_max": 1},
    "portfolio": {"initial_margin_use_max": 1, "maintenance_margin_use_max": 1},
    "per_day": {"loss_max": 1, "drawdown_max": 1, "fees_max": 1, "opens_max": 1_000_000},
    "rates": {
        "orders_per_second_max": 1_000,
        "orders_per_minute_max": 60_000,
        "orders_per_day_max": 1_000_000,
        "replacements_per_minute_max": 60_000,
        "executions_per_minute_max": 60_000,
        "requests_per_fill_max": 1_000_000,
    },
    # Some lives are all faults, and some markets all shocks.
    "guard": {"latch_losses_max": 12, "vol_shock_ratio_max": 1, "hedge_basis_ratio_max": 1},
    # The machine is shared: what is late here says nothing about the order of things.
    "execution": {
        "book_option_ms_max": 30_000,
        "book_perpetual_ms_max": 30_000,
        "mark_ms_max": 30_000,
        "index_ms_max": 30_000,
        "silence_ms_max": 15_000,
        "round_trip_median_ms_max": 10_000,
        "round_trip_p95_ms_max": 10_000,
        "account_ms_max": 30_000,
        "valid_until_ms_max": 1_000,  # an order in doubt is proven absent only after this
        "spread_option_ratio_max": 1,
        "spread_option_vol_points_max": 100,
    },
}
_CAPS: Final[Mapping[str, str | int]] = {
    "initial_margin_use_max": 1,
    "maintenance_margin_use_max": 1,
    "day_loss_max": 1,
    "drawdown_max": 1,
    "opens_per_day_max": 1_000_000,
}

# Enters at the middle, then at the touch, and leaves as soon as something is held: opens, closes,
# hedges and cancels within two seconds.
CHURN: Final[Mapping[str, str]] = {
    "steps": "1",
    "step_s": "0",
    "captured_exit": "-1000.0",
    "hedge_band": "0.0",
    "hedge_pause_s": "0",
    "days_min": "3",
    "days_max": "100",
    "delta_min": "0.05",
    "delta_max": "0.5",
}
# Asks for the middle again and again and hardly ever gets it: orders that rest, and cancels. The
# first leg of a group has to rest for that: with no time at all it takes the touch.
PATIENT: Final[Mapping[str, str]] = {**CHURN, "steps": "1000", "step_s": "1"}


def somewhere(strategy: Mapping[str, str], *, draw: Random) -> dict[str, str]:
    """Return the strategy with other legs, so that not all of it happens to one instrument."""
    delta, days = draw.uniform(0.10, 0.45), draw.randint(4, 60)
    return {**strategy, "delta_target": f"{delta:.2f}", "days_target": str(days)}


def make_lively(home: Path, *, strategy: Mapping[str, str]) -> None:
    """Write policy and configuration into `home/config`; `strategy` is the strangle's numbers."""
    folder = home / "config"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "trading_policy.yaml").write_text(_policy(), encoding="utf-8")
    (folder / "dev.toml").write_text(_config(strategy), encoding="utf-8")


def _policy() -> str:
    yaml = YAML()
    policy = yaml.load(_shipped("trading_policy.yaml"))
    for block, values in _WIDE.items():
        policy[block].update(values)
    policy["stages"]["paper"].update(_CAPS)
    written = StringIO()
    yaml.dump(policy, written)
    return written.getvalue()


def _config(strategy: Mapping[str, str]) -> str:
    named = {"size": '"0.3"', "days_min": "10", "history_required": "false", **strategy}
    return "\n".join(
        [
            'environment = "DEV"',
            'account = "main"',
            'currency = "BTC"',
            'hedge = "BTC-PERPETUAL"',
            'strategy = "strangle"',
            "http_port = 0",
            "[strategies.strangle]",
            *(f"{name} = {value}" for name, value in named.items()),
            "[strategies.heartbeat]",
            "",
        ]
    )


def _shipped(name: str) -> str:
    return files("config").joinpath(name).read_text(encoding="utf-8")
