"""The status screen under the three lines: one screen, only what is not empty (UX §3.1)."""

from collections.abc import Sequence
from typing import Final

from msgspec import UNSET

from bot.control.figure import figure_text
from bot.control.glyphs import ascii_of
from bot.control.lines import cut, words_of
from bot.control.view import EventRow, LimitRow, PositionRow, Status

__all__ = ["EVENTS_SHOWN", "closing_lines", "event_line", "status_screen", "used_part"]

EVENTS_SHOWN: Final = 5
_LIMITS_SHOWN: Final = 3
_CAUSES_SHOWN: Final = 3
_CLOSINGS_SHOWN: Final = 3
_HALF: Final = 0.5


def status_screen(
    status: Status, *, held: Sequence[PositionRow], events: Sequence[EventRow], is_ascii: bool
) -> tuple[str, ...]:
    """Return the lines of `bot status`: the three, a gap, and the state of the day.

    Of what is held it shows what is being closed. At most 23 lines of 80 columns. A disconnected
    status carries its own three lines.
    """
    if status.connected:
        head = words_of(status, is_ascii=is_ascii).lines
    else:
        head = tuple(ascii_of(line) if is_ascii else line for line in status.lines)  # type: ignore[assignment]  # three by construction
    under_way = [*_containment(status), *_closings(held)]
    body = [
        *_causes(status),
        *under_way,
        *_exposure(status),
        *_orders(status),
        *_limits(status),
        *_checks(status),
        *_events(events, room=EVENTS_SHOWN - len(under_way)),
    ]
    shown = [cut(line) for line in body]
    if is_ascii:
        shown = [ascii_of(line) for line in shown]
    return (*head, *(["", *shown] if shown else []))


def used_part(limit: LimitRow) -> float:
    """Return how much of a limit is used, as a fraction; a limit of zero counts as used up."""
    bound = float(limit.limit)
    return float(limit.used) / bound if bound else 1.0


def closing_lines(held: Sequence[PositionRow]) -> list[str]:
    """Word each closing that stands, one a line: what is left of it, and how far it is."""
    return [
        f"closing: {closing.side} {closing.left} of {row.instrument},"
        f" {f'step {closing.step}' if closing.step else 'no order yet'}, asked by {closing.by}"
        for row in held
        if (closing := row.closing) is not None
    ]


def event_line(row: EventRow) -> str:
    """Write one event: time, kind, what."""
    about = f"{row.about} " if row.about else ""
    code = f"  ({row.code})" if row.code else ""
    return f"{row.at[11:23]} {row.kind:<8} {about}{row.text}{code}"


def _label(name: str) -> str:
    return f"{name:<10}"


def _causes(status: Status) -> list[str]:
    if len(status.causes) <= 1:
        return []  # the one cause is the second line already
    rows = [
        f"{_label('causes' if n == 0 else '')}{cause.text} ({cause.code}), since"
        f" {cause.since[11:19]} UTC"
        for n, cause in enumerate(status.causes[:_CAUSES_SHOWN])
    ]
    rest = len(status.causes) - len(rows)
    return [*rows, *([f"{_label('')}+{rest} more: bot status --json"] if rest else [])]


def _containment(status: Status) -> list[str]:
    done = status.containment
    if done is None or done.of == 0:
        return []
    return [
        f"{_label('contained')}{done.cancelled} of {done.of} opens cancelled;"
        f" KILL's policy is {done.policy}"
    ]


def _closings(held: Sequence[PositionRow]) -> list[str]:
    lines = closing_lines(held)
    rest = len(lines) - _CLOSINGS_SHOWN
    return [
        *lines[:_CLOSINGS_SHOWN],
        *([f"{_label('')}+{rest} more: bot positions"] if rest > 0 else []),
    ]


def _exposure(status: Status) -> list[str]:
    return [
        f"{_label('exposure' if n == 0 else '')}{row.currency} delta {row.delta:+.3g}"
        f" (worst {row.worst_case.delta:+.3g}) gamma {row.gamma:+.2g} vega {row.vega:+.3g}"
        + ("" if row.margin_use is None else f" margin {row.margin_use:.0%}")
        for n, row in enumerate(status.exposure[:3])
    ]


def _orders(status: Status) -> list[str]:
    count = status.orders
    undecided = [row.text for row in status.foreign if row.verdict in (None, "close")]
    if count is UNSET:
        return []
    if not (count.live or count.unknown or count.foreign or undecided):
        return []
    mark = " !" if count.unknown or undecided else ""
    more = f" +{len(undecided) - 1} more" if len(undecided) > 1 else ""
    named = f" {undecided[0]}{more}" if undecided else ""
    return [
        f"{_label('orders')}{count.live} live, {count.unknown} unknown,"
        f" {count.foreign} foreign{mark}{named}"
    ]


def _limits(status: Status) -> list[str]:
    near = sorted(
        (limit for limit in status.limits if used_part(limit) > _HALF),
        key=lambda limit: (-used_part(limit), limit.name),
    )
    return [
        f"{_label('limits' if n == 0 else '')}{limit.name} {figure_text(limit.used)}"
        f" of {figure_text(limit.limit)}"
        f" {limit.unit}  {used_part(limit):.0%}{' !' if used_part(limit) >= 1 else ''}"
        for n, limit in enumerate(near[:_LIMITS_SHOWN])
    ]


def _checks(status: Status) -> list[str]:
    rows = []
    recon = status.reconcile
    if recon is not UNSET and recon.number:
        verdict = {True: "passed", False: "failed", None: "running"}[recon.passed]
        at = f" at {recon.at[11:19]} UTC" if recon.at else ""
        off = f", difference {recon.difference}" if recon.difference else ""
        rows.append(f"{_label('reconcile')}#{recon.number} {verdict}{at}{off}")
    dog = status.watchdog
    if dog is not UNSET:
        age = "" if dog.beat_age_ms is None else f", last beat {dog.beat_age_ms / 1000:.1f} s"
        net = "armed" if dog.cancel_on_disconnect else "not armed"
        up = "up" if dog.up else "not running"
        rows.append(f"{_label('watchdog')}{up}{age}, cancel-on-disconnect {net}")
    if status.rollout is not None:
        out = status.rollout
        rows.append(
            f"{_label('rollout')}{out.release} {out.stage.value}, day {out.day} of {out.days}"
        )
    return rows


def _events(events: Sequence[EventRow], *, room: int) -> list[str]:
    return [
        f"{_label('events' if n == 0 else '')}{event_line(row)}"
        for n, row in enumerate(events[len(events) - min(room, len(events)) :])
    ]
