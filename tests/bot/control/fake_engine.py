"""A fake engine at the seam: it publishes what a test sets and notes which acts arrive."""

import msgspec
import trio

from bot.control.errors import UserError
from bot.control.faults import changed_plan
from bot.control.flatten import ExitRow, FlattenPlan
from bot.control.lines import worded
from bot.control.port import Act, Acted, Down, Flatten, OwnUp, Rearm, SetMode
from bot.control.view import (
    CauseRow,
    ClosingRow,
    EventRow,
    ExposureRow,
    FillRow,
    Greeks,
    Health,
    Latch,
    LatchProof,
    LimitRow,
    Loss,
    ModeWord,
    OrderCount,
    OrderRow,
    PositionRow,
    Status,
    View,
)
from bot.domain.mode import Environment

AT = "2026-11-25T11:25:19.000Z"


def a_cause(
    code: str = "DATA_GAP",
    *,
    mode: ModeWord = ModeWord.REDUCE_ONLY,
    text: str = "a data gap lasted over 60 s",
    then: str = "bot recon run, then bot mode rearm.",
) -> CauseRow:
    return CauseRow(
        code=code,
        mode=mode,
        since="2026-11-25T11:25:39.921Z",
        sticky=True,
        text=text,
        next=then,
        runbook=f"docs/runbook.md#{code.lower()}",
    )


def a_status(**changes: object) -> Status:
    status = Status(
        at=AT,
        rev=4412,
        connected=True,
        mode=ModeWord.ACTIVE,
        since="2026-11-25T09:14:02.000Z",
        age_ms=7_877_000,
        environment=Environment.PAPER,
        latch=Latch(open=True, proofs=tuple(a_proof(n, held=True) for n in range(8))),
        exposure=(
            ExposureRow(
                currency="BTC",
                delta=0.226,
                gamma=-2.3e-5,
                vega=43.6,
                margin_use=0.18,
                worst_case=Greeks(delta=0.267, gamma=-2.0e-5, vega=54.4),
            ),
        ),
        loss=Loss(used="0.0041", limit="0.0500", currency="BTC", from_="2026-11-25T08:00:00.000Z"),
        limits=(
            LimitRow(
                name="loss day", used="0.0041", limit="0.0500", unit="BTC", direction="higher"
            ),
            LimitRow(name="opens", used="33", limit="50", unit="per day", direction="higher"),
        ),
        orders=OrderCount(live=2, unknown=0, foreign=0),
        run_id="r-0193",
        build_id="4c81e07",
        contract_version="2026-01-26",
        policy_hash="5f2a",
    )
    return worded(msgspec.structs.replace(status, **changes))


def a_limit(name: str, *, used: str, limit: str, unit: str) -> LimitRow:
    return LimitRow(name=name, used=used, limit=limit, unit=unit, direction="higher")


def a_proof(number: int, *, held: bool, at: str | None = AT) -> LatchProof:
    return LatchProof(name=f"proof_{number}", held=held, at=at, generation=1)


def an_event(seq: int, *, kind: str = "intent", text: str = "recorded") -> EventRow:
    return EventRow(seq=seq, at=f"2026-11-25T11:25:{seq % 60:02d}.118Z", kind=kind, text=text)


def a_fill(seq: int) -> FillRow:
    return FillRow(
        seq=seq,
        at=AT,
        trade_id=f"t{seq}",
        label="bot-a41f",
        instrument="BTC-25DEC26-100000-C",
        side="buy",
        price="0.0415",
        size="0.1",
        fee="0.00003",
        fee_currency="BTC",
        liquidity="M",
    )


def an_order(label: str = "bot-0000a41f", **changes: object) -> OrderRow:
    row = OrderRow(
        label=label,
        order_id="6641190118",
        state="PARTIAL",
        side="buy",
        filled="0.1",
        size="0.2",
        price="0.0415",
        instrument="BTC-25DEC26-100000-C",
        role="OPEN",
        since="2026-11-25T11:25:15.000Z",
    )
    return msgspec.structs.replace(row, **changes)


POSITIONS = (
    PositionRow(
        instrument="BTC-27NOV26-93500-P",
        size="-0.5",
        mark="0.0058",
        entry="0.0082",
        pnl="+0.0012",
        currency="BTC",
        delta=0.115,
        gamma=-3.7e-5,
        vega=-10.5,
        theta=168.5,
        group="g41",
    ),
    PositionRow(
        instrument="BTC-PERPETUAL",
        size="-9000",
        mark="96412.5",
        entry="96744.0",
        pnl="+0.0003",
        currency="BTC",
        delta=-0.093,
        gamma=0.0,
        vega=0.0,
        theta=0.0,
        group="hedge",
    ),
)


