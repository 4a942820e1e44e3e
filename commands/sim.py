"""`bot sim`: start a simulated Deribit by itself."""

from pathlib import Path
from typing import Annotated

import typer

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
) -> None:
    """Serve JSON-RPC over WebSocket and HTTP on 127.0.0.1 until stopped.

    Keys are in STATE/keys.json, the address in STATE/endpoint.json while it runs.
    """
    # Loaded here: `bot --help` must not pay for a server.
    import trio

    from bot.simulator.fault import ExchangeError
    from bot.simulator.server import Settings, serve
    from bot.simulator.state_folder import Endpoint

    settings = Settings(state=state, port=port, seed=seed, market=market, speed=speed, idle_s=idle)

    def announce(endpoint: Endpoint) -> None:
        typer.echo(f"Simulated Deribit at {endpoint.ws} and {endpoint.http} (keys in {state})")

    async def main() -> int:
        return await serve(settings, announce=announce)

    try:
        code = trio.run(main)
    except ExchangeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.exit_code) from None
    raise typer.Exit(code)
