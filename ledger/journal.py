"""Reading and writing the rows of `journal`, `body` and `meta`. The caller owns the transaction."""

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, final

import apsw

from bot.domain.ids import AccountId, LedgerId
from bot.domain.mode import Environment
from bot.intent.intent import Owner
from ledger.chain import Head, Row, check_link, genesis
from ledger.connection import Cell, ask
from ledger.entry import BODY_BYTES_MAX, Body
from ledger.errors import LedgerCorrupt

__all__ = [
    "Meta",
    "append",
    "body_content",
    "body_names",
    "has_body",
    "last_seq",
    "links",
    "read_meta",
    "row_at",
    "row_of",
    "rows",
    "write_meta",
]

PAGE_ROWS: Final = 1_000  # a long statement would hold back the writer's checkpoint
_COLUMNS: Final = ", ".join(Row._fields)
# Names of ours, never a value from outside.
_SELECT: Final = f"SELECT {_COLUMNS} FROM journal"  # noqa: S608  # the fields of Row
_INSERT: Final = f"INSERT INTO journal ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)"  # noqa: S608  # same


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """Whose ledger this is; written once, at creation (wall clock, ms)."""

    owner: Owner
    created_ms: int

    @property
    def start(self) -> Head:
        """The head of the empty journal."""
        return Head(0, genesis(self.owner, created_ms=self.created_ms).hex())


def append(
    connection: apsw.Connection, written: Sequence[Row], *, contents: Sequence[Body]
) -> None:
    """Add rows and the bodies they name; a body that is there already stays as it is."""
    connection.executemany(
        "INSERT INTO body (hash, bytes) VALUES (?, ?)",
        # Level 1: this runs before an order may leave; the archive packs again [C-907].
        ((body.hash, zlib.compress(body.content, 1)) for body in contents),
    )
    connection.executemany(_INSERT, written)


def row_of(connection: apsw.Connection, *, kind: str, ref: str) -> Row | None:
    """Return the fill or intent with this ref, unchecked; there is one at most."""
    found = ask(connection, f"{_SELECT} WHERE kind = ? AND ref = ? LIMIT 1", (kind, ref), Row)
    return found[0] if found else None


def last_seq(connection: apsw.Connection) -> int:
    """Return the newest record's number, 0 for an empty journal."""
    ((seq,),) = ask(connection, "SELECT ifnull(max(seq), 0) FROM journal", (), tuple[int])
    return seq


def row_at(connection: apsw.Connection, seq: int) -> Row | None:
    """Return one row, unchecked."""
    found = ask(connection, f"{_SELECT} WHERE seq = ?", (seq,), Row)
    return found[0] if found else None


def rows(
    connection: apsw.Connection,
    *,
    after: int,
    to: int,
    kind: str | None = None,
    intent_id: str | None = None,
) -> Iterator[Row]:
    """Walk the rows with after < seq ≤ to in order, unchecked, a page at a time."""
    wanted: dict[str, Cell] = {"after": after, "to": to, "limit": PAGE_ROWS}
    question = f"{_SELECT} WHERE seq > :after AND seq <= :to"
    if kind is not None:
        # The plus keeps this off the index, which would sort all of a kind for every page.
        question, wanted["kind"] = f"{question} AND +kind = :kind", kind
    if intent_id is not None:
        question, wanted["intent"] = f"{question} AND intent_id = :intent", intent_id
    while wanted["after"] != to:
        page = ask(connection, f"{question} ORDER BY seq LIMIT :limit", wanted, Row)
        yield from page
        if len(page) < PAGE_ROWS:
            return
        wanted["after"] = page[-1].seq


def links(connection: apsw.Connection, *, after: Head, to: int) -> Iterator[Row]:
    """Walk every row from a trusted head up to `to`, each checked against the one before.

    Raises LedgerCorrupt at the first that does not follow, or when the end is missing.
    """
    for row in rows(connection, after=after.seq, to=to):
        after = check_link(row, after=after)
        yield row
    if after.seq != to:
        raise LedgerCorrupt(after.seq + 1, "the record is missing, and so are all after it")


def body_content(connection: apsw.Connection, name: str) -> bytes | None:
    """Return a body by its hash; None when there is none. Raises LedgerCorrupt."""
    question = "SELECT bytes FROM body WHERE hash = ?"
    for (packed,) in ask(connection, question, (name,), tuple[bytes]):
        return _unpacked(name, packed)
    return None


def has_body(connection: apsw.Connection, name: str) -> bool:
    """Say whether a body is stored, without reading it."""
    return bool(ask(connection, "SELECT 1 FROM body WHERE hash = ?", (name,), tuple[int]))


def body_names(connection: apsw.Connection) -> Iterator[str]:
    """Walk the hashes of all bodies, a page at a time."""
    name = ""
    while True:
        question = "SELECT hash FROM body WHERE hash > ? ORDER BY hash LIMIT ?"
        page = ask(connection, question, (name, PAGE_ROWS), tuple[str])
        for (name,) in page:
            yield name
        if len(page) < PAGE_ROWS:
            return


def write_meta(connection: apsw.Connection, meta: Meta) -> None:
    """Stamp a new ledger."""
    owner = meta.owner
    connection.execute(
        "INSERT INTO meta (one, environment, account, ledger_id, created_ms)"
        " VALUES (1, ?, ?, ?, ?)",
        (owner.environment.value, owner.account, owner.ledger, meta.created_ms),
    )


def read_meta(connection: apsw.Connection) -> Meta:
    """Read whose ledger this is. Raises LedgerCorrupt."""
    question = "SELECT environment, account, ledger_id, created_ms FROM meta"
    found = ask(connection, question, (), tuple[str, AccountId, LedgerId, int])
    if len(found) != 1:
        raise LedgerCorrupt(0, f"meta has {len(found)} rows where 1 belongs")
    ((environment, account, ledger_id, created_ms),) = found
    try:
        stamped = Environment(environment)
    except ValueError:
        raise LedgerCorrupt(0, f"the environment was {environment!r}") from None
    owner = Owner(environment=stamped, account=account, ledger=ledger_id)
    return Meta(owner=owner, created_ms=created_ms)


def _unpacked(name: str, packed: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(packed, BODY_BYTES_MAX + 1)
    except zlib.error as fault:
        raise LedgerCorrupt(0, f"body {name} cannot be unpacked: {fault}") from fault
    if hashlib.sha256(content).hexdigest() != name:
        raise LedgerCorrupt(0, f"body {name} has other content than its hash says")
    return content
