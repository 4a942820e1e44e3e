"""What is asked of the stop order that a hand has placed: look-ups show it, cancels find it."""

from typing import Any

from bot.simulator.rpc.answer import Answer
from bot.simulator.rpc.method import Call, Method
from bot.simulator.show.instrument import wire_kind
from bot.simulator.show.order import definition

__all__ = ["of_stop", "with_stop"]


def of_stop(call: Call, row: Method, asked: Any) -> Answer | None:
    """Answer what is asked of the stop by its id; None when something else is asked."""
    states = call.floor.mishaps.states
    stop = states.stop
    is_cancel = row.name == "private/cancel"
    if stop is None or not (is_cancel or row.name == "private/get_order_state"):
        return None
    if asked.order_id != stop.order.id or call.account != stop.account:
        return None
    if is_cancel:
        states.take_stop()
        call.floor.mishaps.say(call.floor.broadcast)
    return Answer(stop.show(call.venue, is_cancelled=is_cancel))


def with_stop(call: Call, row: Method, asked: Any, made: Answer) -> Answer:
    """Add the stop to the open orders, or to what a mass cancel has cancelled."""
    states = call.floor.mishaps.states
    if states.stop is None:
        return made
    if row.name.startswith("private/get_open_orders") and _is_covered(call, asked):
        return Answer([*made.result, states.stop.show(call.venue)])
    is_mass = row.name.startswith("private/cancel") and row.name != "private/cancel"
    if not is_mass or not _is_covered(call, asked):
        return made
    gone = {"order": states.stop.show(call.venue, is_cancelled=True)}
    states.take_stop()
    if isinstance(made.result, list):
        return Answer([*made.result, gone])
    return Answer(made.result + 1)


def _is_covered(call: Call, asked: Any) -> bool:
    stop = call.floor.mishaps.states.stop
    if stop is None or stop.account != call.account or asked.label:
        return False
    instrument = definition(call.venue, stop.instrument)
    currencies = [asked.currency] if isinstance(asked.currency, str) else asked.currency
    return (
        instrument is not None
        and asked.type in ("all", "trigger_all", "stop")
        and asked.instrument_name in (None, stop.instrument)
        and asked.kind in ("any", wire_kind(instrument.kind))
        and (currencies is None or "any" in currencies or instrument.currency in currencies)
    )
