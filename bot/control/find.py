"""What a person may mean by a word: an intent, a label, an order, a trade (UX §4.4 `explain`)."""

import re
from typing import Final

from bot.core.record import FillBooked, IntentRecorded, Moved, Record
from bot.domain.ids import IntentId
from bot.domain.reason import Reason

__all__ = ["SHORTEST", "intent_named", "is_hash", "is_label", "reason_named", "seq_named"]

SHORTEST: Final = 4  # the screen shows the last four characters of a label
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_LABEL: Final = re.compile(r"b[dspl]-[0-9a-f]{8}-[0-9a-f]{48}")
_SEQ: Final = re.compile(r"#?([1-9][0-9]{0,17})")


def is_hash(word: str) -> bool:
    """Say whether this is a whole intent hash."""
    return _HASH.fullmatch(word) is not None


def is_label(word: str) -> bool:
    """Say whether this is a whole label of ours."""
    return _LABEL.fullmatch(word) is not None


def reason_named(word: str) -> Reason | None:
    """Return the reason of a code, written in any case and with `-` or `_`."""
    asked = word.upper().replace("-", "_")
    return Reason(asked) if asked in {reason.value for reason in Reason} else None


def seq_named(word: str) -> int | None:
    """Return the record number of `#412` or `412`; None for anything else."""
    found = _SEQ.fullmatch(word)
    return int(found[1]) if found else None


def intent_named(record: Record, word: str) -> IntentId | None:
    """Return the intent of a record that this word names, or None.

    Names are: the start of the hash or the end of the label, four characters or more; the venue's
    order id or a trade id, whole.
    """
    match record:
        case IntentRecorded():
            is_part = len(word) >= SHORTEST and (
                record.intent_id.startswith(word) or record.label.endswith(word)
            )
            return record.intent_id if is_part else None
        case Moved(order_id=order_id, intent_id=identity):
            return identity if order_id == word else None
        case FillBooked(fill=fill, intent_id=known):
            return known if word in (fill.trade_id, fill.order_id) else None
        case _:
            return None
