"""The only way to a venue write [C-101]: a durable permit goes in, an outcome comes out.

Nothing is decided, repeated or resent here. An order goes out at most once in the life of the
ledger: its permit is spent by sending, and a permit is made by one commit only [C-207].
"""

from collections.abc import Callable
from functools import partial
from typing import Final, assert_never

from bot.core.outcome import Acked, Ambiguous, Outcome, Rejected, Swept, Unsent
from bot.domain.ids import Currency
from bot.domain.order import TimeInForce
from bot.intent.canonical import intent_id
from bot.intent.intent import CancelIntent, EditIntent, Intent, OrderIntent
from bot.venue import outcome as venue
from bot.venue.order_request import OrderRequest
from bot.venue.reply import OrderCall, Still
from bot.venue.write import WritePort
from ledger.recorded import Recorded

__all__ = ["Dispatch"]

REPLY_S: Final = 5.0
_LOST: Final = "the ledger's lock was lost"
_FENCE_CODE: Final = 13888  # refused as later than valid_until


class Dispatch:
    """Holds the write port, and the permits that are spent."""

    def __init__(
        self,
        *,
        call: OrderCall,
        still_held: Callable[[], bool],
        still_alone: Callable[[], bool],
        why_not_open: Still,
    ) -> None:
        """Take the line for orders and make the port on it: nobody else holds one.

        All three are asked at the last moment before the first byte. `still_held` says whether the
        ledger and its lock are ours, which opens need; `still_alone` whether the lock is, which is
        enough for an exit by the reserve file [C-202, C-212]; `why_not_open` why an open must not
        go out now.
        """
        self._still_alone = still_alone
        self._port = WritePort(call=call)
        self._why_not_open = why_not_open
        self._still_held = still_held
        self._spent: set[str] = set()

    async def send(self, recorded: Recorded, intent: OrderIntent) -> Outcome:
        """Write one order and wait for its answer [C-201].

        Raises AssertionError for a permit that was spent, which is a duplicate in the making, and
        for an order other than the one that the permit was given for.
        """
        self._spend(recorded, intent, what="order")
        request = OrderRequest(
            instrument=intent.instrument,
            side=intent.side,
            amount=intent.amount,
            price=intent.price,
            label=recorded.label,
            time_in_force=intent.time_in_force,
            post_only=intent.post_only,
            reduce_only=intent.reduce_only,
            valid_until_ms=intent.valid_until_ms,
        )
        is_exit = intent.role.is_exit
        answer = await self._port.place(
            request,
            deadline_s=REPLY_S,
            is_exit=is_exit,
            still=partial(self._why_not, is_exit=is_exit),
        )
        return _outcome(answer)

    async def edit(self, recorded: Recorded, intent: EditIntent) -> Outcome:
        """Ask for other terms of an order, once for each permit [C-213].

        One that raises exposure leaves only if an open may. Raises AssertionError as `send` does.
        """
        self._spend(recorded, intent, what="edit")
        request = OrderRequest(
            instrument=intent.instrument,
            side=intent.side,
            amount=intent.amount,
            price=intent.price,
            label=intent.target_label,  # which the venue keeps, and the answer must show
            time_in_force=TimeInForce.GTC,  # no other rests
            post_only=intent.post_only,
            reduce_only=intent.reduce_only,
            valid_until_ms=intent.valid_until_ms,
        )
        is_exit = intent.role.is_exit
        answer = await self._port.edit(
            intent.order_id,
            request,
            deadline_s=REPLY_S,
            is_exit=is_exit,
            still=partial(self._why_not, is_exit=is_exit),
        )
        return _outcome(answer)

    def _spend(self, recorded: Recorded, intent: Intent, *, what: str) -> None:
        if recorded.label in self._spent:
            raise AssertionError(f"{recorded.label} was sent before")
        if intent_id(intent) != recorded.intent_id:
            raise AssertionError(f"{recorded.label} is the permit of another {what}")
        self._spent.add(recorded.label)

    def _why_not(self, *, is_exit: bool) -> str | None:
        if is_exit:
            return None if self._still_alone() else _LOST
        return self._why_not_open() if self._still_held() else _LOST

    async def cancel(
        self, recorded: Recorded, intent: CancelIntent, *, currency: Currency
    ) -> Outcome:
        """Ask for a cancel, once for each permit: by the venue's id, else by label [C-213].

        Raises AssertionError as `send` does.
        """
        self._spend(recorded, intent, what="cancel")
        if not self._still_alone():
            return Unsent(_LOST)
        if intent.order_id is None:
            return _outcome(
                await self._port.cancel_by_label(
                    intent.target_label, currency=currency, deadline_s=REPLY_S
                )
            )
        return _outcome(await self._port.cancel(intent.order_id, deadline_s=REPLY_S))


def _outcome(answer: venue.Outcome | venue.CancelOutcome) -> Outcome:
    match answer:
        case venue.Cancelled():
            return Swept(answer.count)
        case venue.Acked():
            return Acked(order=answer.order, fills=answer.fills)
        case venue.Rejected():
            return Rejected(
                code=answer.code,
                message=answer.message,
                is_fence=answer.code == _FENCE_CODE,
                needs_lookup=answer.needs_lookup,
            )
        case venue.Ambiguous():
            return Ambiguous(answer.why)
        case venue.NotSent():
            return Unsent(answer.why)
        case _:
            assert_never(answer)
