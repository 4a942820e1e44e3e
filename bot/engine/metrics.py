"""Metrics in Prometheus text, drawn from the last state when they are asked for [C-603]."""

from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.core.life import Phase
from bot.core.state import State
from bot.domain.mode import Mode
from bot.domain.reason import Reason
from bot.engine.engine import Engine

__all__ = ["metrics_text"]

# Counter → what it counts. The names of the first two are the roadmap's own.
_COUNTERS: Final = {
    "duplicate_dispatch_count": ("duplicate_dispatches", "Orders of which a second was found"),
    "illegal_order_attempts": ("illegal_attempts", "Orders the venue refused for their form"),
    "bot_orders_dispatched": ("orders_dispatched", "Orders given to the venue"),
    "bot_cancels_dispatched": ("cancels_dispatched", "Cancels given to the venue"),
    "bot_fills": ("fills", "Trades booked"),
    "bot_refusals": ("refusals", "Proposals refused"),
    "bot_ambiguous_replies": ("ambiguous", "Orders sent without a definite answer"),
    "bot_reconnects": ("reconnects", "Connections after the first"),
    "bot_garbled_messages": ("garbled", "Messages that could not be read"),
    "bot_anomalies": ("anomalies", "Things that should not happen"),
}


def metrics_text(engine: Engine) -> str:
    """Return the page of this moment."""
    registry = CollectorRegistry()
    registry.register(_Page(engine))
    return generate_latest(registry).decode()


class _Page(Collector):
    def __init__(self, engine: Engine) -> None:
        self._shell, self._log = engine.shell, engine.log
        self._committer = engine.ports.committer

    def collect(self) -> list[CounterMetricFamily | GaugeMetricFamily]:
        state = self._shell.state
        run_id = state.settings.run_id
        page: list[CounterMetricFamily | GaugeMetricFamily] = []
        for name, (field, text) in _COUNTERS.items():
            counter = CounterMetricFamily(name, text, labels=["run_id"])
            counter.add_metric([run_id], getattr(state.counters, field))
            page.append(counter)
        page += [
            *_gauges(state),
            _gauge("bot_inbox_events", "Events waiting", len(self._shell.inbox)),
            _gauge("bot_inbox_events_max", "Most events that waited", self._shell.inbox.high),
            _gauge("bot_ledger_batches_max", "Most batches that waited", self._committer.high),
        ]
        page.append(_gauge("bot_prices_dropped", "Prices dropped", self._shell.inbox.dropped))
        page.append(_gauge("bot_log_lines_dropped", "Log lines dropped", self._log.dropped))
        return page


def _gauges(state: State) -> list[GaugeMetricFamily]:
    mode = GaugeMetricFamily("bot_mode", "The mode that holds is 1", labels=["mode"])
    for known in Mode:
        mode.add_metric([known.value], float(state.durable.mode is known))
    cause = GaugeMetricFamily("bot_cause", "A cause that stands is 1", labels=["code"])
    standing = {*state.durable.causes, *(shut.reason for shut in state.proofs.causes)}
    for reason in Reason:
        cause.add_metric([reason.value], float(reason in standing))
    orders = state.durable.orders.values()
    unknown = sum(1 for order in orders if order.phase is Phase.UNKNOWN)
    dispatched = state.counters.snapshots
    return [
        mode,
        cause,
        _gauge("bot_latch_open", "Opens are permitted", state.proofs.is_open),
        _gauge("bot_orders_live", "Orders that could still fill", len(state.durable.orders)),
        _gauge("bot_orders_unknown", "Orders of unknown fate", unknown),
        _gauge("bot_journal_seq", "The last record's number", state.seq),
        _gauge("bot_clock_offset_ms", "Venue minus local clock", state.clock.offset_ms or 0),
        _gauge("bot_clock_bound_ms", "How wrong that may be", state.clock.bound_ms),
        _gauge("bot_snapshots", "Orders with capsule and snapshot", dispatched),
    ]


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=float(value))
