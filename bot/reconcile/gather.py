"""Read the truth from the venue, in an order that lets it prove something [C-501].

The venue's clock first: every look-up below has begun after it. Trades are read again at the end,
so that a fill between the first reading and the positions is seen on both sides. What is older than
the recent view is read between the two, so that a trade on its way into the historical one is seen
as well (PROTOCOL §11).
"""

from collections.abc import Awaitable, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import TypeVar, final

from bot.core.effect import Gather
from bot.core.event import Gathered
from bot.domain.ids import Currency, IndexName, InstrumentName, Label, TradeId
from bot.domain.money import Price
from bot.domain.report import Account, Fill, OrderReport
from bot.venue.read import ReadFailed, ReadPort

__all__ = ["gather"]

T = TypeVar("T")


async def gather(port: ReadPort, ask: Gather) -> Gathered:
    """Ask every question of one reconciliation. A question that fails is named, never guessed."""
    reading = _Reading(port, ask)
    with suppress(_FailedError):  # what was read until then is true; `failures` says what is not
        await reading.read()
    return reading.gathered()


class _FailedError(Exception):
    """A question was not answered; the rest would prove nothing, and the venue is spared it."""


@final
class _Reading:
    def __init__(self, port: ReadPort, ask: Gather) -> None:
        self._port, self._ask = port, ask
        self._began_ms = 0
        self._open_orders: list[OrderReport] = []
        self._by_label: dict[Label, tuple[OrderReport, ...]] = {}
        self._history: list[OrderReport] = []
        self._trades: dict[tuple[Currency, TradeId], Fill] = {}
        self._positions: dict[InstrumentName, Decimal] = {}
        self._averages: dict[InstrumentName, Price] = {}
        self._accounts: list[Account] = []
        self._failures: list[str] = []
        self._prices: dict[IndexName, Mapping[str, Price]] = {}
        self._delivered: dict[InstrumentName, Decimal] = {}

    async def read(self) -> None:
        at = await self._answer("time", self._port.get_time())
        self._began_ms = at.at_ms
        for currency in self._ask.currencies:
            await self._read_trades(currency)
            await self._read_history(currency)
            await self._read_orders(currency)
            rows = await self._answer("positions", self._port.positions(currency))
            self._positions.update((row.instrument, row.size) for row in rows)
            averages = {row.instrument: row.average for row in rows if row.size != 0}
            self._averages.update((n, at) for n, at in averages.items() if at is not None)
            await self._read_trades(currency)
            self._accounts.append(await self._answer("account", self._port.account(currency)))
        await self._read_deliveries()

    async def _read_trades(self, currency: Currency) -> None:
        question = self._port.user_trades(currency, start=self._ask.trades_from_ms)
        fills = await self._answer("trades", question)
        self._trades.update(((currency, fill.trade_id), fill) for fill in fills)

    async def _read_history(self, currency: Currency) -> None:
        if self._ask.history_from_ms is None:
            return
        question = self._port.user_trades(
            currency, start=self._ask.history_from_ms, is_historical=True
        )
        fills = await self._answer("trades of before", question)
        self._trades.update(((currency, fill.trade_id), fill) for fill in fills)

    async def _read_orders(self, currency: Currency) -> None:
        self._open_orders += await self._answer("open orders", self._port.open_orders(currency))
        for label in self._ask.labels:
            question = self._port.orders_by_label(currency, label=label)
            found = await self._answer(f"label {label}", question)
            self._by_label[label] = (*self._by_label.get(label, ()), *found)
        if self._ask.labels:
            self._history += await self._answer("history", self._port.order_history(currency))

    async def _read_deliveries(self) -> None:
        for index in self._ask.expired:
            prices = self._port.delivery_prices(index)
            self._prices[index] = await self._answer(f"delivery prices {index}", prices)
        for currency in self._ask.currencies if self._ask.expired else ():
            rows = await self._answer("deliveries", self._port.deliveries(currency))
            self._delivered.update(rows)

    async def _answer(self, name: str, question: Awaitable[T | ReadFailed]) -> T:
        answer = await question
        if isinstance(answer, ReadFailed):
            self._failures.append(f"{name}: {answer.why}")
            raise _FailedError
        return answer

    def gathered(self) -> Gathered:
        return Gathered(
            generation=self._ask.generation,
            epoch=self._ask.epoch,
            began_ms=self._began_ms,
            open_orders=tuple(self._open_orders),
            by_label=self._by_label,
            history=tuple(self._history),
            trades=tuple(self._trades.values()),
            trades_from_ms=self._ask.trades_from_ms,
            positions=self._positions,
            averages=self._averages,
            accounts=tuple(self._accounts),
            failures=tuple(self._failures),
            delivery_prices=self._prices,
            delivered=self._delivered,
            has_history=self._ask.history_from_ms is not None and not self._failures,
        )
