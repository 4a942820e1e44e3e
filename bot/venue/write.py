"""The write port: the one way in which an order reaches the venue [C-101].

Only `dispatch` imports this module; an import contract holds it. One call is one request: nothing
here repeats, and whatever is not clearly understood is Ambiguous.
"""

from collections.abc import Mapping
from typing import assert_never, final

from bot.domain.ids import Currency, Label, OrderId
from bot.domain.report import OrderReport
from bot.domain.side import Side
from bot.venue.cancel import CancelPort
from bot.venue.errors import Verdict, verdict_on_edit, verdict_on_order
from bot.venue.order_request import OrderRequest, order_params
from bot.venue.outcome import Acked, Ambiguous, CancelOutcome, Outcome, Rejected
from bot.venue.reply import NoReply, NotSent, Ok, OrderCall, Refused, Still, always
from bot.venue.undecodable import UndecodableError
from bot.venue.wire.order import decode_order_answer

__all__ = ["WritePort"]

# An edit names the order; its label and life stay as they are (§10).
_FIXED_IN_EDIT = frozenset({"instrument_name", "type", "label", "time_in_force"})


@final
class WritePort:
    """Places, edits and cancels. Deadlines are for the reply; after the first byte it is doubt."""

    def __init__(self, *, call: OrderCall) -> None:
        """Take the session's `call_order`."""
        self._call = call
        self._cancels = CancelPort(call=call)

    async def place(
        self, request: OrderRequest, *, deadline_s: float, is_exit: bool, still: Still = always
    ) -> Outcome:
        """Send one limit order to its side; `is_exit` may spend the credits kept for exits."""
        match request.side:
            case Side.BUY:
                return await self.buy(request, deadline_s=deadline_s, is_exit=is_exit, still=still)
            case Side.SELL:
                return await self.sell(request, deadline_s=deadline_s, is_exit=is_exit, still=still)
            case _:
                assert_never(request.side)

    async def buy(
        self, request: OrderRequest, *, deadline_s: float, is_exit: bool, still: Still = always
    ) -> Outcome:
        """Send one buy. Raises ValueError for a request that says sell."""
        if request.side is not Side.BUY:
            raise ValueError(f"{request.label}: a {request.side.value} is not a buy")
        return await self._send(
            "private/buy",
            order_params(request),
            request,
            deadline_s=deadline_s,
            is_exit=is_exit,
            still=still,
        )

    async def sell(
        self, request: OrderRequest, *, deadline_s: float, is_exit: bool, still: Still = always
    ) -> Outcome:
        """Send one sell. Raises ValueError for a request that says buy."""
        if request.side is not Side.SELL:
            raise ValueError(f"{request.label}: a {request.side.value} is not a sell")
        return await self._send(
            "private/sell",
            order_params(request),
            request,
            deadline_s=deadline_s,
            is_exit=is_exit,
            still=still,
        )

    async def edit(
        self,
        order_id: OrderId,
        request: OrderRequest,
        *,
        deadline_s: float,
        is_exit: bool,
        still: Still = always,
    ) -> Outcome:
        """Change an order to the request's total amount and price; the rest must be its own.

        A post-only edit that would cross is refused and the *order is cancelled*: every refusal of
        an edit that says `needs_lookup` is to be looked up.
        """
        params: dict[str, object] = {"order_id": order_id}
        params |= {k: v for k, v in order_params(request).items() if k not in _FIXED_IN_EDIT}
        return await self._send(
            "private/edit", params, request, deadline_s=deadline_s, is_exit=is_exit, still=still
        )

    async def cancel(self, order_id: OrderId, *, deadline_s: float) -> Outcome:
        """Cancel one order: see CancelPort."""
        return await self._cancels.cancel(order_id, deadline_s=deadline_s)

    async def cancel_by_label(
        self, label: Label, *, currency: Currency, deadline_s: float
    ) -> CancelOutcome:
        """Cancel a label's orders: see CancelPort."""
        return await self._cancels.cancel_by_label(label, currency=currency, deadline_s=deadline_s)

    async def cancel_all_by_currency(
        self, currency: Currency, *, deadline_s: float
    ) -> CancelOutcome:
        """Cancel a currency's orders: see CancelPort."""
        return await self._cancels.cancel_all_by_currency(currency, deadline_s=deadline_s)

    async def _send(
        self,
        method: str,
        params: Mapping[str, object],
        request: OrderRequest,
        *,
        deadline_s: float,
        is_exit: bool,
        still: Still = always,
    ) -> Outcome:
        reply = await self._call(
            method, params, deadline_s=deadline_s, is_exit=is_exit, still=still
        )
        match reply:
            case Ok(result=result):
                return _acked(result, request=request)
            case Refused(code=code, message=message):
                verdict = _verdict(method, code=code, message=message)
                if not verdict.is_definite:
                    return Ambiguous(why=f"{code} {message}")
                return Rejected(code=code, message=message, needs_lookup=verdict.needs_lookup)
            case NoReply(why=why):
                return Ambiguous(why=why)
            case NotSent():
                return reply
            case _:
                assert_never(reply)


def _verdict(method: str, *, code: int, message: str) -> Verdict:
    # Every request of ours carries its fence.
    if method == "private/edit":
        return verdict_on_edit(code, message=message, has_fence=True)
    return verdict_on_order(code, message=message, has_fence=True)


def _acked(result: bytes, *, request: OrderRequest) -> Outcome:
    try:
        answer = decode_order_answer(result)
    except UndecodableError as fault:
        return Ambiguous(why=str(fault))  # it may be live: never a reject (§20 row 6)
    return Acked(
        order=answer.order, fills=answer.fills, mismatch=_mismatch(answer.order, request=request)
    )


def _mismatch(order: OrderReport, *, request: OrderRequest) -> tuple[str, ...]:
    pairs = (
        ("instrument", order.instrument, request.instrument),
        ("side", order.side, request.side),
        ("price", order.price, request.price),
        ("amount", order.amount, request.amount),
        ("label", order.label, request.label),
        ("time_in_force", order.time_in_force, request.time_in_force),
        ("post_only", order.post_only, request.post_only),
        ("reduce_only", order.reduce_only, request.reduce_only),
    )
    return tuple(name for name, was, asked in pairs if was != asked)
