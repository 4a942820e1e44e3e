"""What an error code proves: the venue's table as data (PROTOCOL §19).

Longer than most files because it is one table, a row a code. Two questions, two columns: is the
order of this request surely not live, and may this read be repeated. A code that is not here is
ambiguous, and so is a code whose text belongs to the second, contradicting list of the venue.
"""

from enum import Enum
from typing import Final, NamedTuple, assert_never

__all__ = [
    "CONTRADICTING",
    "ERRORS",
    "OnOrder",
    "OnRead",
    "VenueCode",
    "Verdict",
    "is_retryable",
    "verdict_on_cancel",
    "verdict_on_edit",
    "verdict_on_order",
]


class OnOrder(Enum):
    """What the code says of the order or edit that it answers."""

    REJECT = "definite reject"  # created nothing
    AMBIGUOUS = "ambiguous"  # may be live or filled
    NOT_APPLIED = "edit not applied"  # of an edit: nothing changed; of a new order: ambiguous
    FENCED = "definite with valid_until"  # a reject only if the request carried its fence


class OnRead(Enum):
    """What to do with a read or cancel that got the code."""

    FINAL = "do not repeat unchanged"
    RETRY = "repeat after a pause"
    REAUTH = "authenticate, then repeat"


class VenueCode(NamedTuple):
    """One row. `needs_lookup`: even a definite answer leaves something to read at the venue."""

    name: str
    on_order: OnOrder
    on_read: OnRead
    needs_lookup: bool = False


class Verdict(NamedTuple):
    """Whether a request is surely without effect, and whether to look it up all the same."""

    is_definite: bool
    needs_lookup: bool


def verdict_on_order(code: int, *, message: str, has_fence: bool) -> Verdict:
    """Judge an error answer to buy or sell; `has_fence` if it carried `valid_until`."""
    row = _row(code, message=message)
    match row.on_order:
        case OnOrder.REJECT:
            return Verdict(is_definite=True, needs_lookup=row.needs_lookup)
        case OnOrder.FENCED:
            return Verdict(is_definite=has_fence, needs_lookup=True)
        case OnOrder.AMBIGUOUS | OnOrder.NOT_APPLIED:
            return Verdict(is_definite=False, needs_lookup=True)
        case _:
            assert_never(row.on_order)


def verdict_on_edit(code: int, *, message: str, has_fence: bool) -> Verdict:
    """Judge an error answer to an edit: not applied, yet the order itself may be gone or filled.

    `post_only_reject` may have cancelled the order that was to be edited (§10).
    """
    row = _row(code, message=message)
    if row.on_order is OnOrder.NOT_APPLIED:
        return Verdict(is_definite=True, needs_lookup=True)
    verdict = verdict_on_order(code, message=message, has_fence=has_fence)
    return verdict._replace(needs_lookup=verdict.needs_lookup or code == _POST_ONLY_REJECT)


def verdict_on_cancel(code: int, *, message: str) -> Verdict:
    """Judge an error answer to a cancel. "Not open" says neither cancelled nor filled."""
    row = _row(code, message=message)
    is_definite = row.on_order in (OnOrder.REJECT, OnOrder.NOT_APPLIED)
    return Verdict(is_definite=is_definite, needs_lookup=row.needs_lookup or not is_definite)


def is_retryable(code: int, *, message: str) -> bool:
    """Say whether a read with this answer may be repeated, after a pause or a new grant."""
    return _row(code, message=message).on_read is not OnRead.FINAL


def _row(code: int, *, message: str) -> VenueCode:
    if (code, message) in CONTRADICTING:
        return _UNKNOWN
    return ERRORS.get(code, _UNKNOWN)


_Row = VenueCode
_REJECT, _AMBIGUOUS = OnOrder.REJECT, OnOrder.AMBIGUOUS
_NOT_APPLIED, _FENCED = OnOrder.NOT_APPLIED, OnOrder.FENCED
_FINAL, _RETRY, _REAUTH = OnRead.FINAL, OnRead.RETRY, OnRead.REAUTH

_UNKNOWN: Final = VenueCode("unknown", _AMBIGUOUS, _RETRY, True)
_POST_ONLY_REJECT: Final = 11054

