"""One line of a recording: a `public/get_order_book` result, exact from its text."""

from decimal import Decimal
from typing import Final

import msgspec

from bot.domain.ids import InstrumentName
from bot.domain.instrument import Instrument
from bot.domain.money import NotMoneyError, exact
from bot.domain.name import BadName, OptionName, parse_name
from bot.domain.report import Level
from bot.simulator.market.expiries import expiry_ms
from bot.simulator.market.specification import COINS, RECORDED_TICKS, option

__all__ = ["BadLineError", "RecordedLine", "decode_line", "recorded_instrument"]

_LEVELS_MAX: Final = 100
_SPAN_MS: Final = (1_262_304_000_000, 4_102_444_800_000)  # 2010 to 2100: other times are no times


class BadLineError(ValueError):
    """A line that is no order book; the message says why."""


class RecordedLine(msgspec.Struct, frozen=True, kw_only=True):
    """What a recorded book holds that the market needs; other fields are ignored.

    Prices of options in coin, of the index and the underlying in USD; `mark_iv` in percent; time
    in ms. Source: PROTOCOL §6.1, captures of 2023.
    """

    instrument_name: InstrumentName
    timestamp: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    mark_price: Decimal
    index_price: Decimal
    underlying_price: Decimal
    underlying_index: str
    mark_iv: Decimal


_DECODER: Final = msgspec.json.Decoder(RecordedLine)


def decode_line(text: bytes) -> RecordedLine:
    """Read a line. Raises BadLineError for what is no order book, or one that cannot be."""
    try:
        line = _DECODER.decode(text)
    except (msgspec.DecodeError, ValueError) as fault:
        raise BadLineError(str(fault)) from None
    try:
        _check(line)
    except NotMoneyError as fault:
        raise BadLineError(str(fault)) from None
    return line


def recorded_instrument(name: str) -> Instrument:
    """Define the option of a recorded book from its name.

    The lines carry no definition: the expiry is taken as 08:00 UTC of the name's date, tick (0.0005
    everywhere) and minimum (0.1) as they were in 2023. Raises BadLineError for any other name.
    """
    parsed = parse_name(name)
    if isinstance(parsed, BadName):
        raise BadLineError(f"instrument {parsed.was!r} is not {parsed.must}")
    coin = next((coin for coin in COINS if coin.name == parsed.pair), None)
    if coin is None or not isinstance(parsed, OptionName):
        raise BadLineError(f"instrument {name!r} is not an option of BTC or ETH")
    return option(
        coin,
        expiry_ms=expiry_ms(parsed.expires),
        strike=parsed.strike,
        option_type=parsed.option_type,
        ticks=RECORDED_TICKS,
    )


def _check(line: RecordedLine) -> None:
    """Refuse what no market shows; raises BadLineError or NotMoneyError."""
    if not _SPAN_MS[0] <= line.timestamp <= _SPAN_MS[1]:
        raise BadLineError(f"timestamp {line.timestamp} is not a time in ms")
    for what, number in (
        ("mark_price", line.mark_price),
        ("mark_iv", line.mark_iv),
    ):
        if exact(number) < 0:
            raise BadLineError(f"{what} is {number}, below 0")
    for what, number in (
        ("index_price", line.index_price),
        ("underlying_price", line.underlying_price),
    ):
        if exact(number) <= 0:
            raise BadLineError(f"{what} is {number}, not above 0")
    for side in (line.bids, line.asks):
        if len(side) > _LEVELS_MAX:
            raise BadLineError(f"{len(side)} levels on one side, at most {_LEVELS_MAX}")
        if any(exact(level.price) <= 0 or exact(level.amount) <= 0 for level in side):
            raise BadLineError("a level has a price or amount that is not above 0")
    bids = [level.price for level in line.bids]
    asks = [level.price for level in line.asks]
    if bids != sorted(bids, reverse=True) or asks != sorted(asks):
        raise BadLineError("levels are not best first")
    if bids and asks and bids[0] >= asks[0]:
        raise BadLineError(f"the book is crossed: bid {bids[0]}, ask {asks[0]}")
