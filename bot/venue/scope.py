"""The scope that was granted is the proof of what a key can do (PROTOCOL §3)."""

from typing import Final

__all__ = ["mismatches"]

_AREAS: Final = ("account", "block_rfq", "block_trade", "custody", "trade", "wallet")


def mismatches(asked: str, *, granted: str) -> tuple[str, ...]:
    """Say where a grant differs from what was asked, in either direction.

    Both are the venue's space-separated text. An area that the grant leaves out counts as `none`.
    Areas that were not asked for are not judged; neither are session, connection, ip and expires.
    """
    want, have = _levels(asked), _levels(granted)
    return tuple(
        f"{area}: asked {want[area]}, granted {have.get(area, 'none')}"
        for area in _AREAS
        if area in want and have.get(area, "none") != want[area]
    )


def _levels(scope: str) -> dict[str, str]:
    pairs = (item.partition(":") for item in scope.split())
    return {area: level for area, _, level in pairs if area in _AREAS}
