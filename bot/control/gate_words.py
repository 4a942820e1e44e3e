"""What each gate asked and what it saw, in plain words (UX §3.7).

A capsule keeps every gate's answer: a refusal has its figures, a pass has none. What a passed gate
saw is therefore told again from the snapshot that was kept with it, and is "-" where the snapshot
does not hold it. A limit is told only where it was written down: the policy's hash names the rest.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec

from bot.core.capsule import Capsule, Snapshot
from bot.domain.instant import MINUTE_MS
from bot.domain.instrument import Instrument, Kind
from bot.domain.money import plain
from bot.domain.reason import Reason
from bot.domain.side import Side
from bot.strategy.interface import Quote

__all__ = ["GATE_WORDS", "GateRow", "gate_rows", "refusal_rows"]

UNTOLD: Final = "-"


class GateRow(msgspec.Struct, frozen=True, kw_only=True):
    """One gate's part in a decision. `limit` is "-" where only the policy's hash tells it."""

    gate: str
    asked: str
    saw: str
    limit: str
    verdict: str  # "pass" or the reason code


class _Scene(NamedTuple):
    capsule: Capsule
    snapshot: Snapshot | None

    @property
    def instrument(self) -> Instrument | None:
        name = self.capsule.intent.instrument
        return self.snapshot.view.instruments.get(name) if self.snapshot else None

    @property
    def quote(self) -> Quote | None:
        name = self.capsule.intent.instrument
        return self.snapshot.view.quotes.get(name) if self.snapshot else None


class GateWords(NamedTuple):
    """A gate's question, the reasons that it can give, and how to tell what it saw."""

    asked: str
    reasons: tuple[Reason, ...]
    saw: Callable[[_Scene], str]


def gate_rows(capsule: Capsule, snapshot: Snapshot | None) -> tuple[GateRow, ...]:
    """Return every gate that stood before this intent, in its order."""
    scene = _Scene(capsule, snapshot)
    rows = []
    for name, refusal in capsule.gates:
        words = GATE_WORDS.get(name)
        rows.append(
            GateRow(
                gate=name,
                asked=words.asked if words else UNTOLD,
                saw=refusal.was if refusal else (words.saw(scene) if words else UNTOLD),
                limit=(refusal.limit if refusal else "") or UNTOLD,
                verdict=refusal.reason.value if refusal else "pass",
            )
        )
    return tuple(rows)


def refusal_rows(refusals: Sequence[tuple[str, str, str]]) -> tuple[GateRow, ...]:
    """Return the gates that refused a proposal; `refusals` is code, was, limit, in gate order.

    The record names codes and no gates. Several gates can give one code, and they are asked in
    order: each refusal belongs to the next gate that can give it; one that no gate can give comes
    from making the order.
    """
    names = list(GATE_WORDS)
    rows = []
    for code, was, limit in refusals:
        gate = next((name for name in names if _can_give(name, code)), None)
        if gate is not None:
            names = names[names.index(gate) + 1 :]
        rows.append(
            GateRow(
                gate=gate or "making",
                asked=GATE_WORDS[gate].asked if gate else "can it be made?",
                saw=was or UNTOLD,
                limit=limit or UNTOLD,
                verdict=code,
            )
        )
    return tuple(rows)


def _can_give(gate: str, code: str) -> bool:
    return any(reason.value == code for reason in GATE_WORDS[gate].reasons)


def _nothing(_scene: _Scene) -> str:
    return UNTOLD


def _mode(scene: _Scene) -> str:
    return scene.capsule.mode.value


def _latch(scene: _Scene) -> str:
    state = "open" if scene.capsule.latch_is_open else "shut"
    return f"{state}, proof #{scene.capsule.latch_generation}"


def _strategy(scene: _Scene) -> str:
    return scene.capsule.intent.decision.strategy


def _state(scene: _Scene) -> str:
    return scene.instrument.state.value if scene.instrument else UNTOLD


def _time_left(scene: _Scene) -> str:
    instrument = scene.instrument
    if instrument is None:
        return UNTOLD
    if instrument.expiry_ms is None:
        return "no expiry"
    return f"{(instrument.expiry_ms - scene.capsule.intent.decided_ms) // MINUTE_MS} min left"


def _clock(scene: _Scene) -> str:
    offset, bound = scene.capsule.clock_offset_ms, scene.capsule.clock_bound_ms
    return UNTOLD if offset is None else f"{offset:+d} ms, within {bound} ms"


def _age(scene: _Scene) -> str:
    return f"{scene.quote.age_ms} ms old" if scene.quote else UNTOLD


def _sides(scene: _Scene) -> str:
    quote = scene.quote
    if quote is None or quote.bid is None or quote.ask is None:
        return UNTOLD
    return f"{plain(quote.bid.price)} to {plain(quote.ask.price)}"


def _spread(scene: _Scene) -> str:
    quote, instrument = scene.quote, scene.instrument
    if quote is None or quote.bid is None or quote.ask is None or instrument is None:
        return UNTOLD
    tick = instrument.ticks.at(quote.bid.price)
    return f"{(quote.ask.price - quote.bid.price) / tick:.1f} ticks"


def _depth(scene: _Scene) -> str:
    quote, intent = scene.quote, scene.capsule.intent
    touch = None if quote is None else (quote.ask if intent.side is Side.BUY else quote.bid)
    if touch is None:
        return UNTOLD
    return f"{plain(touch.amount)} at touch, we {plain(intent.amount)}"