PLAN = FlattenPlan(
    at=AT,
    hash="0123456789ab",
    exits=(
        ExitRow(
            instrument="BTC-27NOV26-93500-P",
            side="buy",
            amount="0.5",
            prices=("0.0060", "0.0065", "0.0070"),
            mark="0.0058",
            cost="0.0006",
            currency="BTC",
        ),
        ExitRow(
            instrument="BTC-PERPETUAL",
            side="buy",
            amount="9000",
            prices=(),
            mark=None,
            cost=None,
            currency="BTC",
            refused="no price is known",
        ),
    ),
)


def a_closing(**changes: object) -> ClosingRow:
    row = ClosingRow(side="buy", left="0.2", step=3, by="owner", why="news", since=AT)
    return msgspec.structs.replace(row, **changes)


def a_view(status: Status | None = None, **changes: object) -> View:
    status = a_status() if status is None else status
    is_ok = status.mode is ModeWord.ACTIVE and status.latch.open
    view = View(
        status=status,
        positions=POSITIONS,
        orders=(an_order(), an_order("bot-000077c2", state="UNKNOWN", filled=None)),
        fills=(a_fill(3),),
        events_tail=tuple(an_event(seq) for seq in range(1, 6)),
        health=Health(
            at=status.at,
            run_id="r-0193",
            ok=is_ok,
            build_id="4c81e07",
            contract_version="2026-01-26",
            environment=status.environment,
            mode=status.mode,
            reasons=tuple(cause.code for cause in status.causes),
        ),
    )
    return msgspec.structs.replace(view, **changes)


class FakeEngine:
    """Implements `bot.control.port.Engine`. `hold` makes acts wait; `fail` makes them raise."""

    def __init__(self, view: View | None = None) -> None:
        self.published = a_view() if view is None else view
        self.acts: list[Act] = []
        self.beat = 41
        self.heeded: list[int] = []
        self.faults: list[tuple[str, Exception]] = []
        self.notes: list[tuple[str, dict[str, str | int]]] = []
        self.fail: Exception | None = None
        self.hold: trio.Event | None = None
        self.plan = PLAN
        self.journal: list[EventRow] = list(self.published.events_tail)

    def view(self) -> View:
        return self.published

    def health(self) -> Health:
        return msgspec.structs.replace(self.published.health, beat=self.beat)

    def heed(self, *, at_mono_ms: int) -> None:
        self.heeded.append(at_mono_ms)

    def publish(self, **changes: object) -> None:
        """Publish a changed status."""
        status = worded(msgspec.structs.replace(self.published.status, **changes))
        self.published = a_view(
            status,
            positions=self.published.positions,
            orders=self.published.orders,
            fills=self.published.fills,
            events_tail=self.published.events_tail,
        )

    def log(self, *rows: EventRow) -> None:
        """Add events, as the ledger and the view's tail hold them."""
        self.journal.extend(rows)
        tail = tuple(self.journal[-1000:])
        self.published = msgspec.structs.replace(self.published, events_tail=tail)

    def flatten_plan(self) -> FlattenPlan:
        return self.plan

    async def act(self, act: Act, /) -> Acted:
        self.acts.append(act)
        if self.hold is not None:
            await self.hold.wait()
        if self.fail is not None:
            raise self.fail
        rev = self.published.status.rev + 1
        match act:
            case SetMode(mode=mode):
                cause = a_cause("OPERATOR", text="you asked for it", then="bot mode rearm.")
                self.publish(mode=ModeWord(mode.value), rev=rev, causes=(cause,))
            case Flatten(plan=plan) if plan != self.plan.hash:
                raise UserError.of(changed_plan(plan, plan=self.plan.hash))
            case OwnUp():
                cause = a_cause("WATCHDOG_CANCELLED", mode=ModeWord.KILL)
                self.publish(mode=ModeWord.KILL, rev=rev, causes=(cause,))
            case Rearm():
                self.publish(mode=ModeWord.ACTIVE, rev=rev, causes=())
            case _:
                pass
        state = "accepted" if isinstance(act, Down | Flatten) else "done"
        return Acted(
            op=f"op-{len(self.acts)}",
            state=state,
            request_id=act.request_id,
            record_seq=88_412 + len(self.acts),
            lines=self.published.status.lines,
        )

    async def events(self, *, from_seq: int, limit: int) -> tuple[EventRow, ...]:
        if from_seq < 0:
            return tuple(self.journal[from_seq:])[:limit]
        return tuple(row for row in self.journal if row.seq >= from_seq)[:limit]

    def fault(self, *, where: str, error: Exception) -> None:
        self.faults.append((where, error))

    def note(self, event: str, /, **facts: str | int) -> None:
        self.notes.append((event, facts))


def refuse(error: UserError, engine: FakeEngine) -> None:
    engine.fail = error
