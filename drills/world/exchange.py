"""The simulated Deribit inside the world: its floor on the world's clocks, and its keys."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final, final

import trio

from bot.domain.ids import AccountId, Currency
from bot.simulator.auth import Gatekeeper, Key
from bot.simulator.exchange.account import Account
from bot.simulator.exchange.passing import list_instruments
from bot.simulator.exchange.venue import Venue
from bot.simulator.floor import Floor
from bot.simulator.trouble.plan import Plan
from bot.simulator.trouble.trouble import Trouble
from bot.venue.secret import Credentials, Secret
from drills.world.clock import TrueClock
from drills.world.market.market import WorldMarket
from drills.world.market.regimes import REGIMES
from drills.world.weather import Weather

__all__ = ["ACCOUNT", "KEY", "Exchange", "open_exchange"]

ACCOUNT: Final = AccountId("main")
KEY: Final = Credentials(client_id="world", secret=Secret("made-up"))
_CASH: Final = {
    Currency("BTC"): Decimal(10),
    Currency("ETH"): Decimal(0),
    Currency("USDC"): Decimal(0),
}


@final
@dataclass(frozen=True, slots=True)
class Exchange:
    """The floor, how often its market goes on, and the market itself, for who moves it."""

    floor: Floor
    step_s: float
    market: WorldMarket

    @property
    def venue(self) -> Venue:
        """The truth."""
        return self.floor.venue

    async def pass_time(self) -> None:
        """Let the market go on, for ever."""
        while True:
            self.floor.tick()
            await trio.sleep(self.step_s)


def open_exchange(weather: Weather, clock: TrueClock, *, rates: dict[str, float]) -> Exchange:
    """Open a fresh exchange on a seed's market and faults."""
    feed = WorldMarket(
        seed=weather.seed,
        start_ms=clock.now_ms(),
        regime=REGIMES[weather.regime],
        step_ms=weather.market_step_ms,
    )
    venue = Venue(now_ms=clock.now_ms())
    venue.accounts[ACCOUNT] = Account(
        id=ACCOUNT, number=1, created_ms=clock.now_ms(), cash=dict(_CASH)
    )
    list_instruments(venue, feed)
    venue.take_changes()
    key = Key(
        client_id="world",
        secret="made-up",  # noqa: S106
        account=ACCOUNT,
        name="trade",
        scope="trade:read_write account:read_write",
    )
    tokens = Random(f"tokens/{weather.seed}")  # noqa: S311
    floor = Floor(
        venue=venue,
        feed=feed,
        journal=None,
        gatekeeper=Gatekeeper(
            {key.client_id: key},
            now_s=lambda: clock.now_ms() / 1_000,
            token=lambda: f"{tokens.getrandbits(128):032x}",
        ),
        now_ms=clock.venue_ms,
        now_us=clock.now_us,
        trouble=Trouble(Plan(seed=weather.seed, rates=rates, at_ms=weather.script)),
    )
    floor.tick()
    return Exchange(floor, weather.market_step_ms / 1_000, feed)
