"""Named random streams: the same seed and name give the same numbers anywhere, in any order."""

import random
from hashlib import sha256

__all__ = ["slot_of", "stream"]


def stream(seed: int, *, name: str) -> random.Random:
    """Return the stream of this name.

    One is made for each purpose and step, so that a draw depends on nothing but its name: what one
    part of the market uses never moves another, and a saved market needs no generator state.
    """
    digest = sha256(f"{seed}/{name}".encode()).digest()
    return random.Random(int.from_bytes(digest, "big"))  # noqa: S311  # a model, not a secret


def slot_of(name: str, *, slots: int) -> int:
    """Return the slot, from 0, that a name always has; `hash` differs from process to process."""
    return int.from_bytes(sha256(name.encode()).digest()[:4], "big") % slots
