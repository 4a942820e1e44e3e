"""What is heard, what is not, and what is read instead [C-502, C-508]."""

import pytest

from bot.core.effect import Gather, ReadInstruments, Renew, Watch
from bot.core.event import Connected, Garbled, InstrumentsRead, Protected, Reported, Subscribed
from bot.core.outcome import Acked
from bot.core.record import Anomaly
from bot.domain.reason import Reason
from bot.domain.report import BookChange, PlatformState
from tests.bot.core.desk import Desk, ready
from tests.bot.core.market import BTC, CALL, PERPETUAL, PUT
from tests.bot.core.words import fill_of, report_of

TRADES = "user.trades.any.BTC.raw"


def deaf() -> Desk:
    """A desk whose venue does not give it its trades."""
    desk = Desk()
    desk.feed(Connected(1))
    desk.feed(Protected(1))
    desk.feed(InstrumentsRead(BTC, (PERPETUAL, CALL, PUT)))
    desk.quote()
    desk.tick()
    desk.feed(Subscribed(1, (TRADES,)))
    return desk


def gathers(desk: Desk) -> int:
    """Count the reconciliations that were asked for."""
    return sum(isinstance(effect, Gather) for effect in desk.effects)


def live(desk: Desk, seconds: int) -> None:
    """Let time pass, every reconciliation answered."""
    for _ in range(seconds):
        desk.wait(1_000)
        desk.quote()
        desk.tick()
        if desk.state.recon.asked_mono_ms is not None:
            desk.gather()


@pytest.mark.rule("C-502")
def test_with_a_channel_refused_the_truth_is_read_at_once_and_every_five_seconds() -> None:
    desk = deaf()
    assert gathers(desk) == 1
    desk.gather()
    live(desk, 60)
    assert gathers(desk) == 1 + 12


@pytest.mark.rule("C-303")
def test_with_a_channel_refused_opens_stay_shut_whatever_is_read() -> None:
    desk = deaf()
    desk.gather()
    live(desk, 20)
    (cause,) = desk.state.proofs.causes
    assert (cause.reason, cause.detail) == (Reason.RECON_FAILED, f"{TRADES} refused")
    live(desk, 110)
    assert Reason.LATCH_OVERDUE in desk.state.durable.causes


@pytest.mark.rule("C-209")
def test_a_fill_that_nobody_told_is_found_by_reading() -> None:
    desk = ready()
    order = desk.open_one()
    desk.answer_order(order, Acked(order=report_of(order), fills=()))
    desk.feed(Subscribed(1, (TRADES,)))
    fill = fill_of(order, "0.1", trade="t-1")
    desk.reconcile(trades=(fill,), positions={CALL.name: -fill.amount})
    assert desk.phase(order) == "FILLED"


@pytest.mark.rule("C-303")
def test_a_later_subscription_that_carries_all_opens_again_after_a_new_proof() -> None:
    desk = deaf()
    desk.gather()
    live(desk, 10)
    old = desk.asked().generation
    desk.feed(Subscribed(1, ()))
    assert not desk.state.proofs.is_open
    assert desk.asked().generation == old + 1, "what was read before may miss what was not told"
    desk.gather()
    assert desk.state.proofs.is_open


def test_a_refused_channel_is_asked_for_again_every_ten_seconds() -> None:
    desk = deaf()
    desk.gather()
    before = sum(isinstance(effect, Watch) for effect in desk.effects)
    live(desk, 60)
    watches = [effect for effect in desk.effects if isinstance(effect, Watch)]
    assert len(watches) == before + 6
    assert TRADES in watches[-1].channels


@pytest.mark.rule("C-303")
def test_a_channel_refused_later_shuts_opens_too() -> None:
    desk = ready()
    desk.feed(Subscribed(1, (TRADES,)))
    desk.tick()
    assert [cause.detail for cause in desk.state.proofs.causes] == [f"{TRADES} refused"]


def test_a_public_channel_that_is_refused_changes_nothing() -> None:
    desk = ready()
    desk.feed(Subscribed(1, ("book.X.100ms",)))
    desk.tick()
    assert desk.state.proofs.is_open


