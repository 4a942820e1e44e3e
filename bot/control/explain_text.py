"""A story as lines of at most 80 columns (UX §3.7)."""

import textwrap
from collections.abc import Iterable, Sequence
from typing import Final

from bot.control.explain import Saw, Story
from bot.control.gate_words import GateRow
from bot.domain.reason import REASONS, Effect, Reason

__all__ = ["anchor", "book_lines", "gate_lines", "meaning_lines", "story_lines"]

WIDTH: Final = 80
_INDENT: Final = 12
_SAW: Final = 30
_EFFECTS: Final = {
    Effect.REFUSE: "one order is refused",
    Effect.LATCH: "opens shut; it comes and goes by proof",
    Effect.REDUCE_ONLY: "REDUCE ONLY until you rearm",
    Effect.KILL: "KILL until you rearm",
}


def story_lines(story: Story) -> list[str]:
    """Return an intent's life: what it is, why, what it saw, then each step."""
    if story.kind == "cancel":
        what = f"CANCEL of {(story.target or '')[:12]}  {story.instrument}"
    elif story.kind == "edit":
        what = f"EDIT of {(story.target or '')[:12]} to {story.size} @ {story.price}"
        what += f"  role {story.role}"
    else:
        side, role = (story.side or "").upper(), story.role
        what = f"{side} {story.size} {story.instrument} @ {story.price}  role {role}"
    lines = [f"{story.state}  {what}"]
    lines += _row("intent", story.intent_id)
    lines += _row("label", story.label)
    lines += _row("strategy", story.strategy)
    if story.order_id is not None:
        lines += _row("order", f"{story.order_id} at the venue")
    if story.why is not None:
        lines += _row("wanted", f"{story.wanted}: {story.why}")
    if story.saw is not None:
        lines += _row("saw", _saw(story.saw))
    if story.kind != "cancel":
        lines += _row("gates", _gates(story.gates, policy_hash=story.policy_hash))
    lines += [line for step in story.steps for line in _step(step.at, step.what, step.text)]
    if story.kind == "order":
        lines += _row("sent", "once" if story.sent == 1 else f"{story.sent} times")
        lines += _row("filled", _filled(story))
    if story.capsule:
        lines += _row("proof", f"capsule {story.capsule[:12]}  snapshot {story.snapshot[:12]}")
    return lines


def gate_lines(gates: Sequence[GateRow]) -> list[str]:
    """Return the table of gates; a text that does not fit goes on below."""
    lines = [f"{'gate':<15} {'asked':<25} {'saw':<{_SAW}} verdict"]
    for row in gates:
        limit = "" if row.limit == "-" else f", limit {row.limit}"
        if row.verdict == "pass" and len(row.saw) <= _SAW:
            lines.append(f"{row.gate:<15} {row.asked:<25} {row.saw:<{_SAW}} ✓")
        else:
            verdict = "✓" if row.verdict == "pass" else f"✕ {row.verdict}"
            lines.append(f"{row.gate:<15} {row.asked:<25} {verdict}")
            lines += _row("", f"saw {row.saw}{limit}")
    return lines


def book_lines(saw: Saw) -> list[str]:
    """Return the book as it was at the decision."""
    lines = [f"{'bid size':>12}{'bid':>12}{'ask':>12}{'ask size':>12}"]
    for n in range(max(len(saw.bids), len(saw.asks))):
        bid, bid_size = saw.bids[n] if n < len(saw.bids) else ("-", "-")
        ask, ask_size = saw.asks[n] if n < len(saw.asks) else ("-", "-")
        lines.append(f"{bid_size:>12}{bid:>12}{ask:>12}{ask_size:>12}")
    return lines


def meaning_lines(reason: Reason) -> list[str]:
    """Return what a code means, what it does, what to do next, and where to read on."""
    meaning = REASONS[reason]
    return [
        *_row("code", reason.value),
        *_row("means", f"{meaning.text}."),
        *_row("does", f"{_EFFECTS[meaning.effect]}."),
        *_row("next", meaning.next),
        *_row("runbook", anchor(reason)),
    ]


def anchor(reason: Reason) -> str:
    """Return where the runbook treats a code."""
    return f"docs/runbook.md#{reason.value.lower()}"


def _saw(saw: Saw) -> str:
    vol = "unknown" if saw.mark_iv is None else f"{saw.mark_iv:.1%}"
    delta = "unknown" if saw.delta is None else f"{saw.delta:+.3f}"
    total = "unknown" if saw.delta_total is None else f"{saw.delta_total:+.4f}"
    return (
        f"bid {saw.bid or 'none'}, ask {saw.ask or 'none'}, mark {saw.mark or 'unknown'}, "
        f"iv {vol}, delta {delta}, age {saw.age_ms} ms; index {saw.index or 'unknown'}; "
        f"position {saw.position}; delta of all {total}; mode {saw.mode}"
    )


def _gates(gates: Sequence[GateRow], *, policy_hash: str | None) -> str:
    passed = sum(row.verdict == "pass" for row in gates)
    return f"{passed} of {len(gates)} passed, by policy {(policy_hash or 'unknown')[:12]}"


def _filled(story: Story) -> str:
    text = f"{story.filled} of {story.size}"
    if story.fee is None:
        return text
    if story.slippage is None:
        return f"{text}, fee {story.fee} {story.currency}, slippage unknown"
    return f"{text}, fee {story.fee}, slippage {story.slippage} {story.currency} against the mid"


def _step(at: str, what: str, text: str) -> list[str]:
    first, *rest = textwrap.wrap(text, WIDTH - 25, break_on_hyphens=False) or [""]
    return [f"  {at[11:23]}  {what:<9}{first}", *(f"{'':25}{line}" for line in rest)]


def _row(name: str, text: str) -> list[str]:
    wrapped: Iterable[str] = textwrap.wrap(text, WIDTH - _INDENT, break_on_hyphens=False) or [""]
    first, *rest = wrapped
    return [f"  {name:<10}{first}".rstrip(), *(f"{'':{_INDENT}}{line}" for line in rest)]