CONTRADICTING: Final = frozenset(
    {
        (10002, "insufficient_funds"),
        (10004, "not_found"),
        (11000, "order_not_found"),
        (11006, "post_only_reject"),
        (13009, "invalid_token"),
    }
)
# Rows that say "n/a" for an order are ambiguous: such an answer to an order is not understood.
ERRORS: Final[dict[int, VenueCode]] = {
    10000: _Row("authorization_required", _REJECT, _REAUTH),
    10001: _Row("error", _AMBIGUOUS, _RETRY),
    10002: _Row("qty_too_low", _REJECT, _FINAL),
    10003: _Row("order_overlap", _REJECT, _FINAL, True),
    10004: _Row("order_not_found", _NOT_APPLIED, _FINAL, True),
    10005: _Row("price_too_low", _REJECT, _FINAL),
    10006: _Row("price_too_low4idx", _REJECT, _FINAL),
    10007: _Row("price_too_high", _REJECT, _FINAL),
    10009: _Row("not_enough_funds", _REJECT, _FINAL),
    10010: _Row("already_closed", _NOT_APPLIED, _FINAL, True),
    10011: _Row("price_not_allowed", _REJECT, _FINAL),
    10012: _Row("book_closed", _REJECT, _FINAL),
    10013: _Row("pme_max_total_open_orders", _REJECT, _FINAL),
    10014: _Row("pme_max_future_open_orders", _REJECT, _FINAL),
    10015: _Row("pme_max_option_open_orders", _REJECT, _FINAL),
    10016: _Row("pme_max_future_open_orders_size", _REJECT, _FINAL),
    10017: _Row("pme_max_option_open_orders_size", _REJECT, _FINAL),
    10018: _Row("non_pme_max_future_position_size", _REJECT, _FINAL),
    10019: _Row("locked_by_admin", _REJECT, _RETRY),
    10020: _Row("invalid_or_unsupported_instrument", _REJECT, _FINAL),
    10021: _Row("invalid_amount", _REJECT, _FINAL),
    10022: _Row("invalid_quantity", _REJECT, _FINAL),
    10023: _Row("invalid_price", _REJECT, _FINAL),
    10024: _Row("invalid_max_show", _REJECT, _FINAL),
    10025: _Row("invalid_order_id", _REJECT, _FINAL),
    10026: _Row("price_precision_exceeded", _REJECT, _FINAL),
    10027: _Row("non_integer_contract_amount", _REJECT, _FINAL),
    10028: _Row("too_many_requests", _REJECT, _RETRY, True),
    10029: _Row("not_owner_of_order", _REJECT, _FINAL),
    10030: _Row("must_be_websocket_request", _REJECT, _FINAL),
    10031: _Row("invalid_args_for_instrument", _REJECT, _FINAL),
    10032: _Row("whole_cost_too_low", _REJECT, _FINAL),
    10033: _Row("not_implemented", _REJECT, _FINAL),
    10034: _Row("trigger_price_too_high", _REJECT, _FINAL),
    10035: _Row("trigger_price_too_low", _REJECT, _FINAL),
    10036: _Row("invalid_max_show_amount", _REJECT, _FINAL),
    10037: _Row("non_pme_total_short_options_positions_size", _REJECT, _FINAL),
    10038: _Row("pme_max_risk_reducing_orders", _REJECT, _FINAL),
    10039: _Row("not_enough_funds_in_currency", _REJECT, _FINAL),
    10040: _Row("retry", _AMBIGUOUS, _RETRY),
    10041: _Row("settlement_in_progress", _REJECT, _RETRY),
    10043: _Row("price_wrong_tick", _REJECT, _FINAL),
    10044: _Row("trigger_price_wrong_tick", _REJECT, _FINAL),
    10045: _Row("can_not_cancel_liquidation_order", _REJECT, _FINAL),
    10046: _Row("can_not_edit_liquidation_order", _REJECT, _FINAL),
    10047: _Row("matching_engine_queue_full", _REJECT, _RETRY),
    10048: _Row("not_on_this_server", _REJECT, _FINAL),
    10049: _Row("cancel_on_disconnect_failed", _AMBIGUOUS, _RETRY),
    10050: _Row("lock_time_exceeded", _AMBIGUOUS, _RETRY),
    10066: _Row("too_many_concurrent_requests", _AMBIGUOUS, _RETRY),
    10072: _Row("disabled_while_position_lock", _REJECT, _FINAL),
    11008: _Row("already_filled", _NOT_APPLIED, _FINAL, True),
    11013: _Row("max_spot_open_orders", _REJECT, _FINAL),
    11021: _Row("post_only_price_modification_not_possible", _REJECT, _FINAL),
    11022: _Row("max_spot_order_quantity", _REJECT, _FINAL),
    11029: _Row("invalid_arguments", _REJECT, _FINAL),
    11030: _Row("other_reject", _REJECT, _FINAL),
    11031: _Row("other_error", _AMBIGUOUS, _RETRY),
    11035: _Row("no_more_triggers", _REJECT, _FINAL),
    11036: _Row("invalid_trigger_price", _REJECT, _FINAL),
    11037: _Row("outdated_instrument_for_IV_order", _REJECT, _FINAL),
    11038: _Row("no_adv_for_futures", _REJECT, _FINAL),
    11039: _Row("no_adv_postonly", _REJECT, _FINAL),
    11041: _Row("not_adv_order", _REJECT, _FINAL),
    11042: _Row("permission_denied", _REJECT, _FINAL),
    11043: _Row("bad_argument", _REJECT, _FINAL),
    11044: _Row("not_open_order", _NOT_APPLIED, _FINAL, True),
    11045: _Row("invalid_event", _AMBIGUOUS, _FINAL),
    11046: _Row("outdated_instrument", _REJECT, _FINAL),
    11047: _Row("unsupported_arg_combination", _REJECT, _FINAL),
    11048: _Row("wrong_max_show_for_option", _REJECT, _FINAL),
    11049: _Row("bad_arguments", _REJECT, _FINAL),
    11050: _Row("bad_request", _REJECT, _FINAL),
    11051: _Row("system_maintenance", _AMBIGUOUS, _RETRY),
    11052: _Row("subscribe_error_unsubscribed", _AMBIGUOUS, _RETRY),
    11053: _Row("transfer_not_found", _AMBIGUOUS, _FINAL),
    11054: _Row("post_only_reject", _REJECT, _FINAL),
    11055: _Row("post_only_not_allowed", _REJECT, _FINAL),
    11056: _Row("unauthenticated_public_requests_temporarily_disabled", _AMBIGUOUS, _REAUTH),
    11090: _Row("invalid_addr", _AMBIGUOUS, _FINAL),
    11091: _Row("invalid_transfer_address", _AMBIGUOUS, _FINAL),
    11092: _Row("address_already_exist", _AMBIGUOUS, _FINAL),
    11093: _Row("max_addr_count_exceeded", _AMBIGUOUS, _FINAL),
    11094: _Row("internal_server_error", _AMBIGUOUS, _RETRY),
    11095: _Row("disabled_deposit_address_creation", _AMBIGUOUS, _FINAL),
    11096: _Row("address_belongs_to_user", _AMBIGUOUS, _FINAL),
    11097: _Row("no_deposit_address", _AMBIGUOUS, _FINAL),
    11098: _Row("account_locked", _REJECT, _FINAL),
    12001: _Row("too_many_subaccounts", _REJECT, _FINAL),
    12002: _Row("wrong_subaccount_name", _REJECT, _FINAL),
    12003: _Row("login_over_limit", _REJECT, _FINAL),
    12004: _Row("registration_over_limit", _REJECT, _FINAL),
    12005: _Row("country_is_banned", _REJECT, _FINAL),
    12100: _Row("transfer_not_allowed", _AMBIGUOUS, _FINAL),
    12998: _Row("security_key_authorization_over_limit", _AMBIGUOUS, _FINAL),
    13004: _Row("invalid_credentials", _REJECT, _FINAL),
    13005: _Row("pwd_match_error", _AMBIGUOUS, _FINAL),
    13006: _Row("security_error", _AMBIGUOUS, _FINAL),
    13007: _Row("user_not_found", _AMBIGUOUS, _FINAL),
    13008: _Row("request_failed", _AMBIGUOUS, _RETRY),
    13009: _Row("unauthorized", _REJECT, _REAUTH),
    13010: _Row("value_required", _REJECT, _FINAL),
    13011: _Row("value_too_short", _REJECT, _FINAL),
    13012: _Row("unavailable_in_subaccount", _REJECT, _FINAL),
    13013: _Row("phone_or_sms", _AMBIGUOUS, _FINAL),
    13014: _Row("phone_or_sms", _AMBIGUOUS, _FINAL),
    13015: _Row("phone_or_sms", _AMBIGUOUS, _FINAL),
    13016: _Row("invalid_input", _REJECT, _FINAL),
    13018: _Row("invalid_content_type", _REJECT, _FINAL),
    13019: _Row("orderbook_closed", _REJECT, _FINAL),
    13020: _Row("not_found", _REJECT, _FINAL),
    13021: _Row("forbidden", _REJECT, _FINAL),
    13025: _Row("method_switched_off_by_admin", _REJECT, _RETRY),
    13028: _Row("temporarily_unavailable", _AMBIGUOUS, _RETRY),
    13030: _Row("mmp_trigger", _REJECT, _FINAL),
    13031: _Row("verification_required", _REJECT, _FINAL),
    13032: _Row("non_unique_order_label", _NOT_APPLIED, _FINAL, True),
    13034: _Row("keys_or_kyc", _AMBIGUOUS, _FINAL),
    13035: _Row("active_combo_limit_reached", _REJECT, _RETRY),
    13036: _Row("unavailable_for_combo_books", _REJECT, _RETRY),
    13037: _Row("keys_or_kyc", _AMBIGUOUS, _FINAL),
    13040: _Row("mmp_required", _REJECT, _FINAL),
    13042: _Row("cod_not_enabled", _REJECT, _FINAL),
    13043: _Row("quotes_frozen", _REJECT, _FINAL),
    13403: _Row("scope_exceeded", _AMBIGUOUS, _FINAL),
    13503: _Row("unavailable", _AMBIGUOUS, _RETRY),
    13666: _Row("request_cancelled_by_user", _REJECT, _FINAL),
    13668: _Row("security_key_authorization_error", _REJECT, _FINAL),
    13777: _Row("replaced", _NOT_APPLIED, _FINAL, True),
    13778: _Row("raw_subscriptions_not_available_for_unauthorized", _AMBIGUOUS, _REAUTH),
    13780: _Row("move_positions_over_limit", _AMBIGUOUS, _FINAL),
    13781: _Row("coupon_already_used", _AMBIGUOUS, _FINAL),
    13791: _Row("keys_or_kyc", _AMBIGUOUS, _FINAL),
    13792: _Row("keys_or_kyc", _AMBIGUOUS, _FINAL),
    13793: _Row("keys_or_kyc", _AMBIGUOUS, _FINAL),
    13888: _Row("timed_out", _FENCED, _RETRY, True),
    13901: _Row("no_more_oto_orders", _REJECT, _FINAL),
    13902: _Row("mass_quotes_disabled", _REJECT, _FINAL),
    13903: _Row("too_many_quotes", _REJECT, _FINAL),
    13904: _Row("security_key_setup_required", _REJECT, _FINAL),
    13905: _Row("block_rfq_or_broker_limit", _REJECT, _FINAL),
    13906: _Row("block_rfq_or_broker_limit", _REJECT, _FINAL),
    13907: _Row("block_rfq_or_broker_limit", _REJECT, _FINAL),
    13908: _Row("block_rfq_or_broker_limit", _REJECT, _FINAL),
    13909: _Row("block_rfq_or_broker_limit", _REJECT, _FINAL),
    13910: _Row("block_rfq_or_broker_limit", _REJECT, _FINAL),
    13911: _Row("block_rfq_or_broker_limit", _REJECT, _FINAL),
    13912: _Row("block_rfq_or_broker_limit", _REJECT, _FINAL),
    13913: _Row("block_rfq_or_broker_limit", _REJECT, _FINAL),
    13914: _Row("block_rfq_or_broker_limit", _REJECT, _FINAL),
    13915: _Row("block_rfq_or_broker_limit", _REJECT, _FINAL),
    13916: _Row("block_rfq_or_broker_limit", _REJECT, _FINAL),
    13917: _Row("block_rfq_or_broker_limit", _REJECT, _FINAL),
    13918: _Row("block_rfq_or_broker_limit", _REJECT, _FINAL),
    13919: _Row("block_rfq_or_broker_limit", _REJECT, _FINAL),
    -32700: _Row("Parse error", _REJECT, _FINAL),
    -32600: _Row("request entity too large", _REJECT, _FINAL),
    -32601: _Row("Method not found", _REJECT, _FINAL),
    -32602: _Row("Invalid params", _REJECT, _FINAL),
    -32000: _Row("Missing params", _REJECT, _FINAL),
}
