"""How far a long walk has come, told to whoever watches."""

from collections.abc import Callable

__all__ = ["Progress", "unwatched"]

Progress = Callable[[int, int], None]  # done, of how many; pages or records


def unwatched(_done: int, _of: int) -> None:
    """Tell nobody."""
