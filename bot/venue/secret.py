"""A key's secret, which no log, repr, pickle or encoder can show by accident."""

import hashlib
import hmac
from typing import Final, NoReturn, final

__all__ = ["Credentials", "Secret"]

_SHOWN: Final = "Secret(hidden)"


@final
class Secret:
    """Holds a secret and signs with it; its text is never given out."""

    __slots__ = ("__key",)

    def __init__(self, text: str) -> None:
        """Take the secret. Raises ValueError for an empty one."""
        if not text:
            raise ValueError("the client secret is empty")
        self.__key = text.encode()

    def sign(self, message: str) -> str:
        """Return lower-case hex of HMAC-SHA256 over the message (PROTOCOL §3)."""
        return hmac.new(self.__key, message.encode(), hashlib.sha256).hexdigest()

    def __repr__(self) -> str:
        """Hide it."""
        return _SHOWN

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        """Hide it in f-strings too."""
        return _SHOWN

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse to be copied out of the process."""
        raise TypeError("a secret is not serialised")


@final
class Credentials:
    """A key: its public id and its secret."""

    __slots__ = ("client_id", "secret")

    def __init__(self, *, client_id: str, secret: Secret) -> None:
        """Take both. Raises ValueError for an empty id."""
        if not client_id:
            raise ValueError("the client id is empty")
        self.client_id: Final = client_id
        self.secret: Final = secret

    def __repr__(self) -> str:
        """Show the id, which is no secret."""
        return f"Credentials(client_id={self.client_id!r})"
