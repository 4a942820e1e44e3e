"""The cancel port: takes orders away and can do nothing else (PROTOCOL §10).

Apart from the write port so that a process which must only ever cancel can be given only this.
Cancels spend the credits that are kept for exits. Repeating a cancel is always allowed.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, assert_never, final

import msgspec

from bot.domain.ids import Currency, Label, OrderId
from bot.venue.errors import verdict_on_cancel
from bot.venue.outcome import Acked, Ambiguous, Cancelled, CancelOutcome, Outcome, Rejected
from bot.venue.reply import Call, NoReply, NotSent, Ok, Refused
from bot.venue.undecodable import UndecodableError, reading
from bot.venue.wire.number import whole
from bot.venue.wire.order import decode_order

__all__ = ["CANCEL_METHODS", "CancelPort"]

CANCEL_METHODS: Final = frozenset(
    {"private/cancel", "private/cancel_all_by_currency", "private/cancel_by_label"}
)

_COUNT: Final = msgspec.json.Decoder(Decimal)


@final
class CancelPort:
    """Cancels by id, by label, by currency."""

    def __init__(self, *, call: Call) -> None:
        """Take the session's `call_order`, or the `call_cancel` of HTTP."""
        self._call = call

    async def cancel(self, order_id: OrderId, *, deadline_s: float) -> Outcome:
        """Cancel one order. "Not open" is Rejected with `needs_lookup`: it may have filled."""
        reply = await self._ask("private/cancel", {"order_id": order_id}, deadline_s=deadline_s)
        if not isinstance(reply, Ok):
            return reply
        try:
            order = decode_order(reply.result)
        except UndecodableError as fault:
            return Ambiguous(why=str(fault))
        mismatch = () if order.order_id == order_id else ("order_id",)
        return Acked(order=order, fills=(), mismatch=mismatch)

    async def cancel_by_label(
        self, label: Label, *, currency: Currency, deadline_s: float
    ) -> CancelOutcome:
        """Cancel all orders of a label in a currency, those still queued before the book too."""
        params = {"label": label, "currency": currency}
        return await self._count("private/cancel_by_label", params, deadline_s=deadline_s)

    async def cancel_all_by_currency(
        self, currency: Currency, *, deadline_s: float
    ) -> CancelOutcome:
        """Cancel everything in a currency. Not a proof: repeat until no order is open [C-305]."""
        params = {"currency": currency}
        return await self._count("private/cancel_all_by_currency", params, deadline_s=deadline_s)

    async def _count(
        self, method: str, params: Mapping[str, object], *, deadline_s: float
    ) -> CancelOutcome:
        reply = await self._ask(method, params, deadline_s=deadline_s)
        if not isinstance(reply, Ok):
            return reply
        try:
            with reading(method):
                return Cancelled(count=whole(_COUNT.decode(reply.result)))
        except UndecodableError as fault:
            return Ambiguous(why=str(fault))

    async def _ask(
        self, method: str, params: Mapping[str, object], *, deadline_s: float
    ) -> Ok | Rejected | Ambiguous | NotSent:
        reply = await self._call(method, params, deadline_s=deadline_s, is_exit=True)
        match reply:
            case Ok() | NotSent():
                return reply
            case NoReply(why=why):
                return Ambiguous(why=why)
            case Refused(code=code, message=message):
                verdict = verdict_on_cancel(code, message=message)
                if not verdict.is_definite:
                    return Ambiguous(why=f"{code} {message}")
                return Rejected(code=code, message=message, needs_lookup=verdict.needs_lookup)
            case _:
                assert_never(reply)
