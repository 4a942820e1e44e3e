"""The market of a world in virtual time: one coin, few options, fast (a `Feed`).

`ModelledMarket` is what an operator watches: 100 ms steps, some 300 options, a fitted surface. A
world runs days in seconds, so this one moves once a call, prices by a flat volatility with a smile,
and quotes what has moved by half a tick; the rest is confirmed as it stands.
"""

import math
from decimal import Decimal
from typing import Final, final

import msgspec

from bot.domain.ids import IndexName, InstrumentName
from bot.domain.instant import MINUTE_MS, years_between
from bot.domain.instrument import Instrument, OptionType
from bot.simulator.feed import MarketTick, OutsideTrade, Quotes
from bot.simulator.market.forwards import delta_weight, forward_usd
from bot.simulator.market.specification import COINS, future, inverse_perpetual, option
from bot.simulator.market.streams import stream
from drills.world.market.aggressors import trades_of
from drills.world.market.index import WorldIndex
from drills.world.market.ladder import Ladder
from drills.world.market.listing import strikes_at
from drills.world.market.option_book import OptionBook
from drills.world.market.outlook import Outlook
from drills.world.market.perpetual_book import PerpetualBook
from drills.world.market.regime import Overlay, WorldRegime
from drills.world.market.scenario import Scenario

__all__ = ["WorldMarket"]

_COIN: Final = COINS[0]
# All options of a coin have the same ticks and steps.
_ANY_OPTION: Final = option(_COIN, expiry_ms=0, strike=Decimal(1), option_type=OptionType.CALL)
_REVIEW_MS: Final = 10 * MINUTE_MS  # of the strikes
_SIZES: Final = 4  # of touches, drawn once: so few that sides of books come back (see `Ladder`)
_SIZE_SD: Final = 0.8
_SHAPE_CHANGE: Final = 0.1  # a spread or depth that changed by less waits for the next quote


