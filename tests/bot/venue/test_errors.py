import re
from collections.abc import Iterator

import pytest

from bot.venue.errors import (
    ERRORS,
    OnOrder,
    OnRead,
    is_retryable,
    verdict_on_cancel,
    verdict_on_edit,
    verdict_on_order,
)
from tests.shared import shared

_SPAN = re.compile(r"(\d+) to (\d+)")
_CODE = re.compile(r"-?\d{5}")


def _codes(cell: str) -> Iterator[int]:
    for first, last in _SPAN.findall(cell):
        yield from range(int(first), int(last) + 1)
    yield from (int(code) for code in _CODE.findall(_SPAN.sub("", cell)))


def _reference() -> Iterator[tuple[int, str, str]]:
    """Yield code, order column and read column of each row of the reference's table."""
    text = shared("deribit/PROTOCOL.md").read_text()
    table = text.split("## 19. Error codes")[1].split("## 20.")[0]
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and _CODE.search(cells[0]):
            yield from ((code, cells[3], cells[4]) for code in _codes(cells[0]))


def _expected(order: str) -> set[OnOrder]:
    if order.startswith("DEFINITE_REJECT **only**"):
        return {OnOrder.FENCED}
    if order.startswith("DEFINITE_REJECT"):
        return {OnOrder.REJECT}
    if order.startswith(("edit: not applied", "this edit not applied")):
        return {OnOrder.NOT_APPLIED}
    return {OnOrder.AMBIGUOUS}  # said so, or "n/a": not understood as an answer to an order


def test_table_has_every_code_of_the_reference_with_its_class() -> None:
    seen = set()
    for code, order, read in _reference():
        seen.add(code)
        assert code in ERRORS, code
        assert ERRORS[code].on_order in _expected(order), (code, order)
        if read.startswith("RETRYABLE_READ"):
            assert ERRORS[code].on_read is OnRead.RETRY, (code, read)
        if read == "–":
            assert ERRORS[code].on_read is OnRead.FINAL, (code, read)
    assert seen == set(ERRORS)


def test_table_has_160_codes() -> None:
    assert len(ERRORS) == 160


@pytest.mark.rule("C-205")
@pytest.mark.parametrize(
    ("code", "message", "is_definite"),
    [
        (10009, "not_enough_funds", True),
        (10007, "price_too_high 0.0305", True),  # the suffix is text, the code decides
        (11054, "post_only_reject", True),
        (-32602, "Invalid params", True),
        (13009, "unauthorized", True),
        (10040, "retry", False),
        (13028, "temporarily_unavailable", False),
        (11094, "internal_server_error", False),
        (10004, "order_not_found", False),  # to a new order this says nothing
        (99999, "never heard of", False),
        (0, "", False),
        (10002, "insufficient_funds", False),  # the contradicting list
        (10004, "not_found", False),
        (11000, "order_not_found", False),
        (11006, "post_only_reject", False),
        (13009, "invalid_token", False),
    ],
)
def test_error_is_a_reject_only_where_the_table_is_sure(
    code: int, message: str, is_definite: bool
) -> None:
    assert verdict_on_order(code, message=message, has_fence=True).is_definite is is_definite


def test_timed_out_is_a_reject_only_behind_a_fence_and_looked_up_all_the_same() -> None:
    fenced = verdict_on_order(13888, message="timed_out", has_fence=True)
    bare = verdict_on_order(13888, message="timed_out", has_fence=False)
    assert (fenced.is_definite, fenced.needs_lookup) == (True, True)
    assert (bare.is_definite, bare.needs_lookup) == (False, True)


@pytest.mark.parametrize("code", [10004, 10010, 11008, 11044, 11054, 13032, 13777])
def test_refused_edit_is_looked_up(code: int) -> None:
    verdict = verdict_on_edit(code, message=ERRORS[code].name, has_fence=True)
    assert (verdict.is_definite, verdict.needs_lookup) == (True, True)


@pytest.mark.parametrize("code", [10004, 10010, 11008, 11044])
def test_cancel_of_what_is_not_open_may_have_met_a_fill(code: int) -> None:
    verdict = verdict_on_cancel(code, message=ERRORS[code].name)
    assert (verdict.is_definite, verdict.needs_lookup) == (True, True)


@pytest.mark.parametrize(
    ("code", "retryable"), [(10028, True), (13009, True), (10002, False), (77777, True)]
)
def test_read_is_repeated_only_where_that_can_help(code: int, retryable: bool) -> None:
    assert is_retryable(code, message="") is retryable
