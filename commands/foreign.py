"""`bot recon foreign`: show what in the account is not ours, and decide on it [C-509]."""

from enum import StrEnum
from typing import Annotated

import msgspec
import typer

from bot.control.client import Client
from bot.control.errors import Exit, UserError
from bot.control.faults import nearest
from bot.control.view import ForeignRow
from bot.domain.mode import Environment
from commands.acting import act
from commands.ask import Step, consent, reason_for
from commands.connect import connect
from commands.output import document, say, show, show_json, table
from commands.session import Session

__all__ = ["foreign"]

_HEAD = ("KIND", "SUBJECT", "WHAT", ">PRICE", "DECIDED")


class _What(StrEnum):
    LIST = "list"
    ADOPT = "adopt"
    IGNORE = "ignore"
    CLOSE = "close"


# What a person agrees to, in one line each.
_QUESTIONS = {
    _What.ADOPT: "It becomes ours to manage, as if this engine had done it.",
    _What.IGNORE: "It stays its owner's: counted at worst case, and foreign again when it changes.",
    _What.CLOSE: "An order is cancelled; a position becomes ours and is exited at the market.",
}


class _Answer(msgspec.Struct, frozen=True):
    foreign: tuple[ForeignRow, ...]


def foreign(
    ctx: typer.Context,
    what: Annotated[_What, typer.Argument(help="list, or the decision.")] = _What.LIST,
    subject: Annotated[
        str | None, typer.Argument(help="An order's id, or a position's instrument.")
    ] = None,
    expect: Annotated[
        str | None, typer.Option(help="What the list shows of it; from a script it must be given.")
    ] = None,
) -> int:
    """List strangers, or decide on one: adopt, ignore, close. Opens stay shut until all are.

    Examples: bot recon foreign list        bot recon foreign adopt BTC-PERPETUAL
    """
    session: Session = ctx.obj
    with connect(session) as client:
        raw = client.ask("foreign list", {})
        rows = msgspec.json.decode(raw, type=_Answer).foreign
        if what is _What.LIST:
            _show(rows, raw, client, session)
            return Exit.OK
        row = _row(rows, subject)
        text = _seen(row, expect, session)
        reason = reason_for(session, default=None)
        environment = client.hello.environment
        _agree(session, what, environment)
        act(
            client,
            verb=f"foreign {what.value}",
            args={
                "subject": row.subject,
                "expect": text,
                "reason": reason,
                **({"confirm": "close"} if what is _What.CLOSE else {}),
            },
            session=session,
            schema=f"bot.recon-foreign-{what.value}/1",
            needs_greeting=True,
        )
    return Exit.OK


def _show(rows: tuple[ForeignRow, ...], raw: bytes, client: Client, session: Session) -> None:
    if session.as_json:
        figures = {"foreign": len(rows), "undecided": sum(row.verdict is None for row in rows)}
        schema = "bot.recon-foreign/1"
        show_json(document(schema, raw=raw, run_id=client.hello.run_id, figures=figures))
        return
    cells = [
        (row.kind, row.subject, row.text, row.price or "-", row.verdict or "not yet")
        for row in rows
    ]
    show(table(_HEAD, rows=cells) if cells else ["Nothing foreign."], session=session)


def _row(rows: tuple[ForeignRow, ...], subject: str | None) -> ForeignRow:
    found = next((row for row in rows if row.subject == subject), None)
    if found is not None:
        return found
    close = nearest(subject or "", known=[row.subject for row in rows])
    raise UserError(
        "USAGE" if subject is None else "NOT_FOUND",
        exit=Exit.USAGE if subject is None else Exit.FAILED,
        what=f"Nothing foreign is called {subject}."
        if subject
        else "Which one? A decision needs an order's id or an instrument.",
        why="Nothing was changed.",
        next=f"Did you mean: {close}" if close else "bot recon foreign list",
    )


def _seen(row: ForeignRow, expect: str | None, session: Session) -> str:
    """Return what the decision is about: what was given, or what is shown now to a person."""
    if expect is not None:
        return expect
    if not session.may_ask:
        raise UserError(
            "USAGE",
            exit=Exit.USAGE,
            what="Not done: what it looked like must be given, and nobody can be asked here.",
            why="A decision holds for what was seen, and for nothing else.",
            next=f'Add: --expect "{row.text}"',
        )
    say(f"{row.kind} {row.subject}: {row.text}", session=session)
    return row.text


def _agree(session: Session, what: _What, environment: Environment) -> None:
    is_close = what is _What.CLOSE
    consent(
        session,
        step=Step.WORD if is_close else Step.NAMED,
        word="close" if is_close else environment.value.lower(),
        environment=environment,
        tightens=False,
        question=_QUESTIONS[what],
    )
