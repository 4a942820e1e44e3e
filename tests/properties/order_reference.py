"""An order's truth at an honest venue, and what an engine may believe of it: facts, no transitions.

Written from the prose of C-204 to C-206. What was told is kept as a set of facts, and the phase is
read off them: presence beats every doubt and every "no", an end beats a resting state that was told
late, the most that was told of filling counts. Nothing here knows a table of (phase, event).
"""

from dataclasses import dataclass, field
from decimal import Decimal

from bot.core.effect import SendOrder
from bot.domain.order import OrderState
from bot.domain.report import Fill, OrderReport
from tests.bot.core.words import fill_of, report_of

__all__ = ["FORGOTTEN_MS", "Believed", "Kept", "Told"]

FORGOTTEN_MS = 30 * 60_000  # how long the venue shows an order that has ended (PROTOCOL §11)
LOT = Decimal("0.1")
NOTHING = Decimal(0)


@dataclass
class Kept:
    """What the venue has of one order. `may_arrive`: a byte of it can still be on its way."""

    order: SendOrder
    order_id: str
    may_arrive: bool = False
    ended_ms: int | None = None
    versions: list[OrderReport] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)

    @property
    def is_live(self) -> bool:
        """True while it rests."""
        return bool(self.versions) and self.ended_ms is None

    @property
    def filled(self) -> Decimal:
        """What has traded."""
        return sum((fill.amount for fill in self.fills), NOTHING)

    def shown(self, *, now_ms: int) -> OrderReport | None:
        """What a look-up by label finds: for half an hour after its end."""
        if not self.versions:
            return None
        is_forgotten = self.ended_ms is not None and now_ms - self.ended_ms >= FORGOTTEN_MS
        return None if is_forgotten else self.versions[-1]

    def version(self, old: int) -> OrderReport:
        """What it has shown, so many changes ago."""
        return self.versions[max(0, len(self.versions) - 1 - old)]

    def arrive(self, *, now_ms: int) -> None:
        """Come to rest."""
        self.may_arrive = False
        self._show(OrderState.OPEN, now_ms)

    def fill(self, *, trade: str, now_ms: int) -> None:
        """Trade one lot."""
        fill = fill_of(self.order, f"{LOT:f}", trade=trade, order_id=self.order_id, at_ms=now_ms)
        self.fills.append(fill)
        is_whole = self.filled == self.order.intent.amount
        self._show(OrderState.FILLED if is_whole else OrderState.OPEN, now_ms)

    def cancel(self, *, now_ms: int) -> None:
        """Come off."""
        self._show(OrderState.CANCELLED, now_ms)

    def _show(self, state: OrderState, now_ms: int) -> None:
        created_ms = self.versions[0].created_ms if self.versions else now_ms
        report = report_of(
            self.order,
            order_id=self.order_id,
            state=state,
            filled=self.filled,
            created_ms=created_ms,
            updated_ms=now_ms,
        )
        self.versions.append(report)
        self.ended_ms = None if state is OrderState.OPEN else now_ms


@dataclass
class Told:
    """What an engine has been told of one order."""

    amount: Decimal
    is_sent: bool = False
    is_doubted: bool = False
    ended_by: str | None = None  # the first definite word that it does not live
    is_gone: bool = False  # it was seen to rest, and the venue shows it no more
    shown: list[OrderReport] = field(default_factory=list)
    trades: dict[str, Decimal] = field(default_factory=dict)

    def see(self, report: OrderReport) -> None:
        """Be shown the order."""
        self.shown.append(report)

    def book(self, fill: Fill) -> None:
        """Be told a trade, for the first time or again."""
        self.trades[fill.trade_id] = fill.amount

    def doubt(self) -> None:
        """C-205: a byte may have left, and there is no definite answer. What was shown stays so."""
        if self.phase in ("RECORDED", "SENT"):
            self.is_doubted = True

    def end(self, how: str) -> None:
        """A definite no, or proof of absence: it counts where nothing was known for certain."""
        self.ended_by = self.ended_by or how

    @property
    def booked(self) -> Decimal:
        """The sum of distinct trades."""
        return sum(self.trades.values(), NOTHING)

    @property
    def phase(self) -> str:
        """What has to be believed, given all of this in whatever order it was told."""
        states = {report.state for report in self.shown}
        has_part = any(r.filled > 0 for r in self.shown if r.state is OrderState.OPEN)
        if self.booked >= self.amount or OrderState.FILLED in states:
            return "FILLED"
        if self.is_gone or OrderState.CANCELLED in states:
            return "CANCELLED"
        if self.booked or has_part:
            return "PARTIAL"
        if OrderState.OPEN in states:
            return "OPEN"
        if states:
            return "ACKED"  # it is there, in a state that could not be read
        if self.ended_by is not None:
            return self.ended_by
        if self.is_doubted:
            return "UNKNOWN"
        return "SENT" if self.is_sent else "RECORDED"

    @property
    def is_resting(self) -> bool:
        """True while the venue has shown it and no end of it."""
        return self.phase in ("ACKED", "OPEN", "PARTIAL")

    @property
    def worst(self) -> Decimal:
        """What may still be booked: all that is left, unless it has ended and said how much."""
        if self.phase in ("RECORDED", "SENT", "UNKNOWN") or self.is_resting:
            return self.amount - self.booked
        counted = max((report.filled for report in self.shown), default=NOTHING)
        if any(report.state is OrderState.FILLED for report in self.shown):
            counted = self.amount
        return max(counted - self.booked, NOTHING)


@dataclass
class Believed:
    """One order: what is, and what was told of it."""

    kept: Kept
    told: Told
