"""The label that ties an order at the venue to its intent in the ledger [C-103].

b d - 4f1c09aa - 9b2e…            at most 64 characters, ASCII
│ │   │          └ first 48 hex digits of the intent's hash
│ │   └ first 8 of the ledger's id
│ └ first letter of the environment
└ ours
"""

import re
from typing import Final

import msgspec

from bot.domain.ids import IntentId, Label, LedgerId
from bot.intent.intent import Owner

__all__ = ["OurLabel", "is_ours", "label_of", "read_label"]

_HASH_DIGITS: Final = 48
_LEDGER_DIGITS: Final = 8
_FORM: Final = re.compile(r"b([dspl])-([0-9a-f]{8})-([0-9a-f]{48})")


class OurLabel(msgspec.Struct, frozen=True, kw_only=True):
    """A label of this system, taken apart."""

    environment_letter: str
    ledger_prefix: str
    intent_prefix: str


def label_of(intent: IntentId, *, owner: Owner) -> Label:
    """Return the label of an intent."""
    letter = owner.environment.value[0].lower()
    return Label(f"b{letter}-{owner.ledger[:_LEDGER_DIGITS]}-{intent[:_HASH_DIGITS]}")


def read_label(label: str) -> OurLabel | None:
    """Take a label apart; None when this system cannot have written it."""
    form = _FORM.fullmatch(label)
    if form is None:
        return None
    return OurLabel(environment_letter=form[1], ledger_prefix=form[2], intent_prefix=form[3])


def is_ours(label: str | None, *, ledger: LedgerId) -> bool:
    """Say whether this ledger wrote the label; anything else at the venue is foreign [C-509]."""
    if label is None:
        return False
    read = read_label(label)
    return read is not None and read.ledger_prefix == ledger[:_LEDGER_DIGITS]
