"""The figures of a run: what it did, and what was proven of it at the end."""

from pathlib import Path
from typing import Any

from bot.core.record import IntentRecorded
from bot.core.state import State
from bot.intent.intent import OrderIntent
from ledger.read import open_reader
from ledger.verify import verify

__all__ = ["figures_of"]


def figures_of(state: State, home: Path) -> dict[str, Any]:
    """Return the document of a run that has ended and let go of its ledger.

    What the ledger can tell is read from the ledger, not from memory: orders of this run, their
    labels, and whether each has its capsule and snapshot.
    """
    verdict = verify(home)
    labels: list[str] = []
    covered = 0
    with open_reader(home) as reader:
        for written in reader.entries(kind="intent"):
            record = written.entry.record
            if written.entry.run_id != state.settings.run_id:
                continue
            if isinstance(record, IntentRecorded) and isinstance(record.intent, OrderIntent):
                labels.append(record.label)
                bodies = (reader.body(record.capsule), reader.body(record.snapshot))
                covered += all(body is not None for body in bodies)
    counters = state.counters
    unproven = state.stopping.unproven if state.stopping else ()
    twice = len(labels) - len(set(labels))
    return {
        "schema": "bot.run/1",
        "run_id": state.settings.run_id,
        "ended": state.durable.ended.why if state.durable.ended else "",
        "passed": verdict.is_good and not state.recon.differences and not unproven,
        "unproven": list(unproven),
        "figures": {
            "orders_dispatched": counters.orders_dispatched,
            "cancels_dispatched": counters.cancels_dispatched,
            "fills": counters.fills,
            "refusals": counters.refusals,
            "duplicate_dispatch_count": counters.duplicate_dispatches + twice,
            "illegal_order_attempts": counters.illegal_attempts,
            "unreconciled_positions": len(state.recon.differences)
            if state.recon.proven_ms
            else len([p for p in state.durable.positions.values() if p.quantity != 0]),
            "snapshot_coverage_pct": round(100 * covered / len(labels), 2) if labels else 100,
            "ledger_verified": verdict.is_good,
            "ledger_records": verdict.records,
            "reconciliations": state.recon.generation,
            "reconnects": counters.reconnects,
            "anomalies": counters.anomalies,
            "unknown_orders": sum(1 for o in state.durable.orders.values() if not o.phase.is_final),
            "mode": state.durable.mode.value,
        },
    }
