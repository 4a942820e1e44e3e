"""Being connected, and hearing what is needed: channels, definitions, fresh snapshots."""

from dataclasses import replace
from typing import Final

from bot.core.cause import raise_cause
from bot.core.effect import ReadInstruments, Renew, Watch
from bot.core.event import Connected, Disconnected, Garbled, Protected, Subscribed
from bot.core.hear_order import move
from bot.core.life import LifeEvent, Phase
from bot.core.state import Link, State
from bot.core.turn import Turn
from bot.core.view import needed_names, watched_names
from bot.domain.ids import InstrumentName
from bot.domain.instant import MINUTE_MS
from bot.domain.reason import Reason
from bot.market.market import forget_stream

__all__ = [
    "connected",
    "disconnected",
    "garbled",
    "keep_definitions",
    "keep_watching",
    "protected",
    "subscribed",
]

_DEFINITIONS_AGAIN_MS: Final = 10_000
_LOCKED_AGAIN_MS: Final = 30_000
_SNAPSHOT_AGAIN_MS: Final = 2_000
_REFUSED_AGAIN_MS: Final = 10_000
_PRICES: Final = ("book.", "ticker.", "deribit_price_index.")
_GARBLED_MAX: Final = 256  # channels told apart; more of them are one
_DETAIL_MAX: Final = 300  # characters of a crash that are worth keeping


def connected(turn: Turn, what: Connected) -> None:
    """Start anew: a new connection voids every proof that was made on another [C-303]."""
    state = turn.state
    if what.epoch > 1:
        turn.count(reconnects=1)
    turn.set(
        link=Link(epoch=what.epoch, is_up=True, came_up_ms=state.now_ms),
        market=forget_stream(state.market),
        recon=replace(
            state.recon, is_wanted=True, asked_mono_ms=None, ended_mono_ms=None, failures=()
        ),
        instruments_asked_mono_ms=None,
    )
    turn.say("connected", epoch=what.epoch)


def protected(turn: Turn, what: Protected) -> None:
    """Know the second net under this connection; one of another connection is none (§14)."""
    link = turn.state.link
    if what.epoch == link.epoch and link.is_up:
        turn.set(link=replace(link, is_protected=True))


def subscribed(turn: Turn, what: Subscribed) -> None:
    """Take note of what is carried.

    Without one of the account's own channels nothing is heard in time: opens stay shut, and the
    truth is read instead, at once and again and again [C-502, C-508].
    """
    state = turn.state
    if what.epoch != state.link.epoch or not state.link.is_up:
        return
    own = tuple(channel for channel in what.missing if channel.startswith("user."))
    if what.missing:
        turn.say("channels_missing", channels=list(what.missing))
    if not state.watched:
        return
    recon = state.recon
    if bool(own) is not bool(state.link.refused):
        # What was told before all were carried is lost: only what is read from here on proves.
        recon = replace(
            recon, is_wanted=True, proven_epoch=0, asked_mono_ms=None, ended_mono_ms=None
        )
    link = replace(state.link, is_listening=True, refused=own)
    if own and not state.link.refused:
        link = replace(link, retried_mono_ms=state.mono_ms)
    turn.set(link=link, recon=recon)


def disconnected(turn: Turn, what: Disconnected) -> None:
    """Put in doubt what was sent and not answered."""
    state = turn.state
    turn.set(
        link=Link(epoch=what.epoch, is_up=False, went_down_mono_ms=state.mono_ms),
        recon=replace(state.recon, asked_mono_ms=None, is_wanted=True),
        cancels={},
        doubled={},
    )
    for order in list(state.durable.orders.values()):
        # Dispatch reports an outcome for each as well; doubt twice is doubt once.
        if order.phase is Phase.SENT:
            move(turn, order, LifeEvent.DOUBT, why=f"connection lost: {what.why}")
    turn.say("disconnected", epoch=what.epoch, why=what.why)


