"""One subscription: at its own pace it sends what changed since it last sent (UX §2.2)."""

from collections.abc import Callable, Mapping
from typing import Final, final

import msgspec
import trio

from bot.control.errors import UserError
from bot.control.frames import encode_line
from bot.control.outbox import Outbox
from bot.control.port import Engine
from bot.control.topics import LOGS, TABLES, WHOLES, delta_of, fresh_fills
from bot.control.verbs import ROWS_MAX
from bot.control.view import EventRow, View

__all__ = ["Subscription"]

_KEPT_MAX: Final = ROWS_MAX  # rows of a log that are sent at once; what is older becomes a gap


@final
class Subscription:
    """What one `subscribe` asked for, and how far it has been told.

    `next_seq` counts the frames of a topic on the connection; it is the connection's.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        sub: int,
        topics: tuple[str, ...],
        hz: float,
        from_seq: int | None,
        outbox: Outbox,
        next_seq: Callable[[str], int],
    ) -> None:
        self.sub = sub
        self.scope = trio.CancelScope()
        self._engine = engine
        self._topics = topics
        self._period_s = 1 / hz
        self._outbox = outbox
        self._next_seq = next_seq
        self._view: View | None = None
        self._tables: dict[str, Mapping[str, msgspec.Struct]] = {}
        self._log_after: dict[str, int] = {}
        newest = engine.view()
        ends = {
            "events": newest.events_tail[-1].seq if newest.events_tail else 0,
            "fills": newest.fills[-1].seq if newest.fills else 0,
        }
        for topic in LOGS:
            self._log_after[topic] = ends[topic] if from_seq is None else from_seq - 1

    async def run(self) -> None:
        """Send until cancelled through `scope`."""
        with self.scope:
            while True:
                if self._outbox.has_room_for(self.sub):
                    frames = await self._frames()
                    if frames:
                        self._outbox.stream(self.sub, frames)
                await trio.sleep(self._period_s)

    async def _frames(self) -> bytes:
        view = self._engine.view()
        is_new = view is not self._view
        self._view = view
        frames: list[bytes] = []
        for topic in self._topics:
            if topic == "events":
                body = await self._events(view)
            elif topic == "fills":
                body = self._fills(view) if is_new else None
            else:
                body = self._changed(topic, view=view) if is_new else None
            if body is not None:
                head = {"sub": self.sub, "topic": topic, "seq": self._next_seq(topic)}
                frames.append(encode_line({**head, "at": view.status.at, **body}))
        return b"".join(frames)

    def _changed(self, topic: str, *, view: View) -> dict[str, object] | None:
        if topic in WHOLES:
            return {"full": WHOLES[topic](view)}
        new = TABLES[topic](view)
        old = self._tables.get(topic)
        self._tables[topic] = new
        if old is None:
            return {"full": new}
        delta = delta_of(old, new=new)
        return None if delta is None else {"delta": delta}

    def _fills(self, view: View) -> dict[str, object] | None:
        rows, gap = fresh_fills(view, after_seq=self._log_after["fills"])
        if not rows:
            return None
        self._log_after["fills"] = rows[-1].seq
        return {"rows": rows} if gap is None else {"rows": rows, "gap": gap}

    async def _events(self, view: View) -> dict[str, object] | None:
        after = self._log_after["events"]
        newest = view.events_tail[-1].seq if view.events_tail else 0
        if newest <= after:
            return None
        tail = tuple(row for row in view.events_tail if row.seq > after)
        is_whole = len(tail) < len(view.events_tail)  # a row already sent is still in the tail
        if is_whole:
            return self._rows(tail, gap=None)
        try:
            rows = await self._engine.events(from_seq=after + 1, limit=_KEPT_MAX)
            if rows and rows[-1].seq < newest:  # more than we keep for a reader
                rows = await self._engine.events(from_seq=-_KEPT_MAX, limit=_KEPT_MAX)
        except UserError as error:  # the ledger cannot be read now: show what is published
            self._engine.note("events not read", code=error.body.code)
            rows = tail
        rows = tuple(row for row in rows if row.seq > after)
        if not rows:
            return None
        is_gap = after > 0 and rows[0].seq > after + 1 and len(rows) >= _KEPT_MAX
        first = rows[0].seq
        gap = {"from": after + 1, "to": first, "n": first - after - 1} if is_gap else None
        return self._rows(rows, gap=gap)

    def _rows(
        self, rows: tuple[EventRow, ...], *, gap: dict[str, int] | None
    ) -> dict[str, object] | None:
        self._log_after["events"] = rows[-1].seq
        return {"rows": rows} if gap is None else {"rows": rows, "gap": gap}
