"""`bot health`: one answer for a monitor."""

import time
from typing import Annotated

import msgspec
import typer

from bot.control.errors import Exit, UserError
from bot.control.view import Health
from commands.connect import connect
from commands.output import document, show, show_json
from commands.session import Session

__all__ = ["app"]

_AGAIN_S = 0.25

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def health(
    ctx: typer.Context,
    wait: Annotated[
        float,
        typer.Option(min=0, max=3600, help="Seconds to wait for ok, also for the engine."),
    ] = 0,
) -> int:
    """Say whether the engine is ok: ACTIVE with opens permitted. Exit 0, 1, or 3 without an engine.

    Examples: bot health        bot health --wait 30        bot -q health || page-me
    """
    session: Session = ctx.obj
    deadline = time.monotonic() + wait
    while True:
        is_last = time.monotonic() >= deadline
        try:
            with connect(session) as client:
                raw = client.ask("health")
        except UserError as error:
            if is_last or error.exit is not Exit.NO_ENGINE:
                raise
        else:
            found = msgspec.json.decode(raw, type=Health)
            if found.ok or is_last:
                return _show(found, raw=raw, session=session)
        time.sleep(_AGAIN_S)


def _show(found: Health, *, raw: bytes, session: Session) -> Exit:
    if session.as_json:
        figures = {"reasons": len(found.reasons)}
        show_json(document("bot.health/1", raw=raw, passed=found.ok, figures=figures))
    elif not session.is_quiet:
        reasons = ", ".join(found.reasons) or "none"
        show(
            [
                f"{'ok' if found.ok else 'not ok'}  {found.environment.value}"
                f"  {found.mode.value.replace('_', ' ')}  reasons {reasons}"
                f"  build {found.build_id}  contract {found.contract_version}  run {found.run_id}"
            ],
            session=session,
        )
    return Exit.OK if found.ok else Exit.FAILED
