"""`bot sim`: start a simulated Deribit by itself, and say what can go wrong with it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from bot.control.errors import Exit
from commands.output import show, show_json, table
from commands.session import Session

__all__ = ["app"]

app = typer.Typer(
    help="Simulated venue.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def sim() -> None:
    """Run a simulated venue on this machine."""


@app.command()
def exchange(
    state: Annotated[
        Path, typer.Option(help="Folder for accounts, orders and positions; made when absent.")
    ],
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free port.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="The market's seed.")] = 7,
    market: Annotated[
        Path | None, typer.Option(help="A recording to replay, file or folder.")
    ] = None,
    speed: Annotated[
        float, typer.Option(min=0.001, max=100_000, help="Exchange seconds in a second.")
    ] = 1.0,
    idle: Annotated[
        float, typer.Option(help="End after so many seconds without a connection; 0 never.")
    ] = 900.0,
    faults: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A plan of what goes wrong, in TOML.")
    ] = None,
) -> None:
    """Serve JSON-RPC over WebSocket and HTTP on 127.0.0.1 until stopped.

    Keys are in STATE/keys.json, the address in STATE/endpoint.json while it runs.
    """
    # Loaded here: `bot --help` must not pay for a server.
    import trio

    from bot.simulator.fault import ExchangeError
    from bot.simulator.server import Settings, serve
    from bot.simulator.state_folder import Endpoint
    from bot.simulator.trouble.plan import Plan, load_plan

    def announce(endpoint: Endpoint) -> None:
        typer.echo(f"Simulated Deribit at {endpoint.ws} and {endpoint.http} (keys in {state})")

    def sum_up(injected: Mapping[str, int]) -> None:
        if injected:
            counts = ", ".join(f"{name} {count}" for name, count in sorted(injected.items()))
            typer.echo(f"Went wrong as planned: {counts}")

    async def main() -> int:
        settings = Settings(
            state=state,
            port=port,
            seed=seed,
            market=market,
            speed=speed,
            idle_s=idle,
            plan=Plan() if faults is None else load_plan(faults),
        )
        return await serve(settings, announce=announce, sum_up=sum_up)

    try:
        code = trio.run(main)
    except ExchangeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.exit_code) from None
    raise typer.Exit(code)


@app.command("faults")
def list_faults(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One document on stdout.")] = False,
) -> int:
    """List what can go wrong at the simulated exchange: the names for a plan of faults."""
    from bot.simulator.trouble.fault import FAULTS

    session: Session = ctx.obj
    if as_json or session.as_json:
        rows = [
            {"fault": name, "group": fault.group.value, "span_s": fault.span_s, "says": fault.says}
            for name, fault in FAULTS.items()
        ]
        show_json({"schema": "bot.sim-faults/1", "figures": {"faults": len(rows)}, "results": rows})
    else:
        cells = [
            (name, fault.group.value, _span(fault.span_s), fault.says)
            for name, fault in FAULTS.items()
        ]
        show(table(("FAULT", "GROUP", "STANDS", "WHAT HAPPENS"), rows=cells), session=session)
    return Exit.OK


def _span(span_s: tuple[float, float] | None) -> str:
    return "once" if span_s is None else f"{span_s[0]:g} to {span_s[1]:g} s"
