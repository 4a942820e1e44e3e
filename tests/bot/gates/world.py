"""A world in which every gate lets an open pass, to be changed one fact at a time."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec

from bot.domain.instant import DAY_MS
from bot.domain.instrument import Instrument
from bot.domain.mode import Mode
from bot.domain.money import Amount, Price
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.domain.report import Account, Level, Ticker
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.market.book import Book
from bot.policy.load import load
from bot.policy.policy import Policy
from bot.portfolio.exposure import Exposure, Span

__all__ = [
    "FACTS",
    "FUTURE",
    "NOW_MS",
    "OPEN",
    "OPTION",
    "PERPETUAL",
    "POLICY",
    "book",
    "facts",
    "intent",
    "option",
    "perpetual_facts",
    "reason_of",
    "span",
    "ticker",
]

EXPIRY_MS: Final = 1782460800000  # 2026-06-26T08:00:00Z
NOW_MS: Final = EXPIRY_MS - 30 * DAY_MS

_FILE: Final = Path(__file__).resolve().parents[3] / "config/trading_policy.yaml"
POLICY: Final[Policy] = load(_FILE.read_text(), source=_FILE.name)

Gate = Callable[[OrderIntent, Facts, Policy], Refusal | None]


def _listed(**fields: object) -> Instrument:
    usual: dict[str, object] = {
        "name": "BTC-26JUN26-72000-C",
        "kind": "option",
        "is_inverse": True,
        "base": "BTC",
        "currency": "BTC",
        "index": "btc_usd",
        "contract_size": "1",
        "amount_min": "0.1",
        "amount_step": "0.1",
        "ticks": {"tick": "0.0001", "steps": [{"above_price": "0.005", "tick": "0.0005"}]},
        "maker_rate": "0.0003",
        "taker_rate": "0.0003",
        "state": "open",
        "expiry_ms": EXPIRY_MS,
        "strike": "72000",
        "option_type": "call",
    }
    return msgspec.convert({**usual, **fields}, Instrument)


def option(*, strike: int = 72000, days: float = 30) -> Instrument:
    """Return a call with this strike and life."""
    return _listed(strike=str(strike), expiry_ms=NOW_MS + int(days * DAY_MS))


OPTION: Final = option()
PERPETUAL: Final = _listed(
    name="BTC-PERPETUAL",
    kind="perpetual",
    contract_size="10",
    amount_min="10",
    amount_step="10",
    ticks={"tick": "0.5"},
    maker_rate="0",
    taker_rate="0.0005",
    expiry_ms=None,
    strike=None,
    option_type=None,
)
FUTURE: Final = _listed(
    name="BTC-26JUN26",
    kind="future",
    contract_size="10",
    amount_min="10",
    amount_step="10",
    ticks={"tick": "2.5"},
    maker_rate="0",
    taker_rate="0.0005",
    strike=None,
    option_type=None,
)


def book(
    bids: tuple[tuple[str, str], ...] = (("0.0135", "10"),),
    asks: tuple[tuple[str, str], ...] = (("0.0145", "10"),),
    **changes: Any,
) -> Book:
    """Return a book of (price, amount), best first."""
    made = Book(
        instrument=OPTION.name, change_id=1, at_ms=NOW_MS, bids=_levels(bids), asks=_levels(asks)
    )
    return replace(made, **changes)


def _levels(rows: tuple[tuple[str, str], ...]) -> tuple[Level, ...]:
    return tuple(Level(Price(Decimal(price)), Amount(Decimal(amount))) for price, amount in rows)


def ticker(**changes: object) -> Ticker:
    """Return the ticker of the option, with some fields as given."""
    usual: dict[str, object] = {
        "type": "ticker",
        "instrument": OPTION.name,
        "at_ms": NOW_MS,
        "state": "open",
        "bid": None,
        "ask": None,
        "mark": "0.0140",
        "index": "60000",
        "price_min": "0.0001",
        "price_max": "0.0900",
        "mark_iv": 0.6,
        "underlying": "60000",
    }
    return msgspec.convert({**usual, **changes}, Ticker)


def span(worst: float) -> Span:
    """Return a span whose worst end is its low one, which a careless maximum would miss."""
    return Span(now=0.0, low=-worst, high=worst / 2)


FACTS: Final = Facts(
    now_ms=NOW_MS,
    mode=Mode.ACTIVE,
    latch_missing=(),
    instrument=OPTION,
    instrument_age_ms=0,
    fees_age_ms=0,
    is_clock_good=True,
    book=book(),
    ticker=ticker(),
    book_age_ms=0,
    mark_age_ms=0,
    index=Price(Decimal(60000)),
    index_age_ms=0,
    index_jump_ratio=0.0,
    own=(),
    cooling_until_ms=0,
    exposure=Exposure(delta=span(0.1), gamma=span(0.01), vega=span(10.0)),
    gross_options=Amount(Decimal("0.6")),
    short_of_expiry=Amount(Decimal("0.6")),
    account=msgspec.convert(
        {
            "type": "account",
            "currency": "BTC",
            "equity": "10",
            "balance": "10",
            "margin_balance": "10",
            "available": "9",
            "initial_margin": "0",
            "maintenance_margin": "0",
            "delta_total": 0.0,
            "session_upl": "0",
            "session_rpl": "0",
        },
        Account,
    ),
    account_age_ms=0,
    margin_after=Decimal(1),
    maintenance_after=Decimal(1),
    day_equity=Decimal(10),
    day_opens=0,
    day_orders=0,
    day_fees=Decimal(0),
    day_cancels=0,
    day_fills=0,
    recent=(),
    executions=(),
    ledger_failure=None,
)

OPEN: Final = msgspec.convert(
    {
        "type": "order",
        "owner": {"environment": "DEV", "account": "a", "ledger": "l"},
        "decision": {
            "strategy": "strangle",
            "strategy_version": "1",
            "config_hash": "c",
            "sequence": 1,
        },
        "instrument": OPTION.name,
        "side": "sell",
        "amount": "0.3",
        "price": "0.0135",
        "role": "OPEN",
        "time_in_force": "good_til_cancelled",
        "post_only": False,
        "reduce_only": False,
        "valid_until_ms": NOW_MS + 5000,
        "decided_ms": NOW_MS,
    },
    OrderIntent,
)


def facts(**changes: Any) -> Facts:
    """Return the facts, some of them changed."""
    return replace(FACTS, **changes)


def perpetual_facts(**changes: Any) -> Facts:
    """Return the facts of the perpetual at 60000, a tick wide."""
    usual = {
        "instrument": PERPETUAL,
        "book": book((("60000", "100000"),), (("60000.5", "100000"),)),
        "ticker": ticker(
            instrument=PERPETUAL.name,
            mark="60000",
            price_min="58000",
            price_max="62000",
            mark_iv=None,
            underlying=None,
        ),
    }
    return facts(**{**usual, **changes})


def intent(**changes: object) -> OrderIntent:
    """Return the open, some of its fields changed; numbers may be given as text."""
    told = msgspec.to_builtins(OPEN)
    return msgspec.convert({**told, **changes}, OrderIntent)


def reason_of(
    gate: Gate, order: OrderIntent = OPEN, /, seen: Facts = FACTS, *, policy: Policy = POLICY
) -> Reason | None:
    """Ask one gate and return the reason of its no, or None."""
    answer = gate(order, seen, policy)
    return None if answer is None else answer.reason
