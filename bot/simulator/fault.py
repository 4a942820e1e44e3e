"""Why the exchange cannot start or go on: three facts and an exit code."""

from typing import Final, final

__all__ = ["EXIT_CONFIG", "EXIT_NOT_REACHABLE", "ExchangeError"]

EXIT_NOT_REACHABLE: Final = 3
EXIT_CONFIG: Final = 5


@final
class ExchangeError(Exception):
    """What happened, why it matters, what to do next, and the exit code that tells a script."""

    def __init__(
        self,
        what: str,
        *,
        why: str,
        next_step: str,
        exit_code: int,
        lead: str = "Cannot start",
    ) -> None:
        super().__init__(f"{lead}: {what}. {why}. {next_step}")
        self.exit_code = exit_code
