"""Which build runs: what every capsule and status names [C-008, C-904]."""

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Final

__all__ = ["build_id"]

_PACKAGES: Final = ("bot", "ledger")


def build_id() -> str:
    """Return the version and a hash over the source that decides: same source, same id."""
    root = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    return f"{version('bot')}+{digest.hexdigest()[:8]}"
