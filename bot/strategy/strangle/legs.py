"""Which options the strangle is made of."""

from collections.abc import Iterable, Mapping

from bot.domain.ids import InstrumentName
from bot.domain.instant import DAY_MS
from bot.domain.instrument import BookState, Instrument, Kind, OptionType
from bot.strategy.interface import Params, View
from bot.strategy.strangle.params import StrangleParams, read

__all__ = ["choose_leg", "expiry_of", "universe"]


def universe(
    instruments: Mapping[InstrumentName, Instrument], now_ms: int, params: Params
) -> frozenset[InstrumentName]:
    """Return the options of the expiry that a new strangle would use."""
    expiry_ms = expiry_of(instruments.values(), now_ms=now_ms, params=read(params))
    return frozenset(
        name
        for name, instrument in instruments.items()
        if instrument.kind is Kind.OPTION
        and instrument.is_inverse
        and instrument.expiry_ms == expiry_ms
    )


def expiry_of(
    instruments: Iterable[Instrument], *, now_ms: int, params: StrangleParams
) -> int | None:
    """Return the expiry nearest to the wanted days; a tie goes to the later one."""
    target_ms = now_ms + params.days_target * DAY_MS
    expiries = {
        instrument.expiry_ms
        for instrument in instruments
        if instrument.kind is Kind.OPTION
        and instrument.is_inverse
        and instrument.state is BookState.OPEN
        and instrument.expiry_ms is not None
        and params.days_min * DAY_MS <= instrument.expiry_ms - now_ms <= params.days_max * DAY_MS
    }
    return min(expiries, key=lambda at_ms: (abs(at_ms - target_ms), -at_ms), default=None)


def choose_leg(
    view: View, params: StrangleParams, *, option_type: OptionType, expiry_ms: int
) -> InstrumentName | None:
    """Return the option whose |delta| is nearest the target, within bounds; ties go further out."""
    candidates = []
    for name, instrument in sorted(view.instruments.items()):
        quote = view.quotes.get(name)
        if (
            instrument.option_type is not option_type
            or instrument.expiry_ms != expiry_ms
            or instrument.strike is None
            or quote is None
            or quote.delta is None
        ):
            continue
        size = abs(quote.delta)
        if params.delta_min <= size <= params.delta_max:
            distance = round(abs(size - params.delta_target), 9)
            candidates.append((distance, -option_type.sign * instrument.strike, name))
    return min(candidates)[2] if candidates else None
