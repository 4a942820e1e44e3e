"""Messages made wrong: one field, drawn; the message that was right stays as it is."""

import random
from copy import deepcopy
from decimal import Decimal
from typing import Any, Final

__all__ = ["UNKNOWN_STATE", "spoil", "spoil_order", "with_unknown_state"]

UNKNOWN_STATE: Final = "pending_review"
_KEY: Final = "unheard_of"
_HUGE: Final = Decimal("1e400")
_KINDS: Final = ("nan", "null", "huge", "type", "missing", "extra")
_NEEDED: Final = ("order_id", "order_state", "instrument_name", "amount", "filled_amount", "price")

_Place = tuple[Any, Any]  # a list or dict, and the index or key in it


def spoil(message: Any, draw: random.Random) -> Any | None:
    """Return the message with one drawn field spoilt; None when it has no field."""
    copy = deepcopy(message)
    places = list(_leaves(copy))
    if not places:
        return None
    within, key = places[draw.randrange(len(places))]
    match draw.choice(_KINDS):
        case "nan":
            within[key] = "NaN"
        case "null":
            within[key] = None
        case "huge":
            within[key] = _HUGE
        case "type":
            within[key] = [] if isinstance(within[key], str) else "seventeen"
        case "missing":
            del within[key]
        case _ if isinstance(within, dict):
            within[_KEY] = {"why": 1}
        case _:
            within.append(_KEY)
    return copy


def spoil_order(result: Any, draw: random.Random) -> Any | None:
    """Return an order's answer whose order lacks or garbles something that its reader needs."""
    if not isinstance(result, dict) or not isinstance(result.get("order"), dict):
        return None
    order = dict(result["order"])
    key = draw.choice(_NEEDED)
    if draw.random() < 0.5:
        del order[key]
    else:
        order[key] = {"why": 1}
    return {**result, "order": order}


def with_unknown_state(message: Any, draw: random.Random) -> Any | None:
    """Return the message with one order in a state that nobody knows; None without an order."""
    copy = deepcopy(message)
    orders = [within for within, key in _leaves(copy) if key == "order_state"]
    if not orders:
        return None
    orders[draw.randrange(len(orders))]["order_state"] = UNKNOWN_STATE
    return copy


def _leaves(value: Any) -> list[_Place]:
    """List the fields of a message in their order, however deep."""
    found: list[_Place] = []
    if isinstance(value, dict):
        pairs: list[tuple[Any, Any]] = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    else:
        return found
    for key, part in pairs:
        if isinstance(part, dict | list):
            found += _leaves(part)
        else:
            found.append((value, key))
    return found