@final
class WorldMarket:
    """BTC from a seed: its index, BTC-PERPETUAL, and options of five expiries.

    A function of seed, start, regime and the times that `advance` was called with. A call moves
    the market in one step, however long the gap, unless the last step is less than `step_ms` ago:
    then nothing has happened yet, but at an expiry.
    """

    def __init__(
        self,
        *,
        seed: int,
        start_ms: int,
        regime: WorldRegime,
        step_ms: int,
        confirm_ms: int = 5_000,
    ) -> None:
        """Open at `start_ms`. Each quote is shown again at least every `confirm_ms`.

        Raises ValueError when a step or the time between confirmations is not above 0.
        """
        if min(step_ms, confirm_ms) <= 0:
            raise ValueError(f"steps were {step_ms} ms and {confirm_ms} ms, they must be above 0")
        self._seed = seed
        self._start_ms = start_ms
        self._regime = regime
        self._step_ms = step_ms
        self._confirm_ms = confirm_ms
        self._carry_draws = stream(seed, name="world/carry")
        self._quote_draws = stream(seed, name="world/quotes")
        self._trade_draws = stream(seed, name="world/trades")
        sizes = stream(seed, name="world/sizes")
        self._sizes = tuple(math.exp(_SIZE_SD * sizes.gauss(0.0, 1.0)) for _ in range(_SIZES))
        self._at_ms = self._reviewed_ms = start_ms
        self._scenario = Scenario(regime, seed=seed, start_ms=start_ms)
        # What lies over the market now, and what did when all books were last quoted.
        self._overlay = self._shown = self._scenario.overlay(start_ms)
        self._index = WorldIndex(
            regime.market,
            start_usd=_COIN.start_usd,
            at_ms=start_ms,
            draws=stream(seed, name="world/path"),
        )
        self._perpetual = PerpetualBook(
            inverse_perpetual(_COIN), regime=regime.market, index=self._index.price
        )
        self._ladder = Ladder(_ANY_OPTION)
        self._strikes: dict[int, tuple[int, ...]] = {}
        self._books: dict[int, dict[InstrumentName, OptionBook]] = {}
        self._all: tuple[OptionBook, ...] = ()
        self._names: dict[int, str] = {}  # of the forwards
        self._is_fresh = True
        self._review()

    @property
    def scenario_ms(self) -> int:
        """When the scenario first begins."""
        return self._scenario.first_ms

    def instruments(self, at_ms: int) -> tuple[Instrument, ...]:
        """Return all that are listed and have not expired at `at_ms`, sorted by name."""
        alive = (b.instrument for b in self._all if (b.instrument.expiry_ms or 0) > at_ms)
        return tuple(sorted((self._perpetual.instrument, *alive), key=lambda i: i.name))

    def advance(self, at_ms: int) -> MarketTick:
        """Go on to `at_ms` in one step; the tick bears the time of the last step taken."""
        lasting_ms = max(at_ms - self._at_ms, 0)
        is_step = lasting_ms >= self._step_ms or (lasting_ms > 0 and self._has_expired(at_ms))
        if is_step:
            self._move(at_ms)
        elif not self._is_fresh:
            return self._tick((), ())
        else:
            lasting_ms = 0
        quotes = self._requote(is_all=self._is_fresh or _is_other(self._shown, self._overlay))
        self._is_fresh = False
        trades = trades_of(
            self._regime,
            perpetual=self._perpetual,
            options=self._all,
            lasting_ms=lasting_ms,
            draws=self._trade_draws,
        )
        return self._tick(quotes, trades)

    def jump(self, share: float) -> None:
        """Let the index be so much higher from the next step on, a fraction; all follows it."""
        self._index.jump(share)

    def index_mean(self, index: IndexName, from_ms: int, to_ms: int) -> Decimal:
        """Return the time-weighted mean of the index, exactly, to the cent."""
        if index != _COIN.index:
            raise ValueError(f"this market has no index {index}")
        return self._index.mean(from_ms, to_ms)

    def save(self) -> bytes:
        """Write what the market was made from, in canonical bytes.

        Enough for a report to name it and for a run to be made again from its start; a world's
        venue never stops, so nobody goes on from here.
        """
        made_from = {
            "regime": self._regime.id,
            "seed": self._seed,
            "start_ms": self._start_ms,
            "step_ms": self._step_ms,
            "confirm_ms": self._confirm_ms,
        }
        return msgspec.json.encode(made_from, order="deterministic")

    def _has_expired(self, at_ms: int) -> bool:
        return min(self._strikes) <= at_ms

    def _move(self, at_ms: int) -> None:
        lasting_ms, self._at_ms = at_ms - self._at_ms, at_ms
        self._overlay = self._scenario.overlay(at_ms)
        nearest = self._strikes[min(self._strikes)]
        self._index.move(at_ms, overlay=self._overlay, strikes=nearest)
        if at_ms - self._reviewed_ms >= _REVIEW_MS or self._has_expired(at_ms):
            self._review()
        self._perpetual.move(
            index=self._index.price,
            overlay=self._overlay,
            lasting_ms=lasting_ms,
            draws=self._carry_draws,
        )

    def _review(self) -> None:
        """List what is due, drop what has expired; a book that stays keeps what it shows."""
        self._reviewed_ms = self._at_ms
        strikes = strikes_at(self._at_ms, price=self._index.price, known=self._strikes)
        if strikes == self._strikes:
            return
        books: dict[int, dict[InstrumentName, OptionBook]] = {}
        for expiry_ms, listed in strikes.items():
            before = self._books.get(expiry_ms, {})
            made = (
                option(_COIN, expiry_ms=expiry_ms, strike=Decimal(strike), option_type=which)
                for strike in listed
                for which in OptionType
            )
            books[expiry_ms] = {
                i.name: before.get(i.name) or OptionBook(i, ladder=self._ladder) for i in made
            }
        self._strikes, self._books = strikes, books
        self._all = tuple(book for group in books.values() for book in group.values())
        self._names = {e: f"SYN.{future(_COIN, expiry_ms=e).name}" for e in strikes}

    def _requote(self, *, is_all: bool) -> tuple[Quotes, ...]:
        at_ms, sizes, draws = self._at_ms, self._sizes, self._quote_draws
        confirmed_ms = at_ms - self._confirm_ms
        level = self._regime.base_iv * self._overlay.iv
        shown: list[Quotes] = []
        perpetual = self._perpetual
        if is_all:
            self._shown = self._overlay
        if is_all or perpetual.is_due():
            shown.append(perpetual.requote(at_ms, overlay=self._overlay, share=draws.random()))
        elif perpetual.shown_ms <= confirmed_ms and perpetual.quotes is not None:
            perpetual.shown_ms = at_ms
            shown.append(perpetual.quotes)
        for expiry_ms, group in self._books.items():
            forward, outlook = self._forward(expiry_ms), None
            for book in group.values():
                quotes = book.quotes
                if is_all or quotes is None or book.is_due(at_ms, forward=forward, level=level):
                    outlook = outlook or self._outlook(expiry_ms, forward=forward, level=level)
                    size_factor = sizes[int(draws.random() * _SIZES)]
                    shown.append(book.requote(outlook, size_factor=size_factor))
                elif book.shown_ms <= confirmed_ms:
                    book.shown_ms = at_ms
                    shown.append(quotes)
        return tuple(shown)

    def _forward(self, expiry_ms: int) -> float:
        return forward_usd(
            self._index.price,
            expiry_ms=expiry_ms,
            at_ms=self._at_ms,
            regime=self._regime.market,
            noise=0.0,
            mean=self._index.mean,
        )

    def _outlook(self, expiry_ms: int, *, forward: float, level: float) -> Outlook:
        at_ms = self._at_ms
        weight = delta_weight(expiry_ms=expiry_ms, at_ms=at_ms)
        return Outlook(
            at_ms=at_ms,
            forward=forward,
            years=years_between(at_ms, expiry_ms),
            level=level,
            underlying=Decimal(round(forward * 100.0)).scaleb(-2),
            underlying_index="SYN.EXPIRY" if weight < 1.0 else self._names[expiry_ms],
            delta_weight=weight,
            overlay=self._overlay,
        )

    def _tick(self, quotes: tuple[Quotes, ...], trades: tuple[OutsideTrade, ...]) -> MarketTick:
        return MarketTick(
            at_ms=self._at_ms,
            indices={_COIN.index: self._index.shown},
            quotes=quotes,
            trades=trades,
            funding_8h={self._perpetual.instrument.name: self._perpetual.funding_8h},
        )


def _is_other(shown: Overlay, now: Overlay) -> bool:
    """Say whether the scenario has changed what books look like, so that all must show it."""
    if shown is now:
        return False
    return (
        shown.lacks_put_bids is not now.lacks_put_bids
        or shown.has_frozen_marks is not now.has_frozen_marks
        or shown.is_crossed is not now.is_crossed
        or abs(now.spread - shown.spread) > _SHAPE_CHANGE * shown.spread
        or abs(now.depth - shown.depth) > _SHAPE_CHANGE * shown.depth
    )
