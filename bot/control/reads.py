"""Answers of the reading verbs, from the last published view (UX §2.4).

Two are asked of the engine itself: `tail` reads the ledger, and a plan is of that view or later.
"""

from collections.abc import Callable

import msgspec

from bot.control.port import Engine
from bot.control.verbs import FillsArgs, NoArgs, OrdersArgs, TailArgs
from bot.control.view import OrderRow, View

__all__ = ["as_of_seq", "read"]


async def read(
    verb: str, *, args: msgspec.Struct, engine: Engine, metrics: Callable[[], str]
) -> object:
    """Return the `ok` of a reading verb. Only `tail` waits, for the ledger.

    Raises UserError when the ledger cannot be read.
    """
    view = engine.view()
    match args:
        case TailArgs():
            return await _tail(args, engine=engine)
        case OrdersArgs():
            rows = [row for row in view.orders if _is(row, state=args.state)]
            return {"orders": rows, "as_of_seq": as_of_seq(view)}
        case FillsArgs():
            return {"fills": view.fills[-args.n :], "as_of_seq": as_of_seq(view)}
        case NoArgs():
            if verb == "flatten plan":
                return engine.flatten_plan()
            return _plain(verb, engine=engine, metrics=metrics)
        case _:
            raise AssertionError(f"{verb} is no reading verb")


def as_of_seq(view: View) -> int:
    """Return the ledger seq that the view has come to, as far as its events tell."""
    return view.events_tail[-1].seq if view.events_tail else 0


def _plain(verb: str, *, engine: Engine, metrics: Callable[[], str]) -> object:
    view = engine.view()
    if verb == "status":
        return view.status
    if verb == "health":
        return engine.health()
    if verb == "positions":
        return {"positions": view.positions, "as_of_seq": as_of_seq(view)}
    if verb == "causes":
        return {"causes": view.status.causes, "as_of_seq": as_of_seq(view)}
    if verb == "foreign list":
        return {"foreign": view.status.foreign, "as_of_seq": as_of_seq(view)}
    if verb == "metrics":
        return {"text": metrics()}
    raise AssertionError(f"{verb} is no reading verb")


def _is(row: OrderRow, *, state: str) -> bool:
    match state:
        case "all":
            return True
        case "foreign":
            return row.foreign
        case "unknown":
            return row.state == "UNKNOWN"
        case _:
            return row.state != "UNKNOWN" and not row.foreign


async def _tail(args: TailArgs, *, engine: Engine) -> object:
    from_seq = -args.n if args.from_seq is None else args.from_seq
    rows = await engine.events(from_seq=from_seq, limit=args.n)
    next_seq = rows[-1].seq + 1 if rows else max(from_seq, 0)
    kept = tuple(row for row in rows if not args.kinds or row.kind in args.kinds)
    return {"rows": kept, "next_seq": next_seq}
