"""Choosing from the option chain: an expiry by its days, an option by its delta (DOMAIN §9)."""

from collections.abc import Iterable, Mapping

import msgspec

from bot.domain.ids import InstrumentName
from bot.domain.instant import DAY_MS
from bot.domain.instrument import BookState, Instrument, Kind, OptionType
from bot.strategy.interface import View

__all__ = ["Near", "expiry_of", "nearest_delta", "options_at"]


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """A wanted value and the bounds that it is looked for in, both included."""

    least: float
    target: float
    most: float


def expiry_of(instruments: Iterable[Instrument], *, now_ms: int, days: Near) -> int | None:
    """Return the expiry nearest to the wanted days; a tie goes to the later one."""
    target_ms = now_ms + days.target * DAY_MS
    expiries = {
        instrument.expiry_ms
        for instrument in instruments
        if instrument.kind is Kind.OPTION
        and instrument.is_inverse
        and instrument.state is BookState.OPEN
        and instrument.expiry_ms is not None
        and days.least * DAY_MS <= instrument.expiry_ms - now_ms <= days.most * DAY_MS
    }
    return min(expiries, key=lambda at_ms: (abs(at_ms - target_ms), -at_ms), default=None)


def options_at(
    instruments: Mapping[InstrumentName, Instrument], *, expiry_ms: int | None
) -> frozenset[InstrumentName]:
    """Return the inverse options of an expiry."""
    return frozenset(
        name
        for name, instrument in instruments.items()
        if instrument.kind is Kind.OPTION
        and instrument.is_inverse
        and instrument.expiry_ms == expiry_ms
    )


def nearest_delta(
    view: View, *, option_type: OptionType, expiry_ms: int, delta: Near
) -> InstrumentName | None:
    """Return the option whose |delta| is nearest the target, within bounds; ties go further out."""
    candidates = []
    for name in sorted(options_at(view.instruments, expiry_ms=expiry_ms)):
        instrument, quote = view.instruments[name], view.quotes.get(name)
        if instrument.option_type is not option_type or instrument.strike is None:
            continue
        if quote is None or quote.delta is None:
            continue
        size = abs(quote.delta)
        if delta.least <= size <= delta.most:
            distance = round(abs(size - delta.target), 9)
            candidates.append((distance, -option_type.sign * instrument.strike, name))
    return min(candidates)[2] if candidates else None
