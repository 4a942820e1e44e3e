"""The life of an order intent: one complete table of (phase, event) → phase [C-204].

RECORDED → SENT → ACKED → OPEN → PARTIAL → FILLED | CANCELLED | EXPIRED, or REJECTED; and UNKNOWN
whenever a byte may have left and no definite answer came [C-205]. UNKNOWN ends by presence, or as
ABSENT by proof [C-206]. Fills are booked by trade id beside this table, in any phase [C-209].
"""

from enum import Enum
from typing import Final

__all__ = ["LIFE", "LifeEvent", "Phase"]


class Phase(Enum):
    """Where an intent stands."""

    RECORDED = "RECORDED"
    SENT = "SENT"
    ACKED = "ACKED"
    OPEN = "OPEN"
    PARTIAL = "PARTIAL"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    UNKNOWN = "UNKNOWN"
    ABSENT = "ABSENT"

    @property
    def is_final(self) -> bool:
        """True when nothing more of this intent can fill, as far as the venue has said."""
        return self in _FINAL

    @property
    def may_fill(self) -> bool:
        """True when the remainder still counts as filled against us [C-108, C-114]."""
        return not self.is_final


class LifeEvent(Enum):
    """What can happen to an intent."""

    SEND = "send"  # the first byte may leave from here on
    UNSENT = "unsent"  # surely no byte has left, and none will
    ACK = "ack"  # a definite yes whose state we could not read
    OPEN = "open"  # the venue shows it resting, nothing filled
    PARTIAL = "partial"  # resting, partly filled
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECT = "reject"  # a definite no: it cannot be live
    FENCE = "fence"  # the venue refused it as later than valid_until
    DOUBT = "doubt"  # silence, disconnect, ambiguous or unreadable answer, restart
    ABSENCE = "absence"  # proof of absence complete


_FINAL: Final = frozenset(
    {Phase.FILLED, Phase.CANCELLED, Phase.REJECTED, Phase.EXPIRED, Phase.ABSENT}
)

# One row a phase, one column an event, in the order of LifeEvent:
#   SEND UNSENT ACK OPEN PARTIAL FILLED CANCELLED REJECT FENCE DOUBT ABSENCE
# A terminal phase never goes back to a resting one (a late "open" is old news), with one exception:
# what was taken for rejected, expired or absent and then shows up at the venue is live after all.
_ROWS: Final = """
RECORDED  SENT      ABSENT    ACKED     OPEN      PARTIAL   FILLED  CANCELLED REJECTED  EXPIRED   UNKNOWN   ABSENT
SENT      SENT      ABSENT    ACKED     OPEN      PARTIAL   FILLED  CANCELLED REJECTED  EXPIRED   UNKNOWN   SENT
ACKED     ACKED     ACKED     ACKED     OPEN      PARTIAL   FILLED  CANCELLED ACKED     ACKED     ACKED     ACKED
OPEN      OPEN      OPEN      OPEN      OPEN      PARTIAL   FILLED  CANCELLED OPEN      OPEN      OPEN      OPEN
PARTIAL   PARTIAL   PARTIAL   PARTIAL   PARTIAL   PARTIAL   FILLED  CANCELLED PARTIAL   PARTIAL   PARTIAL   PARTIAL
FILLED    FILLED    FILLED    FILLED    FILLED    FILLED    FILLED  FILLED    FILLED    FILLED    FILLED    FILLED
CANCELLED CANCELLED CANCELLED CANCELLED CANCELLED CANCELLED FILLED  CANCELLED CANCELLED CANCELLED CANCELLED CANCELLED
REJECTED  REJECTED  REJECTED  ACKED     OPEN      PARTIAL   FILLED  CANCELLED REJECTED  REJECTED  REJECTED  REJECTED
EXPIRED   EXPIRED   EXPIRED   ACKED     OPEN      PARTIAL   FILLED  CANCELLED EXPIRED   EXPIRED   EXPIRED   EXPIRED
UNKNOWN   UNKNOWN   UNKNOWN   ACKED     OPEN      PARTIAL   FILLED  CANCELLED REJECTED  EXPIRED   UNKNOWN   ABSENT
ABSENT    ABSENT    ABSENT    ACKED     OPEN      PARTIAL   FILLED  CANCELLED ABSENT    ABSENT    ABSENT    ABSENT
"""  # noqa: E501  # a table is read by its columns


def _table() -> dict[tuple[Phase, LifeEvent], Phase]:
    table = {}
    for row in _ROWS.split("\n"):
        if not row:
            continue
        phase, *after = (Phase(word) for word in row.split())
        for event, result in zip(LifeEvent, after, strict=True):
            table[phase, event] = result
    return table


LIFE: Final = _table()
