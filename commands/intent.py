"""`bot intent`: one intent through its life, or a list of them."""

from collections import deque
from enum import StrEnum
from typing import Annotated, Final

import typer

from bot.control.errors import Exit
from bot.control.explain import Story
from bot.control.explain_text import book_lines, gate_lines, story_lines
from commands.last_run import now_text
from commands.look_up import intent_of, ledger_of, not_found, story_in
from commands.output import show, show_json, table
from commands.session import Session

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

_What = Annotated[str, typer.Argument(metavar="WHAT", help="Hash or its start, label or its end.")]
_HEAD: Final = ("SEQ", "LABEL", "STATE", "SIDE", ">FILLED/SIZE", ">PRICE", "ROLE", "INSTRUMENT")


class _State(StrEnum):
    ALL = "all"
    RECORDED = "recorded"
    SENT = "sent"
    ACKED = "acked"
    OPEN = "open"
    PARTIAL = "partial"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    ABSENT = "absent"


@app.callback()
def _group() -> None:
    """Look at intents in the ledger, with or without an engine."""


@app.command("show")
def show_intent(ctx: typer.Context, what: _What) -> int:
    """Show one intent: what it is, why it was made, and each step of its life."""
    session: Session = ctx.obj
    story = _story(session, what)
    if session.as_json:
        _show_json(story, schema="bot.intent-show/1")
    else:
        show(story_lines(story), session=session)
    return Exit.OK


@app.command("explain")
def explain_intent(ctx: typer.Context, what: _What) -> int:
    """Show one intent with every gate and the book at the decision."""
    session: Session = ctx.obj
    story = _story(session, what)
    if session.as_json:
        _show_json(story, schema="bot.intent-explain/1")
        return Exit.OK
    lines = story_lines(story)
    if story.gates:
        lines += ["", *gate_lines(story.gates)]
    if story.saw is not None:
        lines += ["", *book_lines(story.saw)]
    show(lines, session=session)
    return Exit.OK


@app.command("list")
def list_intents(
    ctx: typer.Context,
    state: Annotated[_State, typer.Option(help="Only these.")] = _State.ALL,
    n: Annotated[int, typer.Option("-n", min=1, max=1000, help="How many of the newest.")] = 20,
) -> int:
    """List the newest order intents, oldest first. Cancels are told with their orders."""
    session: Session = ctx.obj
    with ledger_of(session) as reader:
        live = reader.state()
        newest: deque[Story] = deque(maxlen=n)
        identities = [
            written.entry.intent_id
            for written in reader.entries(kind="intent")
            if written.entry.intent_id is not None
        ]
        # Newest first: a whole ledger is not told for twenty lines.
        for identity in reversed(identities):
            if len(newest) == n:
                break
            if state is _State.UNKNOWN and identity not in live.orders:
                continue
            story = story_in(reader, identity)
            if story.kind == "order" and state.value in ("all", story.state.lower()):
                newest.appendleft(story)
    if session.as_json:
        show_json(
            {
                "schema": "bot.intent-list/1",
                "at": now_text(),
                "figures": {"intents": len(newest)},
                "intents": [_row(story) for story in newest],
            }
        )
    else:
        show(table(_HEAD, rows=[_cells(story) for story in newest]), session=session)
    return Exit.OK


def _story(session: Session, what: str) -> Story:
    with ledger_of(session) as reader:
        identity = intent_of(reader, what)
        if identity is None:
            raise not_found(reader, what)
        return story_in(reader, identity)


def _show_json(story: Story, *, schema: str) -> None:
    figures = {"steps": len(story.steps), "gates": len(story.gates)}
    show_json(
        {
            "schema": schema,
            "at": now_text(),
            "run_id": story.run_id,
            "figures": figures,
            "intent": story,
        }
    )


def _row(story: Story) -> dict[str, object]:
    names = ("seq", "intent_id", "label", "state", "side", "size", "filled", "price", "role")
    return {name: getattr(story, name) for name in (*names, "instrument", "strategy")}


def _cells(story: Story) -> tuple[str, ...]:
    return (
        str(story.seq),
        story.label[-4:],
        story.state,
        story.side or "-",
        f"{story.filled}/{story.size}",
        story.price or "-",
        story.role or "-",
        story.instrument,
    )
