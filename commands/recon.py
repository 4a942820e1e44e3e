"""`bot recon`: compare everything with the venue now [C-502]."""

import time
from typing import Final

import msgspec
import typer

from bot.control.client import Client
from bot.control.errors import Exit, UserError
from bot.control.proof import Proof, in_ledger, in_view
from bot.control.view import FillRow, ForeignRow, PositionRow, Reconcile
from commands.acting import act, ask_act
from commands.ask import reason_for
from commands.connect import connect
from commands.foreign import foreign as decide_on_foreign
from commands.last_run import now_text, read_ledger
from commands.output import say, show, show_json, table
from commands.session import Session

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

_HEAD: Final = ("INSTRUMENT", ">OURS", ">VENUE", ">DIFFERENCE")
_LOOK_S: Final = 0.2  # the engine publishes four times a second


class _Status(msgspec.Struct, frozen=True):
    at: str
    reconcile: Reconcile = Reconcile(number=0, at=None, passed=None, difference=None)


class _Positions(msgspec.Struct, frozen=True):
    positions: tuple[PositionRow, ...]


class _Foreign(msgspec.Struct, frozen=True):
    foreign: tuple[ForeignRow, ...]


class _Fills(msgspec.Struct, frozen=True):
    fills: tuple[FillRow, ...]


app.command("foreign")(decide_on_foreign)


@app.callback()
def _group() -> None:
    """Compare orders, trades, positions and account with the venue."""


@app.command("run")
def run_recon(ctx: typer.Context) -> int:
    """Start one full reconcile. It is harmless, recorded, and goes on in the background."""
    session: Session = ctx.obj
    with connect(session) as client:
        act(
            client,
            verb="recon run",
            args={"reason": reason_for(session, default="bot recon run")},
            session=session,
            schema="bot.recon-run/1",
            needs_greeting=True,
        )
    return Exit.OK


@app.command("prove")
def prove(ctx: typer.Context) -> int:
    """Prove positions at the venue, to the last digit; exit 1 when they are not proven.

    A running engine compares now and is waited for (--timeout). When it is down, the ledger's last
    comparison is shown.
    """
    session: Session = ctx.obj
    try:
        client = connect(session)
    except UserError as error:
        proof, run_id = _from_ledger(session, error)
        say("No engine answers; this is the ledger's last proof.", session=session)
    else:
        with client:
            proof, run_id = _from_engine(client, session), client.hello.run_id
    if session.as_json:
        figures = {"number": proof.number, "instruments": len(proof.rows)}
        show_json(
            {
                "schema": "bot.recon-prove/1",
                "at": now_text(),
                "run_id": run_id,
                "passed": proof.passed,
                "figures": figures,
                "proof": proof,
            }
        )
    else:
        cells = [(row.instrument, row.ours, row.venue, row.difference) for row in proof.rows]
        verdict = "proven" if proof.passed else f"NOT PROVEN: {proof.why}"
        lines = table(_HEAD, rows=cells) if cells else ["No positions."]
        show([*lines, f"#{proof.number} at {proof.at or 'never'}  {verdict}"], session=session)
    return Exit.OK if proof.passed else Exit.FAILED


def _from_engine(client: Client, session: Session) -> Proof:
    """Ask for a comparison and wait until one has ended after the asking."""
    before = _status(client)
    args = {"reason": reason_for(session, default="bot recon prove")}
    ask_act(client, verb="recon run", args=args, session=session, needs_greeting=True)
    deadline_s = time.monotonic() + session.timeout_s
    now = _status(client)
    while not _has_ended(now, before=before) and time.monotonic() < deadline_s:
        time.sleep(_LOOK_S)
        now = _status(client)
    positions = msgspec.json.decode(client.ask("positions", {}), type=_Positions).positions
    fills = msgspec.json.decode(client.ask("fills", {"n": 1}), type=_Fills).fills
    foreign = msgspec.json.decode(client.ask("foreign list", {}), type=_Foreign).foreign
    proof = in_view(now.reconcile, positions=positions, foreign=foreign, fills=fills)
    if proof.passed and not _has_ended(now, before=before):
        why = f"no comparison ended within {session.timeout_s:g} s; this is the last one"
        return msgspec.structs.replace(proof, passed=False, why=why)
    return proof


def _has_ended(now: _Status, *, before: _Status) -> bool:
    """Say whether a comparison has ended since `before`.

    A good one has its time, in venue time as the status has. A bad one keeps its number until the
    next begins, which is at once: two numbers on, one has begun and ended.
    """
    if now.reconcile.at is not None and now.reconcile.at > before.at:
        return True
    return now.reconcile.number > before.reconcile.number + 1 and now.reconcile.passed is False


def _status(client: Client) -> _Status:
    return msgspec.json.decode(client.ask("status", {}), type=_Status)


def _from_ledger(session: Session, error: UserError) -> tuple[Proof, str]:
    with read_ledger(session, error) as reader:
        state = reader.state()
        proofs = [(w.seq, w.entry.record) for w in reader.entries(kind="proof")]
        last_fill = max((w.seq for w in reader.entries(kind="fill")), default=0)
    run_id = state.run.run_id if state.run else ""
    return in_ledger(state, proofs=proofs, last_fill=last_fill), run_id
