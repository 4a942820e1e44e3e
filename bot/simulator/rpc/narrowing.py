"""Which rows a look-up by currency, kind or instrument is about."""

from typing import Protocol

from bot.domain.ids import Currency, InstrumentName
from bot.simulator.rpc.market import WireKind
from bot.simulator.rpc.method import Call
from bot.simulator.show.instrument import wire_kind
from bot.simulator.show.order import definition

__all__ = ["Narrowed", "is_asked", "is_of"]


class Narrowed(Protocol):
    """Parameters that name a currency, a kind or an instrument, or leave it open."""

    currency: str | None
    instrument_name: InstrumentName | None
    kind: WireKind


def is_asked(call: Call, name: InstrumentName, asked: Narrowed) -> bool:
    """Say whether an instrument is among those asked for."""
    if asked.instrument_name is not None and asked.instrument_name != name:
        return False
    return is_of(call, name, currency=asked.currency, kind=asked.kind)


def is_of(call: Call, name: InstrumentName, *, currency: str | None, kind: str) -> bool:
    """Say whether an instrument is of a settlement currency group and a kind."""
    instrument = definition(call.venue, name)
    if instrument is None:
        return False
    return currency in (None, "any", Currency(instrument.currency)) and kind in (
        "any",
        wire_kind(instrument.kind),
    )
