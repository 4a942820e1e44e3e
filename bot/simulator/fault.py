"""Why the exchange cannot start: three facts and an exit code."""

from typing import Final, final

__all__ = ["EXIT_CONFIG", "EXIT_NOT_REACHABLE", "CannotStartError"]

EXIT_NOT_REACHABLE: Final = 3
EXIT_CONFIG: Final = 5


@final
class CannotStartError(Exception):
    """What happened, why it matters, what to do next, and the exit code that tells a script."""

    def __init__(self, what: str, *, why: str, next_step: str, exit_code: int) -> None:
        super().__init__(f"Cannot start: {what}. {why}. {next_step}")
        self.exit_code = exit_code
