"""Open an exchange on a folder: keys, market, journal, accounts; the same again after any stop."""

import secrets
import time
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Final, final

from bot.domain.ids import AccountId, Currency, InstrumentName
from bot.simulator.auth import Gatekeeper, Key
from bot.simulator.clock import Clock, wall_ms, wall_us
from bot.simulator.exchange.account import Account
from bot.simulator.exchange.passing import list_instruments
from bot.simulator.exchange.venue import Venue
from bot.simulator.fault import EXIT_CONFIG, ExchangeError
from bot.simulator.feed import Feed
from bot.simulator.floor import Floor
from bot.simulator.journal import Journal, JournalDamagedError, restore, whole
from bot.simulator.market.fault import MarketError
from bot.simulator.market.modelled import ModelledMarket
from bot.simulator.market.recorded import RecordedMarket, start_ms
from bot.simulator.state_folder import MarketState, StateFolder
from bot.simulator.trouble.plan import Plan
from bot.simulator.trouble.trouble import Trouble

__all__ = ["Opened", "open_exchange"]

_MODEL: Final = "model"
_RECORDING: Final = "recording"
_BEGINNING: Final = {
    Currency("BTC"): Decimal(10),
    Currency("ETH"): Decimal(100),
    Currency("USDC"): Decimal(100_000),
}
_FIRST_NUMBER: Final = 1_000
# Numbers jump at each start: what the last moment before a kill gave out is never given out again.
_JUMP: Final = 1_000


@final
@dataclass(slots=True)
class Opened:
    """An exchange that is ready to be served."""

    floor: Floor
    journal: Journal
    folder: StateFolder
    market: str
    funding: dict[InstrumentName, str] = field(default_factory=dict)

    def save_market(self) -> None:
        """Keep where the market is; a kill loses at most what came after."""
        venue = self.floor.venue
        state = MarketState(
            market=self.market,
            at_ms=venue.now_ms,
            trade_last=venue.trade_last,
            change_last=venue.change_last,
            sequences={name: book.trade_seq for name, book in sorted(venue.books.items())},
            funding={name: str(paid) for name, paid in sorted(venue.funding_running.items())},
        )
        self.folder.save_market(state, market=self.floor.save_market())

    def close(self) -> None:
        """Stop: the market is saved, the journal closed, the folder let go."""
        self.save_market()
        self.journal.close()
        self.folder.withdraw()
        self.folder.close()


def open_exchange(
    folder: StateFolder, *, seed: int, market: Path | None, speed: float, plan: Plan
) -> Opened:
    """Open or reopen. Raises ExchangeError for what is wrong with the folder or the market."""
    keys = folder.keys()
    kept = folder.load_market()
    kind = _MODEL if market is None else _RECORDING
    if kept is not None and kept[0].market != kind:
        raise ExchangeError(
            f"{folder.path} holds a {kept[0].market}, asked for was a {kind}",
            why="Orders and positions there belong to that market",
            next_step="Give another folder: --state DIR",
            exit_code=EXIT_CONFIG,
        )
    journal = Journal(folder.path)
    venue = Venue(now_ms=0)
    try:
        restore(venue, journal.read())
        feed, begin_ms = _market(market, seed=seed, saved=kept[1] if kept else None)
    except (JournalDamagedError, MarketError) as error:
        raise ExchangeError(
            str(error).rstrip("."),
            why="The exchange would not be what it was",
            next_step="Mend the file, or begin anew with another --state DIR",
            exit_code=EXIT_CONFIG,
        ) from None
    saved_ms = kept[0].at_ms if kept is not None else begin_ms
    if kept is not None:
        _go_on(venue, kept[0])
    venue.advanced_ms = saved_ms - 1  # so that the first tick brings the quotes at once
    venue.now_ms = max(venue.now_ms, saved_ms)
    _open_accounts(venue, keys)
    list_instruments(venue, feed)
    venue.take_changes()
    journal.begin(whole(venue))
    here_ms = wall_ms() if market is None else begin_ms
    clock = Clock(start_ms=max(here_ms, venue.now_ms), speed=speed)
    floor = Floor(
        venue=venue,
        feed=feed,
        journal=journal,
        gatekeeper=Gatekeeper(
            keys, now_s=time.monotonic, token=lambda: secrets.token_urlsafe(32), speed=speed
        ),
        now_ms=clock.now_ms,
        now_us=wall_us,
        trouble=Trouble(plan),
    )
    return Opened(floor, journal, folder, kind)


def _market(path: Path | None, *, seed: int, saved: bytes | None) -> tuple[Feed, int]:
    """Return the market and the exchange time to begin at."""
    if path is not None:
        return RecordedMarket(path, saved=saved), start_ms(path)
    now_ms = wall_ms()
    return ModelledMarket(seed=seed, start_ms=now_ms, saved=saved), now_ms


def _go_on(venue: Venue, state: MarketState) -> None:
    venue.trade_last = max(venue.trade_last, state.trade_last) + _JUMP
    venue.change_last = max(venue.change_last, state.change_last) + _JUMP
    for name, last in state.sequences.items():
        venue.kept_sequences[name] = max(venue.kept_sequences.get(name, 0), last) + _JUMP
    for name, paid in state.funding.items():
        venue.funding_running[name] = Fraction(paid)


def _open_accounts(venue: Venue, keys: dict[str, Key]) -> None:
    names: list[AccountId] = sorted({key.account for key in keys.values()})
    for place, name in enumerate(names):
        if name not in venue.accounts:
            venue.accounts[name] = Account(
                id=name,
                number=_FIRST_NUMBER + place,
                created_ms=venue.now_ms,
                cash=dict(_BEGINNING),
            )
