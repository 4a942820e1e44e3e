"""Where the reference material lies when it stands beside the checkout."""

from pathlib import Path

import pytest

_SHARED = Path(__file__).resolve().parents[2] / "shared"


def shared(path: str) -> Path:
    """Return a file or folder of the reference material; skip the test in a clone without it."""
    found = _SHARED / path
    if not found.exists():
        pytest.skip(f"{path} is not beside this checkout; the project's own numbers cover it")
    return found
