"""F3 and F4: what decoding and folding a feed of the simulated exchange costs, by kind."""

import time
from collections import defaultdict
from typing import Any

from bot.core.event import Event, InstrumentsRead, Reported
from bot.core.step import step
from bot.venue.envelope import decode_envelope
from bot.venue.wire.instrument import decode_instruments
from bot.venue.wire.notification import decode_notification
from tests.bench.exchange_frames import Feed
from tests.bench.figures import percentile
from tests.bot.core.desk import Desk
from tests.bot.core.market import BTC

__all__ = ["decode_and_step"]

Samples = dict[str, list[float]]


def decode_and_step(feed: Feed) -> dict[str, Any]:
    """Decode and fold a feed of the simulated exchange; µs a message and a step, by kind."""
    known = decode_instruments(feed.instruments)
    names = frozenset(instrument.name for instrument in known)
    desk = Desk(universe=lambda _all, _now, _params: names)
    desk.feed(InstrumentsRead(BTC, known))
    state = desk.state
    decodes: Samples = defaultdict(list)
    steps: Samples = defaultdict(list)
    for _ in range(2):  # the first round warms
        decodes.clear()
        steps.clear()
        for frame in feed.frames:
            began = time.perf_counter()
            notification = decode_envelope(frame).notification
            assert notification is not None
            reports = decode_notification(notification.channel, data=notification.data)
            decodes[notification.channel.partition(".")[0]].append(time.perf_counter() - began)
            for report in reports:
                event = Event(now_ms=state.now_ms, mono_ms=state.mono_ms, what=Reported(report))
                began = time.perf_counter()
                state, _ = step(state, event)
                steps[type(report).__name__].append(time.perf_counter() - began)
    every = [sample for samples in steps.values() for sample in samples]
    return {
        "decode": {kind: _mean(decodes[kind]) for kind in sorted(decodes)},
        "step": {kind: _mean(steps[kind]) for kind in sorted(steps)},
        "events_per_s": round(len(every) / sum(every)),
        "messages": len(feed.frames),
        "bytes_per_message": round(sum(map(len, feed.frames)) / len(feed.frames)),
    }


def _mean(samples: list[float]) -> dict[str, float]:
    return {
        "n": len(samples),
        "mean_us": round(sum(samples) / len(samples) * 1e6, 2),
        "p99_us": round(percentile(samples, 0.99) * 1e6, 2),
    }
