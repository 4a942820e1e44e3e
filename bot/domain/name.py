"""The venue's instrument names: a cross-check on the definition, never its source.

Grammar (DOMAIN §1.3):

    future    = CUR "-" DATE
    perpetual = CUR "-PERPETUAL"
    option    = CUR "-" DATE "-" STRIKE "-" ("C" | "P")
    CUR       = UPPER+ [ "_" UPPER+ ]
    DATE      = DAY MON YY          day without a leading zero, JAN..DEC, two digits of 20YY
    STRIKE    = DIGITS [ "d" DIGITS ]

Combos and spot pairs are no names of ours: they are refused.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, TypeAlias, assert_never

import msgspec

from bot.domain.ids import InstrumentName
from bot.domain.instrument import Instrument, Kind, OptionType

__all__ = [
    "BadName",
    "FutureName",
    "Name",
    "OptionName",
    "PerpetualName",
    "check_name",
    "parse_name",
    "print_name",
]


class PerpetualName(msgspec.Struct, frozen=True, kw_only=True, tag="perpetual"):
    """`BTC-PERPETUAL`, `BTC_USDC-PERPETUAL`."""

    pair: str


class FutureName(msgspec.Struct, frozen=True, kw_only=True, tag="future"):
    """`BTC-26JUN26`."""

    pair: str
    expires: date


class OptionName(msgspec.Struct, frozen=True, kw_only=True, tag="option"):
    """`BTC-26JUN26-70000-C`; the strike keeps the digits it was written with."""

    pair: str
    expires: date
    strike: Decimal
    option_type: OptionType


class BadName(msgspec.Struct, frozen=True, kw_only=True, tag="bad_name"):
    """A name that is none of ours, or not this instrument's. `was` is cut to 64 characters."""

    was: str
    must: str


Name: TypeAlias = PerpetualName | FutureName | OptionName

_MONTHS: Final = (
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
)  # fmt: skip
_TYPES: Final = {"C": OptionType.CALL, "P": OptionType.PUT}
_LENGTH_MAX: Final = 64
_SHAPE: Final = re.compile(
    r"(?P<pair>[A-Z]+(?:_[A-Z]+)?)-(?:(?P<perpetual>PERPETUAL)"
    r"|(?P<day>[1-9][0-9]?)(?P<month>[A-Z]{3})(?P<year>[0-9]{2})"
    r"(?:-(?P<strike>(?:0|[1-9][0-9]*)(?:d[0-9]+)?)-(?P<type>[CP]))?)"
)


def parse_name(text: str) -> Name | BadName:
    """Read a name; anything outside the grammar, or a day that no calendar has, is refused."""
    found = _SHAPE.fullmatch(text) if len(text) <= _LENGTH_MAX else None
    if found is None:
        return _bad(text, "a name of the venue's grammar")
    pair = found["pair"]
    if found["perpetual"]:
        return PerpetualName(pair=pair)
    if found["month"] not in _MONTHS:
        return _bad(text, "a month JAN to DEC")
    month = _MONTHS.index(found["month"]) + 1
    try:
        expires = date(2000 + int(found["year"]), month, int(found["day"]))
    except ValueError:
        return _bad(text, "a day that the month has")
    if found["strike"] is None:
        return FutureName(pair=pair, expires=expires)
    strike = Decimal(found["strike"].replace("d", "."))
    if strike == 0:
        return _bad(text, "a strike above 0")
    return OptionName(pair=pair, expires=expires, strike=strike, option_type=_TYPES[found["type"]])


def print_name(name: Name) -> InstrumentName:
    """Write a name as the venue does."""
    match name:
        case PerpetualName():
            text = f"{name.pair}-PERPETUAL"
        case FutureName():
            text = f"{name.pair}-{_date_text(name.expires)}"
        case OptionName():
            strike = format(name.strike, "f").replace(".", "d")
            letter = "C" if name.option_type is OptionType.CALL else "P"
            text = f"{name.pair}-{_date_text(name.expires)}-{strike}-{letter}"
        case _:
            assert_never(name)
    return InstrumentName(text)


def check_name(instrument: Instrument) -> BadName | None:
    """Return what contradicts when an instrument's definition says something else than its name.

    The fields decide; a contradiction means that one of the two is not what we think, and nothing
    is traded on either (DOMAIN §1.1).
    """
    name = parse_name(instrument.name)
    if isinstance(name, BadName):
        return name
    coin, _, quote = name.pair.partition("_")
    facts = [
        ("kind", _kind_of(name).value, instrument.kind.value),
        ("coin", coin, str(instrument.base)),
        ("settles in", quote or coin, str(instrument.currency)),
        ("inverse", str(not quote), str(instrument.is_inverse)),
    ]
    if not isinstance(name, PerpetualName):
        facts.append(("expiry", name.expires.isoformat(), _utc_day(instrument.expiry_ms)))
    if isinstance(name, OptionName) and instrument.kind is Kind.OPTION:
        if name.strike != instrument.strike:
            facts.append(("strike", str(name.strike), str(instrument.strike)))
        facts.append(("type", name.option_type.value, _value_of(instrument.option_type)))
    for what, named, defined in facts:
        if named != defined:
            return BadName(was=f"{what} {defined}", must=f"{what} {named}, as {instrument.name}")
    return None


def _kind_of(name: Name) -> Kind:
    match name:
        case PerpetualName():
            return Kind.PERPETUAL
        case FutureName():
            return Kind.FUTURE
        case OptionName():
            return Kind.OPTION
        case _:
            assert_never(name)


def _date_text(day: date) -> str:
    # The venue's month letters are not the locale's, so strftime is no use here.
    return f"{day.day}{_MONTHS[day.month - 1]}{day.year % 100:02d}"


def _utc_day(at_ms: int | None) -> str:
    if at_ms is None:
        return "none"
    return datetime.fromtimestamp(at_ms // 1000, tz=UTC).date().isoformat()


def _value_of(option_type: OptionType | None) -> str:
    return "none" if option_type is None else option_type.value


def _bad(text: str, must: str) -> BadName:
    return BadName(was=text[:_LENGTH_MAX], must=must)
