"""A trading floor with a scripted market and a clock that the test moves."""

import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from bot.domain.ids import AccountId, Currency, IndexName, InstrumentName
from bot.domain.instrument import BookState, Instrument, Kind, OptionType
from bot.domain.money import Amount, Price
from bot.domain.report import Level
from bot.domain.side import Side
from bot.domain.tick import TickSchedule, TickStep
from bot.pricing.black76 import Greeks
from bot.simulator.auth import Gatekeeper, Key
from bot.simulator.exchange.account import Account
from bot.simulator.exchange.passing import list_instruments
from bot.simulator.exchange.venue import Venue
from bot.simulator.feed import MarketTick, OutsideTrade, Quotes
from bot.simulator.floor import Floor
from bot.simulator.journal import Journal, restore, whole
from bot.simulator.peer import Peer
from bot.simulator.rpc.answer import Answer
from bot.simulator.rpc.dispatch import answer
from bot.simulator.trouble.plan import Plan
from bot.simulator.trouble.trouble import Trouble
from bot.simulator.wire import reply

D = Decimal
START_MS: Final = 1_795_564_800_000  # 2026-11-25T00:00:00Z, a Wednesday
TOMORROW_MS: Final = START_MS + 32 * 3_600_000  # 2026-11-26T08:00:00Z, a Thursday
DECEMBER_MS: Final = 1_798_185_600_000  # 2026-12-25T08:00:00Z, the last Friday of the month
PERPETUAL: Final = "BTC-PERPETUAL"
CALL: Final = "BTC-25DEC26-60000-C"
PUT: Final = "BTC-25DEC26-60000-P"
DAILY: Final = "BTC-26NOV26-60000-C"
FUTURE: Final = "BTC-25DEC26"
LINEAR: Final = "BTC_USDC-PERPETUAL"


def instrument(name: str, **more: Any) -> Instrument:
    """Define one of the few instruments that are on stage."""
    is_option = name.endswith(("-C", "-P"))
    is_linear = "_USDC" in name
    kind = Kind.OPTION if is_option else Kind.FUTURE
    kind = Kind.PERPETUAL if name.endswith("PERPETUAL") else kind
    step = "0.1" if is_option else ("0.001" if is_linear else "10")
    given: dict[str, Any] = {
        "name": InstrumentName(name),
        "kind": kind,
        "is_inverse": not is_linear,
        "base": Currency("BTC"),
        "currency": Currency("USDC" if is_linear else "BTC"),
        "index": IndexName("btc_usdc" if is_linear else "btc_usd"),
        "contract_size": D(1) if is_option else D(step),
        "amount_min": Amount(D(step)),
        "amount_step": Amount(D(step)),
        "ticks": TickSchedule(
            tick=D("0.0001"), steps=(TickStep(above_price=D("0.005"), tick=D("0.0005")),)
        )
        if is_option
        else TickSchedule(tick=D("2.5") if kind is Kind.FUTURE else D("0.5")),
        "maker_rate": D("0.0003") if is_option else D(0),
        "taker_rate": D("0.0003") if is_option else D("0.0005"),
        "state": BookState.OPEN,
    }
    if kind is not Kind.PERPETUAL:
        given["expiry_ms"] = TOMORROW_MS if name == DAILY else DECEMBER_MS
    if is_option:
        given["strike"] = D(60_000)
        given["option_type"] = OptionType.CALL if name.endswith("C") else OptionType.PUT
    return Instrument(**(given | more))


class ScriptedFeed:
    """A market that does what the test says, at the next tick."""

    def __init__(self) -> None:
        self.listed = [instrument(n) for n in (PERPETUAL, CALL, PUT, DAILY, FUTURE, LINEAR)]
        self.index = D(60_000)
        self.delivery = D(63_000)
        self.funding = 0.0
        self._quotes: list[Quotes] = []
        self._trades: list[OutsideTrade] = []

    def quote(self, name: str, *, bids: str = "", asks: str = "", mark: str) -> None:
        """Show levels written as `price x amount, price x amount`, best first."""
        is_option = name.endswith(("-C", "-P"))
        self._quotes.append(
            Quotes(
                instrument=InstrumentName(name),
                bids=_levels(bids),
                asks=_levels(asks),
                mark=D(mark),
                mark_iv=0.6 if is_option else None,
                underlying=self.index if is_option else None,
                underlying_index="index_price" if is_option else None,
                greeks=Greeks(float(mark), 0.5, 0.45, 2e-5, 40.0, -50.0, -50.0, 10.0, 0.0, 0.0)
                if is_option
                else None,
            )
        )

    def sweep(self, name: str, *, side: Side, limit: str, amount: str) -> None:
        """Let somebody outside take."""
        self._trades.append(
            OutsideTrade(
                instrument=InstrumentName(name), side=side, price_limit=D(limit), amount=D(amount)
            )
        )

    def instruments(self, at_ms: int) -> tuple[Instrument, ...]:
        return tuple(i for i in self.listed if i.expiry_ms is None or i.expiry_ms > at_ms)

    def advance(self, at_ms: int) -> MarketTick:
        quotes, self._quotes = tuple(self._quotes), []
        trades, self._trades = tuple(self._trades), []
        names = (IndexName("btc_usd"), IndexName("btc_usdc"))
        return MarketTick(
            at_ms=at_ms,
            indices=dict.fromkeys(names, self.index),
            quotes=quotes,
            trades=trades,
            funding_8h={InstrumentName(PERPETUAL): self.funding},
        )

    def index_mean(self, _index: IndexName, _from_ms: int, _to_ms: int) -> Decimal:
        return self.delivery

    def save(self) -> bytes:
        return b""


