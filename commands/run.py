"""`bot run`: start the engine in the foreground."""

import math
import re
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from bot.control.ending import ending_words
from bot.control.errors import Exit, UserError
from bot.domain.mode import Environment
from commands.last_run import ending_of
from commands.output import say, show, show_json
from commands.session import Session

__all__ = ["app", "seconds_of"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?")
_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, None: 1.0}
_SEED_MAX = 2**63 - 1


@app.command()
def run(
    ctx: typer.Context,
    for_: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help="End after 60s, 2m, 1h.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=_SEED_MAX, help="Of everything random.")] = 0,
    market: Annotated[
        Path | None, typer.Option(metavar="PATH", help="A recorded market, DEV only.")
    ] = None,
    speed: Annotated[
        float, typer.Option(min=0.1, max=1000, help="How fast a recording is played.")
    ] = 1.0,
    strategy: Annotated[
        str | None, typer.Option(metavar="NAME", help="Instead of the configured one.")
    ] = None,
    live_i_mean_it: Annotated[
        bool, typer.Option("--live-i-mean-it", help="Needed for --env live.")
    ] = False,
) -> int:
    """Start the engine: health line first, then the status. Ctrl-C stops it in order.

    Examples: bot run        bot run --for 60s --seed 7 --json
    """
    session: Session = ctx.obj
    environment = session.environment or Environment.DEV
    for_s = None if for_ is None else seconds_of(for_)
    _check(environment, is_confirmed=live_i_mean_it, market=market)

    import trio

    engine = import_module("bot.engine.run")
    options = engine.RunOptions(
        home=session.home,
        environment=environment,
        seed=seed,
        for_s=for_s,
        market=market,
        speed=speed,
        strategy=strategy,
        live_confirmed=live_i_mean_it,
        as_json=session.as_json,
        is_ascii=session.is_ascii,
    )
    result = trio.run(engine.run_engine, options)
    if session.as_json:
        show_json(result)
    else:
        show(ending_words(ending_of(session), is_ascii=session.is_ascii).lines, session=session)
    if result["unproven"]:
        say(f"Not proven at the end: {'; '.join(result['unproven'])}.", session=session)
        return Exit.FAILED
    return Exit.INTERRUPTED if result["ended"] == "SIGINT" else Exit.OK


def seconds_of(text: str) -> float:
    """Read `60s`, `2m`, `1.5h`, `500ms`, or plain seconds.

    Raises UserError USAGE for anything else, for zero, and for more than a year.
    """
    found = _SPAN.fullmatch(text.strip())
    seconds = float(found[1]) * _UNIT_S[found[2]] if found else math.nan
    if found and 0 < seconds <= 366 * 86_400:
        return seconds
    raise UserError(
        "USAGE",
        exit=Exit.USAGE,
        what=f"--for was {text}. It must be a time above 0, such as 60s, 2m or 1h.",
        why="Nothing was started.",
        next="For example: bot run --for 60s",
    )


def _check(environment: Environment, *, is_confirmed: bool, market: Path | None) -> None:
    if environment is Environment.LIVE and not is_confirmed:
        raise UserError(
            "LIVE_NOT_CONFIRMED",
            exit=Exit.UNSAFE_START,
            what="Cannot start: LIVE needs the flag --live-i-mean-it. Nothing was sent.",
            why="It trades real money.",
            next="If you mean it: bot run --env live --live-i-mean-it",
        )
    if is_confirmed and environment is not Environment.LIVE:
        raise UserError(
            "USAGE",
            exit=Exit.USAGE,
            what=f"--live-i-mean-it has no meaning in {environment.value}. Nothing was started.",
            why="A flag that means nothing is a slip.",
            next=f"bot run --env {environment.value.lower()}",
        )
    if market is not None and environment is not Environment.DEV:
        raise UserError(
            "USAGE",
            exit=Exit.USAGE,
            what=f"--market has no meaning in {environment.value}. Nothing was started.",
            why="A recorded market is played by the exchange of DEV only.",
            next="bot run --env dev --market PATH",
        )
    if market is not None and not market.exists():
        raise UserError(
            "NO_MARKET",
            exit=Exit.CONFIG,
            what=f"Cannot start: there is no recording at {market}. Nothing was started.",
            why="The exchange would have nothing to play.",
            next="Leave --market out for the made-up market: bot run",
        )
