"""What happened in a run: a hash over all of it, and the last of it for people."""

import hashlib
from collections import Counter, deque
from collections.abc import Callable
from typing import Final, TextIO, final

from bot.domain.instant import iso

__all__ = ["Witness"]

_KEPT: Final = 60
_BLOCK: Final = 2_048


@final
class Witness:
    """Hears of every turn, message, file act and event. Same seed, same digest [C-801]."""

    def __init__(self, now_ms: Callable[[], int], *, story: TextIO | None = None) -> None:
        """Begin; `story` takes the readable lines as they come."""
        self._now_ms = now_ms
        self._story = story
        self._hash = hashlib.blake2b(digest_size=16)
        self._block: list[str] = []
        self.steps = 0
        self.last: deque[str] = deque(maxlen=_KEPT)
        self.sometimes: Counter[str] = Counter()

    def step(self, name: str) -> None:
        """Hear of a turn of a task."""
        self.steps += 1
        self._block.append(name)
        if len(self._block) >= _BLOCK:
            self._flush()

    def bytes_moved(self, what: str, content: bytes) -> None:
        """Hear of a message or a file act."""
        self._flush()
        self._hash.update(what.encode())
        self._hash.update(content)

    def say(self, what: str) -> None:
        """Hear of an event, in words."""
        line = f"{iso(self._now_ms())}  {what}"
        self.last.append(line)
        self._block.append(line)
        if self._story is not None:
            self._story.write(line + "\n")

    def saw(self, what: str) -> None:
        """Count something that should happen now and then."""
        self.sometimes[what] += 1

    @property
    def digest(self) -> str:
        """Return the hash of everything so far."""
        self._flush()
        return self._hash.hexdigest()

    def _flush(self) -> None:
        if self._block:
            self._hash.update("\n".join(self._block).encode())
            self._block.clear()
