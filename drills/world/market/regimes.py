"""The regimes that a market can express, one row each (DOMAIN §8.1).

Not here are late_fills, outage, seq_gap, rate_storm, clock_step, fee_change and metadata_change:
those are faults of a line, a clock or a venue, and not of prices.

Every scenario goes back to where it began, more slowly than it came, which DOMAIN does not ask for:
a world that runs for days meets it again and again, and its strikes must stay in reach.
"""

import math
from typing import Final

from bot.simulator.market.regime import CALM
from drills.world.market.path import Path, Windows
from drills.world.market.regime import WorldRegime

__all__ = ["REGIMES"]

_SECOND: Final = 1.0 / 60.0
_SWING: Final = 0.004
_WAVES: Final = 5
_WAVE_S: Final = 20
_PAUSE_S: Final = 60
_CASCADE: Final = (_WAVES * (_WAVE_S + _PAUSE_S) - _PAUSE_S) * _SECOND


def _swings(begin: int, end: int) -> tuple[tuple[float, float], ...]:
    """Swing from one side of the pin to the other each two minutes, from rest to rest."""
    turns = range(begin + 1, end, 2)
    between = tuple((float(m), _SWING if i % 2 == 0 else -_SWING) for i, m in enumerate(turns))
    return ((float(begin), 0.0), *between, (float(end), 0.0))


def _waves() -> tuple[tuple[float, float], ...]:
    """Fall wave by wave, hold in the pauses."""
    found: list[tuple[float, float]] = []
    for wave in range(_WAVES):
        begin = wave * (_WAVE_S + _PAUSE_S)
        found.append((begin * _SECOND, wave * math.log(0.975)))
        found.append(((begin + _WAVE_S) * _SECOND, (wave + 1) * math.log(0.975)))
    return tuple(found)


_ROWS: Final = (
    WorldRegime(id="normal"),
    WorldRegime(id="calm", market=CALM, base_iv=0.40),
    WorldRegime(
        id="vol_spike",
        period_minutes=24 * 60,
        shift=Path(((0, 0), (2, math.log(0.94)), (1_080, 0))),
        iv=Path(((0, 1), (2, 2.2), (362, 1.6), (722, 1.3), (1_080, 1))),  # half is left after 6 h
        spread=Path(((0, 1), (2, 3), (362, 2), (722, 1.5), (1_080, 1))),
    ),
    WorldRegime(
        id="illiquid",
        depth=Path(((0, 1), (1, 0.1), (120, 0.1), (121, 1))),
        spread=Path(((0, 1), (1, 5), (120, 5), (121, 1))),
    ),
    WorldRegime(
        id="wide_one_side",
        lacks_put_bids=Windows(((0, 20),)),
    ),
    WorldRegime(
        id="flash_crash",
        shift=Path(
            ((0, 0), (40 * _SECOND, math.log(0.82)), (2, math.log(0.82 * 1.14)), (140, 0))
        ),
        # Mark 22 % below the start while the index is 18 % below it.
        premium=Path(((0, 0), (40 * _SECOND, 0.78 / 0.82 - 1), (2, 0))),
    ),
    WorldRegime(
        id="stuck_mark",
        shift=Path(((0, 0), (15, math.log(1.03)), (60, 0))),
        frozen_marks=Windows(((0, 15),)),
    ),
    WorldRegime(
        id="crossed_book",
        period_minutes=60,
        crossed=Windows(
            (
                (1, 1 + 2 * _SECOND),
                (4, 4 + 5 * _SECOND),
                (8, 8 + 10 * _SECOND),
                (13, 13 + 20 * _SECOND),
                (20, 20 + 30 * _SECOND),
            )
        ),
    ),
    # From 07:20 the index is drawn to the strike, from 07:30 it is held there, at 08:00 let go.
    WorldRegime(
        id="expiry_pin",
        period_minutes=24 * 60,
        daily_at_minute=7 * 60 + 20,
        pin=Path(((0, 0), (10, 1), (40, 1), (60, 0))),
        shift=Path(_swings(10, 40)),
    ),
    WorldRegime(
        id="funding_shock",
        period_minutes=12 * 60,
        premium=Path(((0, 0), (10, 0.008), (490, 0.008), (520, 0))),
    ),
    # DOMAIN has 48 quiet hours; one stands for them, so that a run of three hours meets the gap.
    WorldRegime(
        id="weekend_gap",
        sigma=Path(((0, 1), (1, 0.6), (60, 0.6), (61, 1))),
        shift=Path(((0, 0), (60, 0), (60 + _SECOND, math.log(0.91)), (140, 0))),
        spread=Path(((0, 1), (60, 1), (60 + _SECOND, 4), (70, 4), (71, 1))),
    ),
    WorldRegime(
        id="liq_cascade",
        shift=Path((*_waves(), (140, 0))),
        iv=Path(((0, 1), (_CASCADE, 1.8), (30, 1.8), (140, 1))),
        depth=Path(((0, 1), (_WAVE_S * _SECOND, 0.05), (_CASCADE + 2, 0.05), (30, 1))),
        perpetual_ticks=Path(((0, 1), (_WAVE_S * _SECOND, 40), (_CASCADE + 2, 40), (30, 1))),
        perpetual_depth=Path(((0, 1), (_WAVE_S * _SECOND, 0.05), (_CASCADE + 2, 0.05), (30, 1))),
        # Twice the cap, so that no premium of the perpetual's own brings the rate off it.
        funding=Path(((0, 0), (_CASCADE, -0.010), (30, -0.010), (60, 0))),
    ),
    WorldRegime(
        id="melt_up",
        period_minutes=12 * 60,
        shift=Path(((0, 0), (360, math.log(1.22)), (700, 0))),
        call_skew=Path(((0, 0), (360, 0.08), (700, 0))),
    ),
)  # fmt: skip

REGIMES: Final = {row.id: row for row in _ROWS}
