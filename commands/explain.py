"""`bot explain`: the life of anything, from the ledger alone (UX §3.7, §4.4)."""

from typing import Annotated

import typer

from bot.control.errors import Exit, UserError
from bot.control.explain import Story
from bot.control.explain_text import anchor, book_lines, gate_lines, meaning_lines, story_lines
from bot.control.find import reason_named, seq_named
from bot.control.gate_words import refusal_rows
from bot.control.story import event_row
from bot.control.view import EventRow
from bot.domain.reason import REASONS, Reason
from commands.last_run import now_text
from commands.look_up import intent_of, ledger_of, not_found, story_in
from commands.output import show, show_json
from commands.session import Session
from ledger.read import Reader, Written

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

_LATEST = 5  # records of a code that are worth a line each


@app.command()
def explain(
    ctx: typer.Context,
    what: Annotated[
        str, typer.Argument(metavar="WHAT", help="Intent, label, order, trade, code, or record.")
    ],
    gates: Annotated[bool, typer.Option("--gates", help="Each gate, with what it saw.")] = False,
    book: Annotated[bool, typer.Option("--book", help="The book at the decision.")] = False,
) -> int:
    """Tell the life of one intent, a refusal, or a reason code, from the ledger alone.

    Examples: bot explain a41f        bot explain SPREAD_WIDE        bot explain 412 --gates
    """
    session: Session = ctx.obj
    reason = reason_named(what)
    if reason is not None:
        return _reason(reason, session=session)
    with ledger_of(session) as reader:
        identity = intent_of(reader, what)
        if identity is not None:
            story = story_in(reader, identity)
            _show_story(story, session=session, has_gates=gates, has_book=book)
            return Exit.OK
        written = _record(reader, what)
        if written is None:
            raise not_found(reader, what)
        if written.entry.intent_id is not None:
            story = story_in(reader, written.entry.intent_id)
            _show_story(story, session=session, has_gates=gates, has_book=book)
        else:
            _show_record(written, session=session)
    return Exit.OK


def _show_story(story: Story, *, session: Session, has_gates: bool, has_book: bool) -> None:
    if session.as_json:
        show_json(
            {
                "schema": "bot.explain/1",
                "at": now_text(),
                "run_id": story.run_id,
                "found": "intent",
                "figures": {"steps": len(story.steps), "gates": len(story.gates)},
                "intent": story,
            }
        )
        return
    lines = story_lines(story)
    if has_gates:
        lines += ["", *gate_lines(story.gates)]
    if has_book and story.saw is not None:
        lines += ["", *book_lines(story.saw)]
    show(lines, session=session)


def _record(reader: Reader, what: str) -> Written | None:
    """Return the record of a number, or the fill of a trade that no intent explains."""
    seq = seq_named(what)
    if seq is not None and seq <= reader.head().seq:
        return next(reader.entries(after=seq - 1), None)
    return next(
        (
            written
            for written in reader.entries(kind="fill")
            if written.entry.ref is not None and written.entry.ref.partition(":")[2] == what
        ),
        None,
    )


def _show_record(written: Written, *, session: Session) -> None:
    row = event_row(written.entry.record, seq=written.seq, at_ms=written.entry.at_venue_ms)
    refusals = getattr(written.entry.record, "refusals", ())
    rows = refusal_rows(refusals)
    if session.as_json:
        show_json(
            {
                "schema": "bot.explain/1",
                "at": now_text(),
                "run_id": written.entry.run_id,
                "found": "refusal" if rows else "record",
                "figures": {"seq": written.seq, "refusals": len(rows)},
                "record": row,
                "hash": written.hash,
                "gates": rows,
                "wanted": getattr(written.entry.record, "wanted", None),
            }
        )
        return
    lines = [f"{row.kind.upper()}  record {row.seq}  {row.at}", f"  {row.text}"[:80]]
    if rows:
        wanted = getattr(written.entry.record, "wanted", "")
        lines += [f"  wanted    {wanted}"[:80], "", *gate_lines(rows), ""]
        lines += ["  other gates passed, or do not stand before such an order", ""]
        lines += meaning_lines(Reason(rows[0].verdict))
    lines.append(f"  proof     record {written.seq}, hash {written.hash[:12]}")
    show(lines, session=session)


def _reason(reason: Reason, *, session: Session) -> int:
    latest = _latest(reason, session=session)
    if session.as_json:
        meaning = REASONS[reason]
        show_json(
            {
                "schema": "bot.explain/1",
                "at": now_text(),
                "found": "reason",
                "figures": {"seen": len(latest)},
                "code": reason.value,
                "effect": meaning.effect.value,
                "text": meaning.text,
                "next": meaning.next,
                "runbook": anchor(reason),
                "latest": latest,
            }
        )
        return Exit.OK
    lines = meaning_lines(reason)
    if latest:
        lines += ["", f"newest records with it: bot explain {latest[-1].seq}"]
        lines += [f"  {row.seq:>6}  {row.at}  {row.text}"[:80] for row in latest]
    show(lines, session=session)
    return Exit.OK


def _latest(reason: Reason, *, session: Session) -> list[EventRow]:
    """Return the newest records that name this code; none where there is no ledger to read."""
    try:
        with ledger_of(session) as reader:
            rows = [
                event_row(w.entry.record, seq=w.seq, at_ms=w.entry.at_venue_ms)
                for kind in ("cause", "refused")
                for w in reader.entries(kind=kind)
            ]
    except UserError:
        return []  # a code's meaning needs no ledger
    named = sorted((row for row in rows if row.code == reason.value), key=lambda row: row.seq)
    return named[-_LATEST:]
