"""The platform as a whole: `public/status`, `platform_state`, index prices (PROTOCOL §4, §7)."""

from decimal import Decimal
from typing import Final

import msgspec

from bot.domain.ids import IndexName
from bot.domain.money import Price, exact
from bot.domain.report import IndexPrice, PlatformState
from bot.venue.undecodable import reading
from bot.venue.wire.number import whole

__all__ = ["decode_index_price", "decode_platform_state", "decode_status", "decode_time"]


class _WireIndex(msgspec.Struct, frozen=True, kw_only=True):
    index_name: str
    timestamp: Decimal
    price: Decimal


class _WireState(msgspec.Struct, frozen=True, kw_only=True):
    price_index: str | None = None
    locked: bool | None = None
    maintenance: bool | None = None


class _WireStatus(msgspec.Struct, frozen=True, kw_only=True):
    locked: bool | str | None = None
    locked_indices: tuple[str, ...] = ()


_INDEX: Final = msgspec.json.Decoder(_WireIndex)
_STATE: Final = msgspec.json.Decoder(_WireState)
_STATUS: Final = msgspec.json.Decoder(_WireStatus)
_NUMBER: Final = msgspec.json.Decoder(Decimal)


def decode_time(raw: bytes | msgspec.Raw) -> int:
    """Decode `public/get_time`: ms UTC. Raises UndecodableError."""
    with reading("time"):
        return whole(_NUMBER.decode(raw))


def decode_index_price(raw: bytes | msgspec.Raw) -> IndexPrice:
    """Decode the channel `deribit_price_index.*`. Raises UndecodableError."""
    with reading("index price"):
        wire = _INDEX.decode(raw)
        return IndexPrice(
            index=IndexName(wire.index_name),
            at_ms=whole(wire.timestamp),
            price=Price(exact(wire.price)),
        )


def decode_platform_state(raw: bytes | msgspec.Raw) -> PlatformState:
    """Decode the channel `platform_state`. Raises UndecodableError when it says neither thing."""
    with reading("platform state"):
        wire = _STATE.decode(raw)
        if wire.locked is None and wire.maintenance is None:
            raise ValueError("neither locked nor maintenance is said")
        return PlatformState(
            is_locked=bool(wire.locked),
            is_maintenance=bool(wire.maintenance),
            index=None if wire.price_index is None else IndexName(wire.price_index),
        )


def decode_status(raw: bytes | msgspec.Raw) -> tuple[PlatformState, ...]:
    """Decode `public/status`: one state for the whole platform, or one for each locked index.

    The venue's schema and its example disagree on type and names; whatever is neither a clear
    "false" nor a list of indices counts as wholly locked. Raises UndecodableError.
    """
    with reading("status"):
        wire = _STATUS.decode(raw)
        if wire.locked_indices and wire.locked in (False, "false", "partial"):
            return tuple(
                PlatformState(is_locked=True, is_maintenance=False, index=IndexName(name))
                for name in wire.locked_indices
            )
        is_open = wire.locked in (False, "false")
        return (PlatformState(is_locked=not is_open, is_maintenance=False),)
