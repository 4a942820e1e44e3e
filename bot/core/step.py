"""The core: one event in, a new state and effects out (DESIGN §1). Pure: no clock, RNG or I/O.

Every event ends with the same look around: monitors, latch, containment, and on a tick the
strategy. So there is one place where the order of things is decided, and it is this file.
"""

from dataclasses import replace
from typing import assert_never

from bot.core.accounts import accounts_with
from bot.core.cause import raise_cause
from bot.core.classify import classify_stranger
from bot.core.close import close_out, leave_strangers
from bot.core.contain import contain
from bot.core.decide import decide
from bot.core.effect import Effect
from bot.core.event import (
    Answered,
    ClockSampled,
    CommitFailed,
    Committed,
    Connected,
    Crashed,
    Disconnected,
    Event,
    Garbled,
    Gathered,
    Happening,
    InstrumentsRead,
    LockLost,
    Observed,
    OperatorClassify,
    OperatorDown,
    OperatorFlatten,
    OperatorMode,
    OperatorRearm,
    OperatorRecon,
    Protected,
    Reported,
    ReserveFailed,
    Subscribed,
    Tick,
    WatchdogActed,
    WatchdogBeat,
)
from bot.core.flatten import flatten
from bot.core.hear_fill import hear_fill
from bot.core.hear_order import hear_order
from bot.core.hedge_rest import hedge_rest
from bot.core.listen import (
    connected,
    disconnected,
    garbled,
    keep_definitions,
    keep_watching,
    protected,
    subscribed,
)
from bot.core.operate import ask_down, ask_mode, ask_recon, finish_down, own_up, rearm
from bot.core.prove import ask, gathered
from bot.core.run_group import run_group
from bot.core.send import answered, commit_failed, committed, lock_lost, reserve_failed
from bot.core.state import Clock, State
from bot.core.turn import Turn
from bot.core.watch import standing, watch
from bot.domain.instrument import Instrument
from bot.domain.reason import Reason
from bot.domain.report import (
    Account,
    Fill,
    IndexPrice,
    OrderReport,
    PlatformState,
    PositionReport,
    PublicTrade,
    Report,
    Ticker,
)
from bot.market.history import remember
from bot.market.market import fold, learn_instruments
from bot.market.tape import note_index, note_mark

__all__ = ["step"]


def step(state: State, event: Event) -> tuple[State, tuple[Effect, ...]]:
    """Take one event."""
    turn = Turn(replace(state, now_ms=event.now_ms, mono_ms=event.mono_ms))
    _take(turn, event.what)
    if isinstance(event.what, Reported) and not _is_about_us(event.what.report):
        return turn.close()  # prices are judged at the next tick, at our own pace
    watch(turn)
    contain(turn)
    ask(turn)
    if isinstance(event.what, Tick):
        keep_definitions(turn)
        keep_watching(turn)
        close_out(turn)
        leave_strangers(turn)
        hedge_rest(turn)
        decide(turn)
        run_group(turn)
        finish_down(turn)
    return turn.close()


def _take(turn: Turn, what: Happening) -> None:
    match what:
        case Tick():
            pass
        case Reported():
            _hear(turn, what.report)
        case Connected():
            connected(turn, what)
        case Disconnected():
            disconnected(turn, what)
        case Subscribed():
            subscribed(turn, what)
        case Protected():
            protected(turn, what)
        case Garbled():
            garbled(turn, what)
        case InstrumentsRead():
            market = learn_instruments(
                turn.state.market, what.instruments, now_ms=turn.state.now_ms
            )
            turn.set(market=market, instruments_asked_mono_ms=None)
        case ClockSampled():
            clock = Clock(
                offset_ms=what.offset_ms,
                bound_ms=what.bound_ms,
                sampled_mono_ms=turn.state.mono_ms,
            )
            turn.set(clock=clock)
        case Observed():
            turn.set(observed=what.what, observed_mono_ms=turn.state.mono_ms)
        case Committed():
            # The latch and the mode are judged before anything that waited is let out.
            watch(turn)
            committed(turn, what.batch)
        case CommitFailed():
            commit_failed(turn, what.why)
        case ReserveFailed():
            reserve_failed(turn, what.why)
        case LockLost():
            lock_lost(turn, what.why)
        case Answered():
            answered(turn, what.intent_id, what.outcome)
        case Gathered():
            gathered(turn, what)
        case OperatorMode():
            ask_mode(turn, what)
        case OperatorRearm():
            rearm(turn, what, standing=standing(turn))
        case OperatorRecon():
            ask_recon(turn, what)
        case OperatorFlatten():
            flatten(turn, what)
        case OperatorClassify():
            classify_stranger(turn, what)
        case OperatorDown():
            ask_down(turn, what)
        case WatchdogBeat():
            # Requests wait in the socket while we are stopped: none counts for later than it is.
            at_ms = min(what.at_mono_ms, turn.state.mono_ms)
            turn.set(watchdog_mono_ms=max(at_ms, turn.state.watchdog_mono_ms or at_ms))
        case WatchdogActed():
            own_up(turn, what)
        case Crashed():
            raise_cause(turn, Reason.INTERNAL, f"{what.where}: {what.why}")
        case _:
            assert_never(what)


def _hear(turn: Turn, report: Report) -> None:
    state = turn.state
    match report:
        case OrderReport():
            hear_order(turn, report)
        case Fill():
            hear_fill(turn, report)
        case Account():
            turn.set(accounts=accounts_with(state, report))
        case IndexPrice():
            market = fold(state.market, report, now_ms=state.now_ms)
            hedge = market.instruments.get(state.settings.hedge)
            history, tape = state.history, state.tape
            if hedge is not None and hedge.index == report.index:
                price = float(report.price)
                history = remember(history, price=price, now_ms=state.now_ms)
                tape = note_index(tape, price=price, now_ms=state.now_ms)
            turn.set(market=market, history=history, tape=tape)
        case Ticker():
            if report.instrument == state.settings.hedge:
                tape = note_mark(state.tape, mark=float(report.mark), now_ms=state.now_ms)
                turn.set(tape=tape)
            turn.set(market=fold(state.market, report, now_ms=state.now_ms))
        case PlatformState():
            turn.set(market=fold(state.market, report, now_ms=state.now_ms))
            if state.market.is_in_maintenance and not turn.state.market.is_in_maintenance:
                # Whatever the venue did meanwhile, it told nobody [C-508].
                recon = replace(state.recon, is_wanted=True, proven_epoch=0)
                turn.set(recon=replace(recon, asked_mono_ms=None, ended_mono_ms=None))
        case PositionReport() | PublicTrade() | Instrument():
            pass  # positions are proven by reconciliation only; the others nobody asked for
        case _:
            turn.set(market=fold(state.market, report, now_ms=state.now_ms))


def _is_about_us(report: Report) -> bool:
    return isinstance(report, OrderReport | Fill)