class Stage:
    """The floor, with one peer for each key; `call` is what a client would do over a socket."""

    def __init__(self, folder: Path, *, log_in: bool = True, plan: Plan | None = None) -> None:
        self.clock_ms = START_MS
        self.token_s = 0.0
        self.feed = ScriptedFeed()
        self.keys = {role: _key(role) for role in ("trade", "read", "other")}
        self.journal = Journal(folder)
        self.venue = Venue(now_ms=START_MS)
        restore(self.venue, self.journal.read())
        self.venue.advanced_ms = self.venue.now_ms
        self.clock_ms = max(self.clock_ms, self.venue.now_ms)
        for number, name in enumerate(("main", "other")):
            account = AccountId(name)
            if account not in self.venue.accounts:
                self.venue.accounts[account] = Account(
                    id=account,
                    number=1000 + number,
                    created_ms=START_MS,
                    cash={Currency("BTC"): D(10), Currency("USDC"): D(100_000)},
                )
        list_instruments(self.venue, self.feed)
        self.venue.take_changes()
        self.journal.begin(whole(self.venue))
        self._tokens = 0
        self.late: list[Any] = []  # answers that came later than their request
        self.floor = Floor(
            venue=self.venue,
            feed=self.feed,
            journal=self.journal,
            gatekeeper=Gatekeeper(
                {key.client_id: key for key in self.keys.values()},
                now_s=lambda: self.token_s,  # tokens age only when a test says so
                token=self._token,
            ),
            now_ms=lambda: self.clock_ms,
            now_us=lambda: self.clock_ms * 1_000,
            trouble=Trouble(plan or Plan()),
        )
        self.quote_all()
        self.peers: dict[str, Peer] = {"": self.peer("anonymous")}
        for role in self.keys if log_in else ():
            self.peers[role] = self.peer(role)
            self.call(
                "public/auth",
                role=role,
                grant_type="client_credentials",
                client_id=role,
                client_secret=f"{role}-secret",
                scope="session:test",
            )

    def close(self) -> None:
        """Stop as a killed process would: nothing more is written."""
        self.journal.close()

    def quote_all(self) -> None:
        """Let every book have quotes."""
        self.feed.quote(
            PERPETUAL, bids="59999.5 x 1000", asks="60000 x 1000, 60000.5 x 5000", mark="60000"
        )
        self.feed.quote(LINEAR, bids="59999.5 x 1", asks="60000 x 1", mark="60000")
        self.feed.quote(FUTURE, bids="60000 x 1000", asks="60002.5 x 1000", mark="60000")
        for name in (CALL, PUT, DAILY):
            self.feed.quote(
                name, bids="0.0495 x 5, 0.049 x 10", asks="0.0505 x 5, 0.051 x 10", mark="0.05"
            )
        self.tick()

    def tick(self, *, ms: int = 100) -> None:
        """Let time pass and the market move."""
        self.clock_ms += ms
        self.floor.tick()

    def call(self, method: str, *, role: str = "trade", **params: Any) -> Any:
        """Call a method; return the decoded result, the error object, or {} when all is silence."""
        made = answer(
            self.floor,
            self.peers[role],
            method=method,
            params=json.dumps(params, default=float).encode(),
        )
        for frame in made.afterwards:
            self.peers[role].send(frame)
        if made.later is not None:
            give = made.later.give
            self.floor.agenda.put(made.later.due_ms, lambda: self.late.append(_read(give())))
        return {} if made.is_silent else _read(made)

    def order(self, side: str, name: str = PERPETUAL, *, role: str = "trade", **params: Any) -> Any:
        """Place an order; return the order object, or the error object."""
        result = self.call(f"private/{side}", role=role, instrument_name=name, **params)
        return result.get("order", result)

    def size(self, name: str = PERPETUAL, *, role: str = "trade") -> Decimal:
        """Return the size of a position."""
        return D(self.call("private/get_position", role=role, instrument_name=name)["size"])

    def peer(self, name: str) -> Peer:
        """Make a connection that nobody writes out."""
        return Peer(id=name, is_socket=True, wake=lambda: None)

    def heard(self, role: str = "trade") -> list[dict[str, Any]]:
        """Return the notifications that a connection has been sent since it was last asked."""
        frames = [json.loads(f, parse_float=Decimal) for f in self.peers[role].take()]
        return [frame["params"] for frame in frames if frame.get("method") == "subscription"]

    def on(self, channel: str, *, role: str = "trade") -> list[Any]:
        """Return what one channel has said since it was last asked; the others' news are lost."""
        return [said["data"] for said in self.heard(role) if said["channel"] == channel]

    def _token(self) -> str:
        self._tokens += 1
        return f"token-{self._tokens}"


def _read(made: Answer) -> Any:
    frame = reply(1, result=made.result, in_us=0, out_us=0)
    decoded = json.loads(frame, parse_float=Decimal)
    return decoded["result"] if "result" in decoded else decoded["error"]


def _key(role: str) -> Key:
    levels = "read" if role == "read" else "read_write"
    return Key(
        client_id=role,
        secret=f"{role}-secret",
        account=AccountId("other" if role == "other" else "main"),
        name=role,
        scope=f"trade:{levels} account:{levels}",
    )


def _levels(text: str) -> tuple[Level, ...]:
    rows: Iterable[list[str]] = (row.split(" x ") for row in text.split(", ") if row)
    return tuple(Level(Price(D(price)), Amount(D(amount))) for price, amount in rows)
