"""`public/get_instruments` (PROTOCOL §5)."""

from decimal import Decimal
from typing import Final

import msgspec

from bot.domain.ids import Currency, IndexName, InstrumentName
from bot.domain.instrument import BookState, Instrument, Kind, OptionType
from bot.domain.money import Amount, exact
from bot.domain.report import InstrumentState
from bot.domain.tick import TickSchedule, TickStep
from bot.venue.undecodable import reading
from bot.venue.wire.number import whole
from bot.venue.wire.state import book_state

__all__ = ["decode_instrument_state", "decode_instruments"]

_KINDS: Final = {"option": Kind.OPTION, "future": Kind.FUTURE}  # combos and spot are not traded
_INVERSE: Final = {"reversed": True, "linear": False}


class _WireStep(msgspec.Struct, frozen=True, kw_only=True):
    above_price: Decimal
    tick_size: Decimal


class _WireInstrument(msgspec.Struct, frozen=True, kw_only=True):
    instrument_name: str
    kind: str
    base_currency: str
    price_index: str
    contract_size: Decimal
    min_trade_amount: Decimal
    tick_size: Decimal
    maker_commission: Decimal
    taker_commission: Decimal
    expiration_timestamp: Decimal
    is_active: bool
    instrument_type: str | None = None
    future_type: str | None = None  # the deprecated twin
    settlement_currency: str | None = None  # absent for spot
    settlement_period: str | None = None
    state: str | None = None
    tick_size_steps: tuple[_WireStep, ...] = ()
    strike: Decimal | None = None
    option_type: OptionType | None = None


class _WireState(msgspec.Struct, frozen=True, kw_only=True):
    instrument_name: str
    timestamp: Decimal
    state: str


class _WireKind(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    instrument_type: str | None = None
    future_type: str | None = None


_RAWS: Final = msgspec.json.Decoder(tuple[msgspec.Raw, ...])
_KIND: Final = msgspec.json.Decoder(_WireKind)
_INSTRUMENT: Final = msgspec.json.Decoder(_WireInstrument)
_STATE: Final = msgspec.json.Decoder(_WireState)


def decode_instruments(raw: bytes | msgspec.Raw) -> tuple[Instrument, ...]:
    """Decode the instruments that we can trade, in the venue's order. Raises UndecodableError.

    Spot, combos and kinds to come are left out before their fields are looked at: they are never
    traded here, and a new product must not blind the engine to the old ones.
    """
    with reading("instruments"):
        return tuple(
            _instrument(_INSTRUMENT.decode(one)) for one in _RAWS.decode(raw) if _is_ours(one)
        )


def decode_instrument_state(raw: bytes | msgspec.Raw) -> InstrumentState:
    """Decode the channel `instrument.state.*`. Raises UndecodableError."""
    with reading("instrument state"):
        wire = _STATE.decode(raw)
        return InstrumentState(
            instrument=InstrumentName(wire.instrument_name),
            at_ms=whole(wire.timestamp),
            state=book_state(wire.state),
        )


def _is_ours(raw: msgspec.Raw) -> bool:
    wire = _KIND.decode(raw)
    return wire.kind in _KINDS and (wire.instrument_type or wire.future_type) in _INVERSE


def _instrument(wire: _WireInstrument) -> Instrument:
    kind = Kind.PERPETUAL if wire.settlement_period == "perpetual" else _KINDS[wire.kind]
    is_inverse = _INVERSE[wire.instrument_type or wire.future_type or ""]
    if wire.settlement_currency is None:
        raise ValueError(f"{wire.instrument_name} has no settlement currency")
    is_stepped_by_contract = is_inverse and kind is not Kind.OPTION
    return Instrument(
        name=InstrumentName(wire.instrument_name),
        kind=kind,
        is_inverse=is_inverse,
        base=Currency(wire.base_currency),
        currency=Currency(wire.settlement_currency),
        index=IndexName(wire.price_index),
        contract_size=exact(wire.contract_size),
        amount_min=Amount(exact(wire.min_trade_amount)),
        amount_step=Amount(
            exact(wire.contract_size if is_stepped_by_contract else wire.min_trade_amount)
        ),
        ticks=_ticks(wire),
        maker_rate=exact(wire.maker_commission),
        taker_rate=exact(wire.taker_commission),
        state=_state(wire),
        # The venue dates a perpetual to the year 3000.
        expiry_ms=None if kind is Kind.PERPETUAL else whole(wire.expiration_timestamp),
        strike=None if wire.strike is None else exact(wire.strike),
        option_type=wire.option_type,
    )


def _ticks(wire: _WireInstrument) -> TickSchedule:
    steps = (
        TickStep(above_price=exact(step.above_price), tick=exact(step.tick_size))
        for step in wire.tick_size_steps
    )
    return TickSchedule(
        tick=exact(wire.tick_size), steps=tuple(sorted(steps, key=lambda step: step.above_price))
    )


def _state(wire: _WireInstrument) -> BookState:
    # Test servers leave `state` out; and a book called open which is not active takes no order.
    if wire.state is None:
        return BookState.OPEN if wire.is_active else BookState.INACTIVE
    state = book_state(wire.state)
    return BookState.INACTIVE if state is BookState.OPEN and not wire.is_active else state