def recorded(desk: Desk) -> int:
    """Count the records of unreadable messages."""
    return sum(isinstance(r, Anomaly) and r.code == "GARBLED" for r in desk.records)


@pytest.mark.rule("C-704")
def test_unreadable_messages_are_recorded_once_a_minute_for_each_channel_and_all_counted() -> None:
    desk = ready()
    for _ in range(1_000):
        desk.feed(Garbled(f"ticker.{CALL.name}.100ms", "null"))
        desk.feed(Garbled(f"book.{CALL.name}.100ms", "null"))
    assert recorded(desk) == 2
    assert desk.state.counters.garbled == 2_000
    desk.wait(59_999)
    desk.feed(Garbled(f"ticker.{CALL.name}.100ms", "null"))
    assert recorded(desk) == 2
    desk.wait(1)
    desk.feed(Garbled(f"ticker.{CALL.name}.100ms", "null"))
    assert recorded(desk) == 3


@pytest.mark.rule("C-704")
def test_a_venue_that_makes_channels_up_does_not_fill_the_ledger() -> None:
    desk = ready()
    for number in range(1_000):
        desk.feed(Garbled(f"ticker.{number}", "null"))
    assert recorded(desk) == 257
    assert len(desk.state.garbled) == 257


@pytest.mark.parametrize(
    "channel",
    [f"book.{CALL.name}.100ms", f"ticker.{CALL.name}.100ms", "deribit_price_index.btc_usd"],
)
def test_an_unreadable_price_is_asked_for_anew_and_nothing_is_reconciled(channel: str) -> None:
    desk = ready()
    desk.wait(2_000)
    before = gathers(desk)
    for _ in range(20):
        desk.feed(Garbled(channel, "null"))
        desk.wait(100)
    assert [e for e in desk.effects if isinstance(e, Renew)] == [Renew(channels=(channel,))]
    desk.feed(Garbled(channel, "null"))
    assert len([e for e in desk.effects if isinstance(e, Renew)]) == 2
    assert gathers(desk) == before
    assert not desk.state.recon.is_wanted


@pytest.mark.rule("C-502")
@pytest.mark.parametrize("channel", [TRADES, "user.portfolio.btc", "unknown", "ticker.X.100ms"])
def test_anything_else_that_cannot_be_read_is_reconciled(channel: str) -> None:
    desk = ready()
    desk.wait(2_000)
    before = gathers(desk)
    desk.feed(Garbled(channel, "null"))
    assert gathers(desk) == before + 1


@pytest.mark.rule("C-502")
def test_a_broken_book_is_asked_for_anew_until_it_is_whole() -> None:
    desk = ready()
    gap = BookChange(
        instrument=CALL.name,
        at_ms=desk.now_ms,
        prev_change_id=7,
        change_id=8,
        bids=(),
        asks=(),
    )
    desk.feed(Reported(gap))
    for _ in range(40):
        desk.tick()
        desk.wait(100)
    renewed = [effect for effect in desk.effects if isinstance(effect, Renew)]
    assert renewed == [Renew(channels=(f"book.{CALL.name}.100ms",))] * 2
    desk.quote()
    desk.wait(2_000)
    desk.tick()
    assert [effect for effect in desk.effects if isinstance(effect, Renew)] == renewed


@pytest.mark.rule("C-508")
def test_a_lock_whose_end_was_not_heard_is_asked_about_every_half_minute() -> None:
    desk = ready()
    lock = PlatformState(is_locked=True, is_maintenance=False)
    desk.feed(Reported(lock))

    def reads() -> int:
        return sum(isinstance(effect, ReadInstruments) for effect in desk.effects)

    before = reads()
    for _ in range(100):
        desk.wait(1_000)
        desk.quote()
        desk.tick()
        if desk.state.instruments_asked_mono_ms is not None:
            desk.feed(Reported(lock))
            desk.feed(InstrumentsRead(BTC, (PERPETUAL, CALL, PUT)))
    assert reads() - before == 3
    desk.feed(Reported(PlatformState(is_locked=False, is_maintenance=False)))
    assert not desk.state.market.is_locked
