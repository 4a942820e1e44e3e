"""The outside's book of one option: when it must be quoted anew, and how."""

import math
from dataclasses import replace
from decimal import Decimal
from typing import Final, final

from bot.domain.instant import DAY_MS, MINUTE_MS
from bot.domain.instrument import Instrument, OptionType
from bot.domain.side import Side
from bot.pricing.black76 import BadInput, Greeks, greeks
from bot.simulator.feed import Quotes
from bot.simulator.market.spread_table import book_shape
from drills.world.market.ladder import Ladder
from drills.world.market.outlook import Outlook

__all__ = ["OptionBook"]

_MARK_DIGITS: Final = 1e6
_REACH: Final = 0.002  # of the forward: beyond it the slope no longer tells how far the mark went
_AGE_MAX_MS: Final = MINUTE_MS


@final
class OptionBook:
    """Keeps what was quoted last, and the slopes that tell whether it still holds."""

    __slots__ = (
        "_at_ms", "_forward", "_half_tick", "_is_call", "_kind", "_ladder", "_level",
        "_ln_strike", "_per_level", "_per_ms", "_per_usd", "_strike", "instrument", "quotes",
        "shown_ms",
    )  # fmt: skip

    def __init__(self, instrument: Instrument, *, ladder: Ladder) -> None:
        """Open a book that shows nothing yet; raises ValueError for what is no option."""
        if instrument.strike is None or instrument.option_type is None:
            raise ValueError(f"{instrument.name} is no option")
        self.instrument: Final = instrument
        self.quotes: Quotes | None = None
        self.shown_ms = 0
        self._ladder = ladder
        self._kind = instrument.option_type
        self._is_call = instrument.option_type is OptionType.CALL
        self._strike = float(instrument.strike)
        self._ln_strike = math.log(self._strike)
        self._at_ms = 0
        self._forward = self._level = self._half_tick = 0.0
        self._per_usd = self._per_level = self._per_ms = 0.0

    def is_due(self, at_ms: int, *, forward: float, level: float) -> bool:
        """Say whether the mark has moved by half a tick since it was quoted, or is a minute old."""
        forward_move = forward - self._forward
        age_ms = at_ms - self._at_ms
        mark_move = (
            self._per_usd * forward_move
            + self._per_level * (level - self._level)
            + self._per_ms * age_ms
        )
        return (
            abs(mark_move) >= self._half_tick
            or age_ms >= _AGE_MAX_MS
            or abs(forward_move) >= _REACH * self._forward
        )

    def requote(self, outlook: Outlook, *, size_factor: float) -> Quotes:
        """Quote around the model's value as of now, and remember from where."""
        sigma = outlook.sigma(self._ln_strike)
        model = self._model(outlook, sigma)
        self._remember(outlook, model)
        grid, overlay = self._ladder.grid, outlook.overlay
        value = max(model.price, 0.0)
        days = outlook.years * 365.0
        shape = book_shape(days=days, abs_delta=abs(model.delta))
        tick = grid.size * grid.tick(grid.down(value))
        half = max(shape.spread * overlay.spread / 2.0, tick)
        bid, ask = grid.down(value - half), grid.up(value + half)
        if overlay.is_crossed:
            bid = grid.away(ask, sign=1, ticks=1)
        amount = shape.size * size_factor * overlay.depth
        bids = self._ladder.side(Side.BUY, touch=bid, amount=amount)
        if overlay.lacks_put_bids and not self._is_call and self._strike < outlook.forward:
            bids = ()
        before = self.quotes
        shown = model if outlook.delta_weight >= 1.0 else _decayed(model, outlook.delta_weight)
        is_frozen = overlay.has_frozen_marks and before is not None
        self.quotes = Quotes(
            instrument=self.instrument.name,
            bids=bids,
            asks=self._ladder.side(Side.SELL, touch=ask, amount=amount),
            mark=before.mark if is_frozen and before else _six_places(value),
            mark_iv=before.mark_iv if is_frozen and before else sigma,
            underlying=outlook.underlying,
            underlying_index=outlook.underlying_index,
            greeks=before.greeks if is_frozen and before else shown,
        )
        self.shown_ms = outlook.at_ms
        return self.quotes

    def _model(self, outlook: Outlook, sigma: float) -> Greeks:
        found = greeks(
            self._kind,
            forward=outlook.forward,
            strike=self._strike,
            years=outlook.years,
            sigma=sigma,
        )
        match found:
            case BadInput():
                raise AssertionError(f"the model left its range: {self.instrument.name} {found}")
            case Greeks():
                return found

    def _remember(self, outlook: Outlook, model: Greeks) -> None:
        grid, forward = self._ladder.grid, outlook.forward
        self._at_ms, self._forward, self._level = outlook.at_ms, forward, outlook.level
        self._half_tick = grid.size * grid.tick(grid.down(model.price)) / 2.0
        self._per_usd = model.coin_slope
        self._per_level = model.vega * 100.0 / forward
        self._per_ms = model.theta / forward / DAY_MS


def _decayed(model: Greeks, weight: float) -> Greeks:
    """Return what the venue shows inside the delivery window: the delta that is left."""
    return replace(model, delta=model.delta * weight, net_delta=model.net_delta * weight)


def _six_places(value: float) -> Decimal:
    return Decimal(round(value * _MARK_DIGITS)).scaleb(-6)
