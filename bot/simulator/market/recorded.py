"""The recorded market: real books replayed in exchange time."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final, final

import msgspec

from bot.domain.ids import IndexName, InstrumentName
from bot.domain.instant import years_between
from bot.domain.instrument import Instrument
from bot.domain.money import Amount, Price
from bot.domain.report import Level
from bot.pricing.black76 import BadInput, Greeks, greeks
from bot.simulator.feed import MarketTick, Quotes
from bot.simulator.market.fault import BadSaveError
from bot.simulator.market.forwards import delta_weight
from bot.simulator.market.index_history import IndexHistory
from bot.simulator.market.recorded_line import RecordedLine
from bot.simulator.market.recording_file import RecordingFile, find_recording
from bot.simulator.market.specification import COINS, Coin, inverse_perpetual

__all__ = ["RecordedMarket", "start_ms"]

_VERSION: Final = 1
_PERPETUAL_USD: Final = Decimal(200_000)
_PERCENT: Final = 100.0


class _Saved(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A recorded market is a function of its file and the time."""

    version: int
    file: str
    bytes: int
    at_ms: int


def start_ms(path: Path) -> int:
    """Return when a recording begins: the time of its first line, where its clock starts.

    Takes a file or folder. Raises BadRecordingError.
    """
    opened = RecordingFile(find_recording(path))
    opened.close()
    return opened.start_ms


@final
class RecordedMarket:
    """Real books from a file of `public/get_order_book` results: the `Feed` of the past.

    Lines are applied at their own time; a quote stands until the recording changes it, through
    gaps and up to its expiry. The index is the latest `index_price`, the perpetual is made around
    it (one tick wide, 200 000 USD on each side, no funding), strangers do not trade. Instruments
    are derived from the names, see `recorded_instrument`, and are listed two minutes before their
    first line. After the last line all stands still.
    """

    def __init__(self, path: Path, *, saved: bytes | None = None) -> None:
        """Open a file, or the five-minute recording in a folder; go on from what `save` gave.

        Raises BadRecordingError for the file, BadSaveError for saved bytes of another recording.
        """
        self._file = RecordingFile(find_recording(path))
        self._at_ms = self._file.start_ms
        self._perpetuals: dict[IndexName, Instrument] = {}
        self._applied_ms: dict[InstrumentName, int] = {}
        self._quotes: dict[InstrumentName, Quotes] = {}
        self._indices: dict[IndexName, Decimal] = {}
        self._indices_ms: dict[IndexName, int] = {}
        self._histories: dict[IndexName, IndexHistory] = {}
        self._go_to(self._at_ms if saved is None else self._decode(saved).at_ms)
        self._is_fresh = True

    @property
    def is_over(self) -> bool:
        """True once the last line has been applied."""
        return self._file.is_over

    def instruments(self, at_ms: int) -> tuple[Instrument, ...]:
        """Return all that have been seen and have not expired at `at_ms`, sorted by name."""
        found = (*self._perpetuals.values(), *self._file.instruments.values())
        alive = (i for i in found if i.expiry_ms is None or i.expiry_ms > at_ms)
        return tuple(sorted(alive, key=lambda instrument: instrument.name))

    def advance(self, at_ms: int) -> MarketTick:
        """Go on to exchange time `at_ms`."""
        changed = self._go_to(at_ms)
        if self._is_fresh:
            changed = set(self._quotes)
            self._is_fresh = False
        perpetuals = (perpetual.name for perpetual in self._perpetuals.values())
        return MarketTick(
            at_ms=self._at_ms,
            indices=dict(sorted(self._indices.items())),
            quotes=tuple(self._quotes[name] for name in sorted(changed) if self._is_alive(name)),
            trades=(),
            funding_8h=dict.fromkeys(sorted(perpetuals), 0.0),
        )

    def index_mean(self, index: IndexName, from_ms: int, to_ms: int) -> Decimal:
        """Return the time-weighted mean of an index, to the cent; gaps hold the last price."""
        history = self._histories.get(index)
        if history is None:
            raise ValueError(f"this market has no index {index}")
        return history.mean(from_ms, to_ms)

    def save(self) -> bytes:
        """Write what is needed to go on: which file, and the time."""
        return msgspec.json.encode(
            _Saved(
                version=_VERSION,
                file=self._file.path.name,
                bytes=self._file.path.stat().st_size,
                at_ms=self._at_ms,
            )
        )

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _decode(self, saved: bytes) -> _Saved:
        try:
            found = msgspec.json.decode(saved, type=_Saved)
        except msgspec.DecodeError as fault:
            self.close()
            raise BadSaveError(str(fault)) from None
        size = self._file.path.stat().st_size
        if (found.version, found.file, found.bytes) != (_VERSION, self._file.path.name, size):
            self.close()
            raise BadSaveError(
                f"it is of {found.file} ({found.bytes} bytes, version {found.version}), "
                f"not of {self._file.path.name} ({size} bytes)"
            )
        return found

    def _go_to(self, at_ms: int) -> set[InstrumentName]:
        """Apply the lines up to a time; return whose quotes changed."""
        self._at_ms = max(self._at_ms, at_ms)
        changed: set[InstrumentName] = set()
        for line in self._file.take(self._at_ms):
            changed |= self._apply(line)
        for instrument in tuple(self._file.instruments.values()):
            self._perpetuals.setdefault(instrument.index, inverse_perpetual(_coin(instrument)))
        return changed

    def _apply(self, line: RecordedLine) -> set[InstrumentName]:
        """Show one line; an older one than was shown of its instrument changes nothing."""
        instrument = self._file.instruments[line.instrument_name]
        name, index = instrument.name, instrument.index
        changed: set[InstrumentName] = set()
        if line.timestamp > self._applied_ms.get(name, 0):
            self._applied_ms[name] = line.timestamp
            shown = _quotes(instrument, line)
            if shown != self._quotes.get(name):
                self._quotes[name] = shown
                changed.add(name)
        if line.timestamp > self._indices_ms.get(index, 0):
            self._indices_ms[index] = line.timestamp
            self._indices[index] = line.index_price
            history = self._histories.setdefault(index, IndexHistory())
            history.note(line.timestamp, price=line.index_price)
            perpetual = self._perpetuals.setdefault(index, inverse_perpetual(_coin(instrument)))
            self._quotes[perpetual.name] = _perpetual_quotes(perpetual, line.index_price)
            changed.add(perpetual.name)
        return changed

    def _is_alive(self, name: InstrumentName) -> bool:
        instrument = self._file.instruments.get(name)
        expiry_ms = None if instrument is None else instrument.expiry_ms
        return expiry_ms is None or expiry_ms > self._at_ms


