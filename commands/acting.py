"""Ask the engine for an act and show what became of it."""

import uuid
from collections.abc import Mapping

import msgspec

from bot.control.client import Client
from bot.control.port import Acted
from commands.output import document, show, show_json
from commands.session import Session

__all__ = ["act"]


def act(
    client: Client,
    *,
    verb: str,
    args: Mapping[str, object],
    session: Session,
    schema: str,
    needs_greeting: bool,
) -> Acted:
    """Send the act, print its answer, and return it.

    A tightening act goes without a greeting: its place at a busy engine depends on being first.
    Raises UserError as the engine answers.
    """
    if needs_greeting:
        client.greet(verb)
    who = {} if session.by is None else {"by": session.by}
    raw = client.ask(verb, {"request_id": str(uuid.uuid4()), **who, **args})
    acted = msgspec.json.decode(raw, type=Acted)
    if session.as_json:
        figures = {"record_seq": acted.record_seq}
        show_json(document(schema, raw=raw, run_id=client.hello.run_id, figures=figures))
    else:
        show(acted.lines, session=session)
    return acted
