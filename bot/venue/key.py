"""Where a key comes from: the service manager's credential, or a file for its owner only [C-009].

Never the command line and never the environment: what stands there, others can read.
"""

import stat
from pathlib import Path

import msgspec

from bot.venue.secret import Credentials, Secret

__all__ = ["KeyUnusableError", "read_key"]


class KeyUnusableError(Exception):
    """There is no key to be had. Its text is the end of a sentence: "there is no key …"."""


class _Key(msgspec.Struct, frozen=True, kw_only=True):
    client_id: str
    client_secret: str
    role: str = ""


def read_key(role: str, *, credentials: Path | None, file: Path) -> Credentials:
    """Return the key of a role.

    `credentials` is the folder that the service manager names, with one JSON object a role;
    `file` is a JSON list of keys with their roles, used where there is no such credential. It must
    be closed to others. Raises KeyUnusableError, which never tells what a file holds.
    """
    given = None if credentials is None else credentials / role
    try:
        if given is not None and given.exists():
            key = msgspec.json.decode(given.read_bytes(), type=_Key)
        else:
            given = file
            if stat.S_IMODE(file.stat().st_mode) & 0o077:
                raise KeyUnusableError(f"{file} is open to others")
            keys = msgspec.json.decode(file.read_bytes(), type=list[_Key])
            key = next(key for key in keys if key.role == role)
        return Credentials(client_id=key.client_id, secret=Secret(key.client_secret))
    except (OSError, ValueError, StopIteration):
        # The decoder's own words could quote the file, so that they are left out.
        raise KeyUnusableError(f'there is no key "{role}" in {given}') from None
