"""An instrument as the wire shows it (PROTOCOL §5)."""

from typing import Any, Final

from bot.domain.instrument import BookState, Instrument, Kind
from bot.simulator.exchange.expiry import PERPETUAL_EXPIRY_MS, settlement_period

__all__ = ["group_of", "instrument_id", "show_instrument", "wire_kind"]

_LISTED_MS: Final = 1_534_242_287_000  # the day BTC-PERPETUAL was listed [cap]: old enough for all
_BLOCK_MIN: Final = {Kind.OPTION: 25, Kind.FUTURE: 200_000, Kind.PERPETUAL: 200_000}


def wire_kind(kind: Kind) -> str:
    """Return the venue's word: a perpetual is a future there."""
    return "option" if kind is Kind.OPTION else "future"


def instrument_id(name: str) -> int:
    """Give an instrument a number that stays the same over restarts: from its name alone."""
    number = 0
    for byte in name.encode():
        number = (number * 131 + byte) % 900_000_007
    return number


def group_of(instrument: Instrument) -> str:
    """Return the settlement currency group that look-ups by currency use."""
    return instrument.currency


def show_instrument(instrument: Instrument, *, state: BookState) -> dict[str, Any]:
    """Return the wire form of a definition, with the book's present state."""
    is_option = instrument.kind is Kind.OPTION
    is_inverse = instrument.is_inverse
    shown: dict[str, Any] = {
        "instrument_name": instrument.name,
        "instrument_id": instrument_id(instrument.name),
        "kind": wire_kind(instrument.kind),
        "instrument_type": "reversed" if is_inverse else "linear",
        "base_currency": instrument.base,
        "quote_currency": _quote_currency(instrument),
        "counter_currency": "USD" if is_inverse else "USDC",
        "settlement_currency": instrument.currency,
        "settlement_period": settlement_period(instrument),
        "price_index": instrument.index,
        "contract_size": instrument.contract_size,
        "min_trade_amount": instrument.amount_min,
        "tick_size": instrument.ticks.tick,
        "tick_size_steps": [
            {"above_price": step.above_price, "tick_size": step.tick}
            for step in instrument.ticks.steps
        ],
        "maker_commission": instrument.maker_rate,
        "taker_commission": instrument.taker_rate,
        "block_trade_commission": instrument.taker_rate,
        "block_trade_min_trade_amount": _BLOCK_MIN[instrument.kind],
        "block_trade_tick_size": instrument.ticks.tick,
        "creation_timestamp": _LISTED_MS,
        "expiration_timestamp": instrument.expiry_ms or PERPETUAL_EXPIRY_MS,
        "is_active": state in (BookState.OPEN, BookState.SETTLEMENT),
        "state": state.value,
    }
    if is_option:
        shown["strike"] = instrument.strike
        shown["option_type"] = instrument.option_type.value if instrument.option_type else None
    else:
        shown["future_type"] = shown["instrument_type"]
        shown["max_leverage"] = 50
        shown["max_non_default_leverage"] = 5
        shown["max_liquidation_commission"] = 0.0075
    return shown


def _quote_currency(instrument: Instrument) -> str:
    if not instrument.is_inverse:
        return "USDC"
    return instrument.base if instrument.kind is Kind.OPTION else "USD"