def _premium(scene: _Scene) -> str:
    quote, instrument = scene.quote, scene.instrument
    if instrument is None or instrument.kind is not Kind.OPTION:
        return "no option"
    if scene.capsule.intent.side is Side.BUY:
        return "a buy"
    return f"bid {plain(quote.bid.price)}" if quote and quote.bid else UNTOLD


def _fees(scene: _Scene) -> str:
    fee = scene.capsule.expected.fee
    return UNTOLD if fee is None else f"fee {plain(fee)} expected"


def _form(scene: _Scene) -> str:
    intent = scene.capsule.intent
    return f"{intent.time_in_force.name}, {intent.valid_until_ms - intent.decided_ms} ms valid"


def _price(scene: _Scene) -> str:
    return plain(scene.capsule.intent.price)


def _mark(scene: _Scene) -> str:
    return f"{_price(scene)}, mark {plain(scene.quote.mark)}" if scene.quote else UNTOLD


def _index(scene: _Scene) -> str:
    index = scene.snapshot.view.index if scene.snapshot else None
    return UNTOLD if index is None else f"index {plain(index)}"


def _size(scene: _Scene) -> str:
    return plain(scene.capsule.intent.amount)


def _own(scene: _Scene) -> str:
    if scene.snapshot is None:
        return UNTOLD
    name = scene.capsule.intent.instrument
    live = [o for o in scene.snapshot.view.orders if o.is_live and o.instrument == name]
    return f"{len(live)} of ours there"


def _exposure(scene: _Scene) -> str:
    delta = scene.snapshot.view.delta_total if scene.snapshot else None
    return UNTOLD if delta is None else f"delta {delta:+.4f} before"


def _margin(scene: _Scene) -> str:
    instrument = scene.instrument
    if scene.snapshot is None or instrument is None:
        return UNTOLD
    account = scene.snapshot.accounts.get(instrument.currency)
    if account is None or account.margin_balance <= 0:
        return UNTOLD
    return f"{account.initial_margin / account.margin_balance:.1%} before"


# One row a gate, in the order of `bot.gates.order.GATES`; a test holds them together.
GATE_WORDS: Final[dict[str, GateWords]] = {
    "mode": GateWords("is the mode ACTIVE?", (Reason.MODE,), _mode),
    "latch": GateWords("is every proof made?", (Reason.LATCH_SHUT,), _latch),
    "allowed": GateWords(
        "does the policy name it?",
        (Reason.STRATEGY_NOT_ALLOWED, Reason.INSTRUMENT_NOT_ALLOWED),
        _strategy,
    ),
    "metadata": GateWords("is what sizes it young?", (Reason.SIZING_METADATA_STALE,), _age),
    "tradable": GateWords("is its book open?", (Reason.INSTRUMENT_NOT_OPEN,), _state),
    "window": GateWords("far from expiry?", (Reason.NO_TRADE_WINDOW,), _time_left),
    "clock": GateWords("is the clock proven?", (Reason.CLOCK_UNPROVEN,), _clock),
    "freshness": GateWords("is the book young?", (Reason.BOOK_STALE,), _age),
    "two_sided": GateWords(
        "a bid below an ask?", (Reason.BOOK_ONE_SIDED, Reason.BOOK_CROSSED), _sides
    ),
    "spread": GateWords(
        "is the spread narrow?", (Reason.BOOK_ONE_SIDED, Reason.SPREAD_WIDE), _spread
    ),
    "depth": GateWords("enough in the book?", (Reason.BOOK_ONE_SIDED, Reason.DEPTH_THIN), _depth),
    "premium": GateWords("worth selling?", (Reason.PREMIUM_SMALL,), _premium),
    "fees": GateWords("fees known, and left?", (Reason.FEES_STALE, Reason.FEES_DAY), _fees),
    "form": GateWords("a legal form?", (Reason.ILLEGAL_ORDER, Reason.POST_ONLY_WOULD_TAKE), _form),
    "band": GateWords(
        "inside the venue's band?", (Reason.ILLEGAL_ORDER, Reason.PRICE_BAND), _price
    ),
    "mark_distance": GateWords("near the mark?", (Reason.MARK_DISTANCE,), _mark),
    "index_agreement": GateWords("index and forward agree?", (Reason.INDEX_DISAGREES,), _index),
    "size": GateWords(
        "a legal, allowed size?",
        (Reason.SIZE_OFF_STEP, Reason.SIZE_BELOW_MIN, Reason.SIZE_ORDER, Reason.NOTIONAL_ORDER),
        _size,
    ),
    "self_cross": GateWords("meets none of ours?", (Reason.SELF_CROSS,), _own),
    "exposure": GateWords(
        "risk at worst case?",
        (
            Reason.GREEKS_UNKNOWN,
            Reason.DELTA_LIMIT,
            Reason.GAMMA_LIMIT,
            Reason.VEGA_LIMIT,
            Reason.GROSS_OPTIONS,
            Reason.SHORT_OPTIONS_EXPIRY,
        ),
        _exposure,
    ),
    "margin": GateWords("margin after it?", (Reason.MARGIN_WHAT_IF,), _margin),
    "rate": GateWords(
        "not too many, too fast?",
        (Reason.ORDER_RATE, Reason.OPENS_DAY, Reason.VENUE_REFUSED_LATELY),
        _nothing,
    ),
    "churn": GateWords("not placed without end?", (Reason.CHURN,), _nothing),
    "repeated": GateWords("not traded without end?", (Reason.REPEATED_EXECUTION,), _nothing),
    "order_to_fill": GateWords("trades enough for orders?", (Reason.ORDER_TO_FILL,), _nothing),
    "ledger": GateWords("can it be written down?", (Reason.LEDGER_UNWRITABLE,), _nothing),
}
