"""`bot tail`: events, one a line, for eyes and pipes."""

from typing import Annotated

import msgspec
import typer

from bot.control.client import Client
from bot.control.errors import Exit, UserError
from bot.control.render import event_line
from bot.control.view import EventRow
from commands.connect import connect
from commands.output import say, show, show_json
from commands.session import Session

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


class _Answer(msgspec.Struct, frozen=True):
    rows: tuple[EventRow, ...]
    next_seq: int


class _Gap(msgspec.Struct, frozen=True):
    n: int | None = None


@app.command()
def tail(
    ctx: typer.Context,
    n: Annotated[int, typer.Option("-n", min=1, max=1000, help="How many of the newest.")] = 20,
    follow: Annotated[bool, typer.Option("-f", help="Go on with what happens next.")] = False,
    kind: Annotated[
        str, typer.Option(metavar="KIND,...", help="Only these kinds, such as fill,mode.")
    ] = "",
    from_seq: Annotated[
        int | None, typer.Option("--from-seq", min=0, help="From this place in the ledger on.")
    ] = None,
) -> int:
    """Print events, one a line; with --json one document a line.

    Examples: bot tail        bot tail -f --kind fill,mode        bot tail --from-seq 88300 -n 500
    """
    session: Session = ctx.obj
    kinds = frozenset(word for word in kind.split(",") if word)
    args: dict[str, object] = {"n": n, "kinds": sorted(kinds)}
    if from_seq is not None:
        args["from_seq"] = from_seq
    try:
        client = connect(session)
    except UserError as error:
        if follow:
            raise
        # Loaded here: what a living engine answers must not pay for the ledger.
        from commands.last_run import read_ledger
        from commands.offline import events_of

        with read_ledger(session, error) as reader:
            rows = events_of(reader, n=n, from_seq=from_seq)
            say("No engine answers; this is what the ledger says.", session=session)
            _show(tuple(row for row in rows if not kinds or row.kind in kinds), session=session)
        return Exit.OK
    with client:
        answer = msgspec.json.decode(client.ask("tail", args), type=_Answer)
        _show(answer.rows, session=session)
        if follow:
            _follow(client, from_seq=answer.next_seq, kinds=kinds, session=session)
    return Exit.OK


def _follow(client: Client, *, from_seq: int, kinds: frozenset[str], session: Session) -> None:
    client.ask("subscribe", {"topics": ["events"], "hz": 4, "from_seq": from_seq})
    for frame in client.streamed():
        if bytes(frame.gap):
            lost = msgspec.json.decode(frame.gap, type=_Gap)
            say(f"... {lost.n} rows not shown, all are in the ledger", session=session)
        if bytes(frame.rows):
            rows = msgspec.json.decode(frame.rows, type=tuple[EventRow, ...])
            _show(tuple(row for row in rows if not kinds or row.kind in kinds), session=session)


def _show(rows: tuple[EventRow, ...], *, session: Session) -> None:
    if session.as_json:
        for row in rows:
            show_json({"schema": "bot.tail/1", **msgspec.structs.asdict(row)})
    else:
        show((event_line(row) for row in rows), session=session)
