"""The permit that dispatch needs: proof that an intent is durable [C-201, RELIABILITY O1, O3].

Authority is an argument, not a memory: `dispatch.send` takes a `Recorded`, and only a commit whose
barrier has completed makes one.
"""

from typing import Final, NoReturn, final

from bot.domain.ids import IntentId, Label

__all__ = ["Recorded"]

_ONLY_THE_LEDGER: Final = object()


@final
class Recorded:
    """One intent, durable in the journal under `seq` with this `hash` (lower-case hex).

    Frozen. Neither built, copied, nor unpickled by anybody else: each raises TypeError.
    """

    __slots__ = ("hash", "intent_id", "label", "seq")

    intent_id: IntentId
    label: Label
    seq: int
    hash: str

    def __init__(
        self, proof: object, *, intent_id: IntentId, label: Label, seq: int, hash_: str
    ) -> None:
        """Raise TypeError unless the ledger itself asks."""
        if proof is not _ONLY_THE_LEDGER:
            raise TypeError("only a completed commit makes a Recorded")
        object.__setattr__(self, "intent_id", intent_id)
        object.__setattr__(self, "label", label)
        object.__setattr__(self, "seq", seq)
        object.__setattr__(self, "hash", hash_)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: a permit for one intent never becomes one for another."""
        raise TypeError("a Recorded does not change")

    def __delattr__(self, name: str) -> NoReturn:
        """Refuse as well."""
        raise TypeError("a Recorded does not change")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse copies and pickles: a permit does not outlive the run that earned it."""
        raise TypeError("a Recorded is neither copied nor stored")

    def __repr__(self) -> str:
        """Name the intent."""
        return f"Recorded({self.label}, seq={self.seq})"
