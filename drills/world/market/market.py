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
from bot.simulator.feed import MarketTick, Quotes
from bot.simulator.market.forwards import delta_weight, forward_usd
from bot.simulator.market.index_path import IndexState, step_index
from bot.simulator.market.specification import COINS, future, inverse_perpetual, option
from bot.simulator.market.streams import stream
from drills.world.market.aggressors import trades_of
from drills.world.market.history import CentHistory
from drills.world.market.listing import strikes_at
from drills.world.market.option_book import OptionBook
from drills.world.market.outlook import Outlook
from drills.world.market.perpetual_book import PerpetualBook
from drills.world.market.regime import Overlay, WorldRegime
from drills.world.market.timetable import Timetable

__all__ = ["WorldMarket"]

_COIN: Final = COINS[0]
_REVIEW_MS: Final = 10 * MINUTE_MS  # of the strikes
_PIN_NOISE: Final = 0.001  # of the log price, how far a pinned index strays from its strike
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
        self._path_draws = stream(seed, name="world/path")
        self._quote_draws = stream(seed, name="world/quotes")
        self._trade_draws = stream(seed, name="world/trades")
        sizes = stream(seed, name="world/sizes")
        self._sizes = tuple(math.exp(_SIZE_SD * sizes.gauss(0.0, 1.0)) for _ in range(_SIZES))
        self._timetable = Timetable(regime, seed=seed, start_ms=start_ms)
        self._at_ms = start_ms
        self._own = IndexState(math.log(_COIN.start_usd), regime.market.sigma**2)
        self._overlay = regime.at(self._timetable.minute(start_ms))
        self._shown = self._overlay  # when all books were last quoted
        self._pin: tuple[float, float] | None = None  # log of the strike, of the index back then
        self._index = math.exp(self._own.ln_price + self._overlay.shift)
        self._cents = round(self._index * 100.0)
        self._history = CentHistory(start_ms, cents=self._cents)
        self._perpetual = PerpetualBook(inverse_perpetual(_COIN), regime=regime)
        self._strikes: dict[int, tuple[int, ...]] = {}
        self._books: dict[int, dict[InstrumentName, OptionBook]] = {}
        self._all: tuple[OptionBook, ...] = ()
        self._reviewed_ms = start_ms
        self._names: dict[int, str] = {}  # of the forwards
        self._is_fresh = True
        self._review()

    @property
    def scenario_ms(self) -> int:
        """When the scenario first begins."""
        return self._timetable.first_ms

    def instruments(self, at_ms: int) -> tuple[Instrument, ...]:
        """Return all that are listed and have not expired at `at_ms`, sorted by name."""
        alive = (b.instrument for b in self._all if (b.instrument.expiry_ms or 0) > at_ms)
        return tuple(sorted((self._perpetual.instrument, *alive), key=lambda i: i.name))

    def advance(self, at_ms: int) -> MarketTick:
        """Go on to `at_ms` in one step; the tick bears the time of the last step taken."""
        lasting_ms = at_ms - self._at_ms
        is_step = lasting_ms >= self._step_ms or (lasting_ms > 0 and min(self._strikes) <= at_ms)
        if not is_step and not self._is_fresh:
            return self._tick((), is_step=False, lasting_ms=0)
        lasting_ms = max(lasting_ms, 0)
        if lasting_ms:
            self._move(at_ms, lasting_ms=lasting_ms)
        if at_ms - self._reviewed_ms >= _REVIEW_MS or min(self._strikes) <= at_ms:
            self._review()
        self._perpetual.move(
            index=self._index,
            overlay=self._overlay,
            lasting_ms=lasting_ms,
            draws=self._path_draws,
        )
        quotes = self._requote(is_all=self._is_fresh or _is_other(self._shown, self._overlay))
        self._is_fresh = False
        return self._tick(quotes, is_step=True, lasting_ms=lasting_ms)

    def index_mean(self, index: IndexName, from_ms: int, to_ms: int) -> Decimal:
        """Return the time-weighted mean of the index, exactly, to the cent."""
        if index != _COIN.index:
            raise ValueError(f"this market has no index {index}")
        return self._history.mean(from_ms, to_ms)

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

    def _move(self, at_ms: int, *, lasting_ms: int) -> None:
        """Move the index: by itself, and by what the scenario lays over it."""
        before = self._own
        after = step_index(
            before,
            regime=self._regime.market,
            at_ms=self._at_ms,
            lasting_ms=lasting_ms,
            draws=self._path_draws,
        )
        if not self._regime.is_quiet:
            self._overlay = self._regime.at(self._timetable.minute(at_ms))
        move = (after.ln_price - before.ln_price) * self._overlay.sigma
        self._own = IndexState(before.ln_price + move, after.variance)
        self._at_ms = at_ms
        self._index = math.exp(self._pinned(self._own.ln_price) + self._overlay.shift)
        self._cents = round(self._index * 100.0)
        self._history.note(at_ms, cents=self._cents)

    def _pinned(self, ln_price: float) -> float:
        """Draw the log price to the strike that was nearest when the pin began to hold."""
        hold = self._overlay.pin
        if hold <= 0.0:
            self._pin = None
            return ln_price
        if self._pin is None:
            price = math.exp(ln_price)
            strike = min(self._strikes[min(self._strikes)], key=lambda k: (abs(k - price), k))
            self._pin = (math.log(strike), ln_price)
        ln_strike, ln_begin = self._pin
        stray = min(max(ln_price - ln_begin, -_PIN_NOISE), _PIN_NOISE)
        return (1.0 - hold) * ln_price + hold * (ln_strike + stray)

    def _review(self) -> None:
        """List what is due, drop what has expired; a book that stays keeps what it shows."""
        self._reviewed_ms = self._at_ms
        strikes = strikes_at(self._at_ms, price=self._index, known=self._strikes)
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
            books[expiry_ms] = {i.name: before.get(i.name) or OptionBook(i) for i in made}
        self._strikes, self._books = strikes, books
        self._all = tuple(book for group in books.values() for book in group.values())
        self._names = {e: f"SYN.{future(_COIN, expiry_ms=e).name}" for e in strikes}

    def _requote(self, *, is_all: bool) -> tuple[Quotes, ...]:
        at_ms, sizes, draws = self._at_ms, self._sizes, self._quote_draws
        confirmed_ms = at_ms - self._confirm_ms
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
            outlook = self._outlook(expiry_ms)
            for book in group.values():
                quotes = book.quotes
                if is_all or quotes is None or book.is_due(outlook):
                    size_factor = sizes[int(draws.random() * _SIZES)]
                    shown.append(book.requote(outlook, size_factor=size_factor))
                elif book.shown_ms <= confirmed_ms:
                    book.shown_ms = at_ms
                    shown.append(quotes)
        return tuple(shown)

    def _outlook(self, expiry_ms: int) -> Outlook:
        at_ms = self._at_ms
        forward = forward_usd(
            self._index,
            expiry_ms=expiry_ms,
            at_ms=at_ms,
            regime=self._regime.market,
            noise=0.0,
            mean=self._history.mean,
        )
        weight = delta_weight(expiry_ms=expiry_ms, at_ms=at_ms)
        return Outlook(
            at_ms=at_ms,
            forward=forward,
            years=years_between(at_ms, expiry_ms),
            level=self._regime.base_iv * self._overlay.iv,
            underlying=Decimal(round(forward * 100.0)).scaleb(-2),
            underlying_index="SYN.EXPIRY" if weight < 1.0 else self._names[expiry_ms],
            delta_weight=weight,
            overlay=self._overlay,
        )

    def _tick(self, quotes: tuple[Quotes, ...], *, is_step: bool, lasting_ms: int) -> MarketTick:
        trades = (
            trades_of(
                self._regime,
                perpetual=self._perpetual,
                options=self._all,
                lasting_ms=lasting_ms,
                draws=self._trade_draws,
            )
            if is_step
            else ()
        )
        return MarketTick(
            at_ms=self._at_ms,
            indices={_COIN.index: Decimal(self._cents).scaleb(-2)},
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
