"""Ask the engine for an act and show what became of it."""

import uuid
from collections.abc import Mapping

import msgspec

from bot.control.client import Client
from bot.control.port import Acted
from commands.output import document, show, show_json
from commands.session import Session

__all__ = ["act", "ask_act"]


def act(
    client: Client,
    *,
    verb: str,
    args: Mapping[str, object],
    session: Session,
    schema: str,
    needs_greeting: bool,
) -> None:
    """Send the act and print its answer: the three lines after it, or one document."""
    acted, raw = ask_act(
        client, verb=verb, args=args, session=session, needs_greeting=needs_greeting
    )
    if session.as_json:
        figures = {"record_seq": acted.record_seq}
        show_json(document(schema, raw=raw, run_id=client.hello.run_id, figures=figures))
    else:
        show(acted.lines, session=session)


def ask_act(
    client: Client,
    *,
    verb: str,
    args: Mapping[str, object],
    session: Session,
    needs_greeting: bool,
    wait_s: float | None = None,
) -> tuple[Acted, bytes]:
    """Send the act and return its answer, read and raw; `wait_s` is for one that takes longer.

    A tightening act goes without a greeting: its place at a busy engine depends on being first.
    Raises UserError as the engine answers.
    """
    if needs_greeting:
        client.greet(verb)
    who = {} if session.by is None else {"by": session.by}
    raw = client.ask(verb, {"request_id": str(uuid.uuid4()), **who, **args}, wait_s=wait_s)
    return msgspec.json.decode(raw, type=Acted), raw