def keep_definitions(turn: Turn) -> None:
    """Have the definitions read again before they are too old to open on [C-106].

    And the venue's state with them while it is taken for locked: the end of a lock can be lost, or
    said of one index where its beginning was said of all [C-508].
    """
    state = turn.state
    if not state.link.is_up:
        return
    asked = state.instruments_asked_mono_ms
    if asked is not None and state.mono_ms - asked < _DEFINITIONS_AGAIN_MS:
        return
    read_ms = state.market.instruments_at_ms
    limit_ms = state.settings.policy.execution.instrument_ms_max
    age_max_ms = _LOCKED_AGAIN_MS if state.market.is_locked else limit_ms // 2
    if read_ms is None or state.now_ms - read_ms > age_max_ms:
        turn.set(instruments_asked_mono_ms=state.mono_ms)
        turn.emit(ReadInstruments(currency=state.settings.currency))


def keep_watching(turn: Turn) -> None:
    """Be subscribed to what may be traded and what is held; ask anew for a book that broke."""
    channels = _channels(turn.state, names=_names(turn))
    if channels != turn.state.watched:
        turn.set(watched=channels)
        turn.emit(Watch(channels=channels))
    _ask_again(turn)
    broken = [name for name, book in sorted(turn.state.market.books.items()) if book.is_broken]
    if _renew(turn, tuple(f"book.{name}.100ms" for name in broken)):
        turn.say("book_gap", instruments=broken)


def garbled(turn: Turn, what: Garbled) -> None:
    """Make good for a message that could not be read: whatever it said is missing.

    A price comes again with a fresh snapshot; of anything else only reading the truth can tell. It
    is recorded once a minute for each channel, for a venue that talks nonsense talks fast.
    """
    turn.count(garbled=1)
    state = turn.state
    said = {key: at for key, at in state.garbled.items() if state.mono_ms - at < MINUTE_MS}
    channel = what.channel if len(said) < _GARBLED_MAX else ""
    if channel not in said:
        turn.anomaly("GARBLED", f"{what.channel}: {what.why}"[:_DETAIL_MAX])
        said[channel] = state.mono_ms
    turn.set(garbled=said)
    if what.channel in state.watched and what.channel.startswith(_PRICES):
        _renew(turn, (what.channel,))
    else:
        turn.set(recon=replace(turn.state.recon, is_wanted=True))


def _renew(turn: Turn, channels: tuple[str, ...]) -> bool:
    """Ask for fresh snapshots of channels, of each not too often; True when anything was asked."""
    state = turn.state
    asked = {
        channel: at
        for channel, at in state.renewed.items()
        if state.mono_ms - at < _SNAPSHOT_AGAIN_MS
    }
    due = tuple(channel for channel in channels if channel not in asked)
    if due:
        turn.set(renewed={**asked, **dict.fromkeys(due, state.mono_ms)})
        turn.emit(Renew(channels=due))
    return bool(due)


def _ask_again(turn: Turn) -> None:
    state, link = turn.state, turn.state.link
    if link.refused and state.mono_ms - link.retried_mono_ms >= _REFUSED_AGAIN_MS:
        turn.set(link=replace(link, retried_mono_ms=state.mono_ms))
        turn.emit(Watch(channels=state.watched))


def _names(turn: Turn) -> tuple[InstrumentName, ...]:
    try:
        return watched_names(turn.state)
    except Exception as error:  # noqa: BLE001  # C-606: a strategy that crashes is a trip
        raise_cause(turn, Reason.INTERNAL, f"strategy's universe: {error!r}"[:_DETAIL_MAX])
        return needed_names(turn.state)  # what is held can still be proven, and exited


def _channels(state: State, *, names: tuple[InstrumentName, ...]) -> tuple[str, ...]:
    currency = state.settings.currency
    channels = [
        f"user.orders.any.{currency}.raw",
        f"user.trades.any.{currency}.raw",
        f"user.portfolio.{currency.lower()}",
        f"instrument.state.any.{currency}",
        "platform_state",
    ]
    hedge = state.market.instruments.get(state.settings.hedge)
    if hedge is not None:
        channels.append(f"deribit_price_index.{hedge.index}")
        for name in names:
            channels += [f"book.{name}.100ms", f"ticker.{name}.100ms"]
    return tuple(channels)
