"""A position that ends by expiry is booked once, as planned, and never called a fault [C-510].

The venue's expiry timestamp decides. What was delivered must be what we held, to the last digit: a
position that vanishes with a trade of it still unknown would hide that trade for good [C-209].
"""

from typing import Final

from bot.core.event import Gathered
from bot.core.foreign import apart_of
from bot.core.record import Delivered
from bot.core.risk import definition
from bot.core.state import State
from bot.core.turn import Turn
from bot.domain.ids import IndexName, InstrumentName
from bot.domain.instant import MINUTE_MS, iso
from bot.domain.instrument import Instrument
from bot.domain.money import Amount
from bot.portfolio.position import FLAT

__all__ = ["awaits_delivery", "expired_indices", "has_expired", "prove_deliveries"]

AWAITED_MS: Final = 15 * MINUTE_MS  # for which the venue may take to say what was delivered


def expired_indices(state: State) -> tuple[IndexName, ...]:
    """Name the indices of what is held and has expired: their delivery prices are wanted."""
    return tuple(sorted({instrument.index for instrument in _expired(state, at_ms=state.now_ms)}))


def awaits_delivery(state: State, name: InstrumentName) -> bool:
    """Say whether an instrument has expired so lately that its end need not be told yet.

    One that nobody has defined is taken for the future that an option passes through on its way to
    cash, for as long as something of ours is being delivered (PROTOCOL §18).
    """
    instrument = definition(state, name)
    if instrument is None:
        return any(_is_fresh(state, known) for known in _expired(state, at_ms=state.now_ms))
    return _is_fresh(state, instrument)


def _is_fresh(state: State, instrument: Instrument) -> bool:
    if instrument.expiry_ms is None:
        return False
    return 0 <= state.now_ms - instrument.expiry_ms < AWAITED_MS


def has_expired(state: State, name: InstrumentName, *, at_ms: int) -> bool:
    """Say whether an instrument's end had come by then, by the venue's own timestamp."""
    instrument = definition(state, name)
    return (
        instrument is not None
        and instrument.expiry_ms is not None
        and instrument.expiry_ms <= at_ms
    )


def prove_deliveries(turn: Turn, news: Gathered) -> None:
    """Book what the venue says was delivered, where it is exactly what we held."""
    state = turn.state
    for instrument in _expired(state, at_ms=news.began_ms):
        name = instrument.name
        day = iso(instrument.expiry_ms or 0)[:10]
        price = news.delivery_prices.get(instrument.index, {}).get(day)
        is_gone = news.positions.get(name, 0) == 0
        is_ours = news.delivered.get(name) == _in_account(state, name)
        if price is None or not is_gone or not is_ours:
            continue
        turn.record(Delivered(instrument=instrument, delivery_price=price, at_ms=state.now_ms))
        turn.say("delivered", instrument=name, price=str(price))


def _expired(state: State, *, at_ms: int) -> list[Instrument]:
    found = []
    for name in sorted({*state.durable.positions, *state.durable.foreign.apart}):
        instrument = definition(state, name)
        if _in_account(state, name) == 0 or instrument is None or instrument.expiry_ms is None:
            continue
        if instrument.expiry_ms <= at_ms:
            found.append(instrument)
    return found


def _in_account(state: State, name: InstrumentName) -> Amount:
    """Return what the venue should hold and deliver: ours, and what stands apart [C-509]."""
    ours = state.durable.positions.get(name, FLAT).quantity
    return Amount(ours + apart_of(state.durable.foreign, name))