def _quotes(instrument: Instrument, line: RecordedLine) -> Quotes:
    return Quotes(
        instrument=instrument.name,
        bids=line.bids,
        asks=line.asks,
        mark=line.mark_price,
        mark_iv=float(line.mark_iv) / _PERCENT,
        underlying=line.underlying_price,
        underlying_index=line.underlying_index,
        greeks=_greeks(instrument, line),
    )


def _greeks(instrument: Instrument, line: RecordedLine) -> Greeks | None:
    """Work out the greeks from the recorded volatility, with the delta that is left."""
    if instrument.option_type is None or instrument.expiry_ms is None:
        return None
    found = greeks(
        instrument.option_type,
        forward=float(line.underlying_price),
        strike=float(instrument.strike or 0),
        years=years_between(line.timestamp, instrument.expiry_ms),
        sigma=float(line.mark_iv) / _PERCENT,
    )
    if isinstance(found, BadInput):
        return None
    weight = delta_weight(expiry_ms=instrument.expiry_ms, at_ms=line.timestamp)
    return replace(found, delta=found.delta * weight, net_delta=found.net_delta * weight)


def _perpetual_quotes(perpetual: Instrument, index: Decimal) -> Quotes:
    bid = perpetual.ticks.down(index)
    ask = Price(bid + perpetual.ticks.tick)
    amount = Amount(_PERPETUAL_USD)
    return Quotes(
        instrument=perpetual.name,
        bids=(Level(bid, amount),),
        asks=(Level(ask, amount),),
        mark=index,
    )


def _coin(instrument: Instrument) -> Coin:
    return next(coin for coin in COINS if coin.name == instrument.base)
