"""The stage of the simulator's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.simulator.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Give a floor where all keys are logged in and every book has quotes."""
    built = Stage(tmp_path)
    yield built
    built.close()
