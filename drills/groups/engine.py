"""The engine that groups are worked by: the shipped policy, and a strategy that says as told.

For whoever drives the real `step` with a shell of a few lines; nothing here decides anything.
"""

from collections.abc import Callable
from decimal import Decimal
from importlib.resources import files
from typing import Final

import msgspec

from bot.core.durable import Durable
from bot.core.state import Settings, State
from bot.domain.ids import AccountId, LedgerId, RunId
from bot.domain.mode import Environment
from bot.domain.money import Amount, Price
from bot.intent.intent import Owner
from bot.monitors.observed import KernelClock, Line, Machine, Observation
from bot.policy.load import load
from bot.policy.policy import Policy
from bot.strategy.interface import LegWish, Params, PlaceGroup, Proposal, Strategy, View
from drills.groups.judge import SIDES
from drills.groups.market import BTC, INSTRUMENTS, OPTIONS, PERPETUAL

__all__ = ["OWNER", "SIZE", "WELL", "fresh", "wish"]

SIZE: Final = Amount(Decimal("0.3"))  # of each leg, in coin
OWNER: Final = Owner(
    environment=Environment.DEV, account=AccountId("drill"), ledger=LedgerId("d" * 32)
)
WELL: Final = Observation(
    line=Line(
        silence_ms=0,
        trips_ms=(10,) * 60,
        limited_ms=(),
        refusals=0,
        refusal="",
        is_in_maintenance=False,
    ),
    machine=Machine(
        age_ms=0,
        bytes_free=10**11,
        entries_free=10**6,
        reserve_fault=None,
        kernel_clock=KernelClock(is_synced=True, error_ms=1),
        policy_hash="p" * 64,
    ),
    queues=(),
)


def fresh(
    durable: Durable, *, decide: Callable[[View, Params], tuple[Proposal, ...]], seq: int = 0
) -> State:
    """Return the state of a run that has just begun over these records."""
    names = frozenset(of.name for of in INSTRUMENTS)
    strategy = Strategy(
        name="strangle",
        version="1",
        defaults={},
        check=dict,
        universe=lambda _all, _now, _params: names,
        decide=decide,
    )
    settings = Settings(
        environment=Environment.DEV,
        run_id=RunId("drill"),
        build_id="drill",
        config_hash="c" * 64,
        policy=_POLICY,
        policy_hash="p" * 64,
        strategy=strategy,
        params={},
        currency=BTC,
        hedge=PERPETUAL.name,
        live_confirmed=False,
        is_watchdog_expected=False,
    )
    return State(settings=settings, durable=durable, seq=seq)


# The touch that each leg takes, and how far a rescue may give way.
_TOUCH: Final = ("0.0120", "0.0110", "0.0055", "0.0060")
_GIVEN: Final = Decimal("0.0010")


def wish(legs: int) -> PlaceGroup:
    """Return the proposal of a group of so many legs."""
    wishes = tuple(
        LegWish(
            instrument=of.name,
            side=side,
            ratio=Decimal(1),
            price=Price(Decimal(touch)),
            limit=Price(Decimal(touch) + side.sign * _GIVEN),
        )
        for of, side, touch in zip(OPTIONS, SIDES[legs], _TOUCH, strict=False)
    )
    return PlaceGroup(legs=wishes, size=SIZE, rest_ms=0, attempt=0, why="drill")


def _policy() -> Policy:
    text = (files("config") / "trading_policy.yaml").read_text(encoding="utf-8")
    policy = load(text, source="trading_policy.yaml")
    # Nothing but the group decides here: the brakes count orders of many cases a minute.
    rates = msgspec.structs.replace(
        policy.rates, executions_per_minute_max=1_000, replacements_per_minute_max=1_000
    )
    return msgspec.structs.replace(policy, rates=rates)


_POLICY: Final = _policy()
