"""Channel names: what a subscription is about (PROTOCOL §7)."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, final

from bot.domain.ids import Currency, IndexName, InstrumentName
from bot.domain.instrument import Instrument
from bot.simulator.exchange.venue import Venue
from bot.simulator.show.instrument import wire_kind

__all__ = ["CHANNELS_MAX", "PLATFORM", "Family", "Interval", "Topic", "parse_channel", "speaks_of"]

CHANNELS_MAX: Final = 500  # in one call
PLATFORM: Final = "platform_state"


class Interval(Enum):
    """How often a channel speaks."""

    RAW = "raw"
    TENTH = "100ms"
    SECOND = "agg2"


class Family(Enum):
    """What a channel carries."""

    BOOK = "book"
    BOOK_GROUPED = "book_grouped"
    TICKER = "ticker"
    QUOTE = "quote"
    TRADES = "trades"
    INDEX = "deribit_price_index"
    ESTIMATE = "estimated_expiration_price"
    MARKS = "markprice.options"
    PERPETUAL = "perpetual"
    STATE = "instrument.state"
    PLATFORM = "platform_state"
    ORDERS = "user.orders"
    FILLS = "user.trades"
    CHANGES = "user.changes"
    PORTFOLIO = "user.portfolio"


USER_FAMILIES: Final = (Family.ORDERS, Family.FILLS, Family.CHANGES, Family.PORTFOLIO)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A channel taken apart. None for instrument, kind or currency means any."""

    name: str
    family: Family
    interval: Interval = Interval.TENTH
    instrument: InstrumentName | None = None
    kind: str | None = None
    currency: Currency | None = None
    index: IndexName | None = None
    depth: int = 0

    @property
    def is_private(self) -> bool:
        """True for channels of an account."""
        return self.family in USER_FAMILIES


def parse_channel(name: str, *, venue: Venue) -> Topic | None:
    """Take a channel name apart; None when there is no such channel, instrument or index."""
    words = name.split(".")
    for prefix, parse in _PARSERS:
        count = len(prefix)
        if tuple(words[:count]) == prefix:
            topic = parse(name, words[count:])
            return topic if topic is not None and _exists(topic, venue) else None
    return None


def speaks_of(topic: Topic, instrument: Instrument) -> bool:
    """Say whether a topic covers an instrument."""
    if topic.instrument is not None:
        return topic.instrument == instrument.name
    return topic.kind in (None, wire_kind(instrument.kind)) and topic.currency in (
        None,
        instrument.currency,
    )


def _exists(topic: Topic, venue: Venue) -> bool:
    if topic.instrument is not None and topic.instrument not in venue.books:
        return False
    return topic.index is None or topic.index in venue.indices


def _interval(word: str) -> Interval | None:
    return next((interval for interval in Interval if interval.value == word), None)


def _book(name: str, rest: list[str]) -> Topic | None:
    if len(rest) == 2 and (interval := _interval(rest[1])):
        return Topic(
            name=name, family=Family.BOOK, interval=interval, instrument=InstrumentName(rest[0])
        )
    if len(rest) == 4 and rest[1] == "none" and rest[2] in ("1", "10", "20"):
        interval = _interval(rest[3])
        if interval in (Interval.TENTH, Interval.SECOND):
            return Topic(
                name=name,
                family=Family.BOOK_GROUPED,
                interval=interval,
                instrument=InstrumentName(rest[0]),
                depth=int(rest[2]),
            )
    return None


def _of_instrument(family: Family) -> Callable[[str, list[str]], Topic | None]:
    def parse(name: str, rest: list[str]) -> Topic | None:
        if len(rest) != 2 or (interval := _interval(rest[1])) is None:
            return None
        instrument = InstrumentName(rest[0])
        return Topic(name=name, family=family, interval=interval, instrument=instrument)

    return parse


def _of_any(family: Family) -> Callable[[str, list[str]], Topic | None]:
    one = _of_instrument(family)

    def parse(name: str, rest: list[str]) -> Topic | None:
        if len(rest) != 3 or (interval := _interval(rest[2])) is None:
            return one(name, rest)
        return _of_kind(name, family, rest[0], rest[1], interval)

    return parse


def _of_kind(
    name: str, family: Family, kind: str, currency: str, interval: Interval
) -> Topic | None:
    if kind not in ("any", "option", "future", "spot", "future_combo", "option_combo"):
        return None
    return Topic(
        name=name,
        family=family,
        interval=interval,
        kind=None if kind == "any" else kind,
        currency=None if currency == "any" else Currency(currency.upper()),
    )


def _of_index(family: Family) -> Callable[[str, list[str]], Topic | None]:
    def parse(name: str, rest: list[str]) -> Topic | None:
        if len(rest) != 1:
            return None
        return Topic(name=name, family=family, index=IndexName(rest[0]))

    return parse


def _quote(name: str, rest: list[str]) -> Topic | None:
    if len(rest) != 1:
        return None
    return Topic(
        name=name, family=Family.QUOTE, interval=Interval.RAW, instrument=InstrumentName(rest[0])
    )


def _state(name: str, rest: list[str]) -> Topic | None:
    if len(rest) != 2:
        return None
    return _of_kind(name, Family.STATE, rest[0], rest[1], Interval.RAW)


def _portfolio(name: str, rest: list[str]) -> Topic | None:
    if len(rest) != 1:
        return None
    currency = None if rest[0] == "any" else Currency(rest[0].upper())
    return Topic(name=name, family=Family.PORTFOLIO, interval=Interval.SECOND, currency=currency)


def _platform(name: str, rest: list[str]) -> Topic | None:
    return (
        Topic(name=name, family=Family.PLATFORM) if rest in ([], ["public_methods_state"]) else None
    )


_PARSERS: Final[tuple[tuple[tuple[str, ...], Callable[[str, list[str]], Topic | None]], ...]] = (
    (("book",), _book),
    (("ticker",), _of_instrument(Family.TICKER)),
    (("quote",), _quote),
    (("trades",), _of_any(Family.TRADES)),
    (("deribit_price_index",), _of_index(Family.INDEX)),
    (("estimated_expiration_price",), _of_index(Family.ESTIMATE)),
    (("markprice", "options"), _of_index(Family.MARKS)),
    (("perpetual",), _of_instrument(Family.PERPETUAL)),
    (("instrument", "state"), _state),
    (("platform_state",), _platform),
    (("user", "orders"), _of_any(Family.ORDERS)),
    (("user", "trades"), _of_any(Family.FILLS)),
    (("user", "changes"), _of_any(Family.CHANGES)),
    (("user", "portfolio"), _portfolio),
)
