"""What the venue answers when it says no: code, name and details, as data.

Source: PROTOCOL §19; the codes that this exchange can give.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, final

__all__ = ["MESSAGES", "Refused", "bad_param", "refuse"]

MESSAGES: Final[Mapping[int, str]] = {
    10000: "authorization_required",
    10002: "qty_too_low",
    10003: "order_overlap",
    10004: "order_not_found",
    10005: "price_too_low",
    10007: "price_too_high",
    10009: "not_enough_funds",
    10012: "book_closed",
    10019: "locked_by_admin",
    10020: "invalid_or_unsupported_instrument",
    10021: "invalid_amount",
    10023: "invalid_price",
    10027: "non_integer_contract_amount",
    10028: "too_many_requests",
    10029: "not_owner_of_order",
    10030: "must_be_websocket_request",
    10033: "not_implemented",
    10040: "retry",
    10041: "settlement_in_progress",
    10043: "price_wrong_tick",
    10047: "matching_engine_queue_full",
    10050: "lock_time_exceeded",
    11008: "already_filled",
    11021: "post_only_price_modification_not_possible",
    11030: "other_reject",
    11031: "other_error",
    11044: "not_open_order",
    11050: "bad_request",
    11051: "system_maintenance",
    11054: "post_only_reject",
    11055: "post_only_not_allowed",
    11094: "internal_server_error",
    13004: "invalid_credentials",
    13008: "request_failed",
    13009: "unauthorized",
    13019: "orderbook_closed",
    13020: "not_found",
    13021: "forbidden",
    13028: "temporarily_unavailable",
    13032: "non_unique_order_label",
    13778: "raw_subscriptions_not_available_for_unauthorized",
    13888: "timed_out",
    19999: "unheard_of",  # in no table of the venue: what a code of tomorrow looks like
    -32700: "Parse error",
    -32600: "request entity too large",
    -32601: "Method not found",
    -32602: "Invalid params",
    -32000: "Missing params",
}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An error answer. `data` stands in the reply only when there is something to say."""

    code: int
    message: str
    data: Mapping[str, str] | None = None


def refuse(code: int, *, suffix: str = "", data: Mapping[str, str] | None = None) -> Refused:
    """Make the answer of a code; a suffix follows the name, as in `price_too_high 0.0305`."""
    message = MESSAGES[code]
    return Refused(code=code, message=f"{message} {suffix}" if suffix else message, data=data)


def bad_param(param: str, *, reason: str) -> Refused:
    """Make the answer -32602 that names the parameter and what is wrong with it."""
    return refuse(-32602, data={"reason": reason, "param": param})
