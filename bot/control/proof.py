"""A position proof, instrument by instrument, to the last digit (UX §4.4 `recon prove`) [C-502].

A comparison names every instrument that differs, so one that it does not name is equal: that is
what is told here as the venue's own count. A trade after the comparison ends what it proves.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from bot.control.view import FillRow, ForeignRow, PositionRow, Reconcile
from bot.core.durable import Durable
from bot.core.record import ProofMade, Record
from bot.domain.instant import iso
from bot.domain.money import plain

__all__ = ["Proof", "ProofRow", "in_ledger", "in_view"]

_DIFFERS: Final = re.compile(r"(\S+) ours (-?[0-9.]+) venue (-?[0-9.]+)")


class ProofRow(msgspec.Struct, frozen=True, kw_only=True):
    """One instrument: signed sizes in its amount unit; `difference` is ours minus the venue's.

    Both are "?" where no comparison covers them.
    """

    instrument: str
    ours: str
    venue: str
    difference: str


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison. `at` is venue time, None when there was none; `why` says what is amiss."""

    number: int
    at: str | None
    passed: bool
    why: str
    rows: tuple[ProofRow, ...]


def in_view(
    reconcile: Reconcile,
    *,
    positions: Sequence[PositionRow],
    foreign: Sequence[ForeignRow],
    fills: Sequence[FillRow],
) -> Proof:
    """Tell the proof that a running engine publishes; `fills` holds at least the newest trade.

    What is known of strangers is in the account too, and counted with ours [C-509].
    """
    differences = {
        name: (Decimal(ours), Decimal(venue))
        for name, ours, venue in _DIFFERS.findall(reconcile.difference or "")
    }
    held = {row.instrument: Decimal(row.size) for row in positions}
    for row in foreign:
        if row.kind == "position":
            held[row.instrument] = held.get(row.instrument, Decimal(0)) + Decimal(row.amount)
    later = [fill for fill in fills if reconcile.at is None or fill.at > reconcile.at]
    why = ""
    if reconcile.at is None:
        why = "positions were never compared in this run"
    elif not reconcile.passed:
        why = f"not proven since: {reconcile.difference}"
    elif later:
        why = f"trade {later[-1].trade_id} came after the comparison; prove again"
    return Proof(
        number=reconcile.number,
        at=reconcile.at,
        passed=not why,
        why=why,
        rows=_rows(held, differences, is_known=reconcile.at is not None and not later),
    )


def in_ledger(state: Durable, *, proofs: Sequence[tuple[int, Record]], last_fill: int) -> Proof:
    """Tell the newest proof of a ledger: `proofs` are records with numbers, oldest first.

    `last_fill` is the number of the newest fill's record, 0 for none.
    """
    made = [(seq, record) for seq, record in proofs if isinstance(record, ProofMade)]
    held = {str(n): Decimal(p.quantity) for n, p in state.positions.items() if p.quantity != 0}
    for name, apart in state.foreign.apart.items():
        held[name] = held.get(name, Decimal(0)) + apart.amount
    if not made:
        why = "this ledger has no comparison with the venue"
        return Proof(number=0, at=None, passed=False, why=why, rows=_rows(held, {}, is_known=False))
    seq, proof = made[-1]
    differences = {str(name): (ours, venue) for name, ours, venue in proof.differences}
    why = "" if proof.is_good else proof.detail
    if not why and last_fill > seq:
        why = f"record {last_fill} booked a trade after the comparison"
    return Proof(
        number=proof.generation,
        at=iso(proof.at_ms),
        passed=not why,
        why=why,
        rows=_rows(held, differences, is_known=last_fill <= seq),
    )


def _rows(
    held: Mapping[str, Decimal],
    differences: Mapping[str, tuple[Decimal, Decimal]],
    *,
    is_known: bool,
) -> tuple[ProofRow, ...]:
    """Return a row an instrument; what no comparison covers is "?" and never taken for equal."""
    zero, rows = Decimal(0), []
    for name in sorted({*held, *differences}):
        ours = held.get(name, zero)
        venue: Decimal | None = ours if is_known else None
        if name in differences:
            ours, venue = differences[name]
        rows.append(
            ProofRow(
                instrument=name,
                ours=plain(ours),
                venue="?" if venue is None else plain(venue),
                difference="?" if venue is None else plain(ours - venue),
            )
        )
    return tuple(rows)
