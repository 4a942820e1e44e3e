"""Reach the engine of a home, and only the one that was meant."""

from bot.control.client import Client
from bot.control.errors import Exit, UserError
from bot.control.place import socket_place
from commands.session import Session

__all__ = ["connect"]


def connect(session: Session) -> Client:
    """Connect to the home's engine.

    Raises UserError: NO_ENGINE (exit 3), or exit 10 when `--env` names another environment than
    the engine runs in.
    """
    client = Client(socket_place(session.home), timeout_s=session.timeout_s)
    is_other = session.environment is not None and client.hello.environment != session.environment
    if session.environment is not None and is_other:
        client.__exit__()
        there = client.hello.environment.value
        raise UserError(
            "OTHER_ENVIRONMENT",
            exit=Exit.UNSAFE_START,
            what=f"Not done: the engine in {session.home} runs in {there},"
            f" not {session.environment.value}. Nothing was changed.",
            why="Acting on the wrong environment is acting on the wrong money.",
            next=f"Name its home, or drop the flag: bot --env {there.lower()} status",
        )
    return client
