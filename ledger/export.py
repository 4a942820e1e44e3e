"""The journal as JSON lines for other programs, with the account's name taken out [C-211].

The first line says what it is; then one line a record, in order, each checked against the chain.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

import msgspec

from bot.core.record import encode
from ledger.backup import sync_folder
from ledger.chain import Head
from ledger.errors import InTheWay, LedgerUnwritable
from ledger.progress import Progress, unwatched
from ledger.read import Reader, Written, open_reader

__all__ = ["EXPORT_SCHEMA", "Exported", "export", "shortened"]

EXPORT_SCHEMA: Final = "bot.ledger-lines/1"
_PROGRESS_LINES: Final = 1_000


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """How much was written, and the SHA-256 (lower-case hex) of all of it."""

    records: int
    bytes: int
    sha256: str
    head: Head


def export(
    home: Path, *, to: Path, is_rehearsal: bool = False, progress: Progress = unwatched
) -> Exported:
    """Write the journal of `home` to a file that does not exist yet; a rehearsal only counts.

    Works while the engine runs, up to the record that is newest at the start.
    Raises InTheWay, LedgerUnwritable, and what `open_reader` raises.
    """
    making = to.with_name(f"{to.name}.making")
    digest = hashlib.sha256()
    records = size = 0
    with open_reader(home) as reader:
        head = reader.head()
        try:
            if to.exists() or to.is_symlink():
                raise InTheWay(to)
            making.unlink(missing_ok=True)
            handle = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "wb") as file:
                for line in _lines(reader, head):
                    digest.update(line)
                    size += len(line)
                    if not is_rehearsal:
                        file.write(line)
                    records += 1
                    if records % _PROGRESS_LINES == 0:
                        progress(records, head.seq)
                file.flush()
                os.fsync(file.fileno())
            if not is_rehearsal:
                making.rename(to)
                sync_folder(to.parent)
        except OSError as fault:
            raise LedgerUnwritable(f"{to} cannot be written: {fault.strerror}") from fault
        finally:
            with suppress(OSError):
                making.unlink()
    progress(head.seq, head.seq)
    return Exported(records=records - 1, bytes=size, sha256=digest.hexdigest(), head=head)


def shortened(account: str) -> str:
    """Return an account's name so that its owner knows it and nobody else learns it.

    At most two characters at each end; nothing of a name of four or less.
    """
    return f"{account[:2]}…{account[-2:]}" if len(account) > 4 else "…"


def _lines(reader: Reader, head: Head) -> Iterator[bytes]:
    owner = reader.owner
    yield _line(
        {
            "schema": EXPORT_SCHEMA,
            "environment": owner.environment.value,
            "account": shortened(owner.account),
            "ledger": owner.ledger,
            "created_ms": reader.created_ms,
            "head_seq": head.seq,
            "head_hash": head.hash,
        }
    )
    for written in reader.entries():
        if written.seq > head.seq:
            return
        yield _line(_document(written, account=owner.account))


def _document(written: Written, *, account: str) -> dict[str, object]:
    entry = written.entry
    record = msgspec.json.decode(encode(entry.record))
    return {
        "seq": written.seq,
        "hash": written.hash,
        "kind": written.kind,
        "run_id": entry.run_id,
        "intent_id": entry.intent_id,
        "ref": entry.ref,
        "at_venue_ms": entry.at_venue_ms,
        "at_mono_ns": entry.at_mono_ns,
        "record": _without(record, account, short=shortened(account)),
    }


def _without(value: object, account: str, *, short: str) -> object:
    """Take the account's name out of every text, also where a message quotes it."""
    match value:
        case str():
            return value.replace(account, short) if account else value
        case list():
            return [_without(each, account, short=short) for each in value]
        case dict():
            return {key: _without(each, account, short=short) for key, each in value.items()}
        case _:
            return value


def _line(document: dict[str, object]) -> bytes:
    return msgspec.json.encode(document) + b"\n"
