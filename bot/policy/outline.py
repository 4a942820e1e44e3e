"""The policy's fields as data: what reading, hashing and documentation walk over."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

from bot.domain.money import plain
from bot.policy.policy import Policy
from bot.policy.term import Term

__all__ = ["Entry", "Field", "SubBlock", "entries", "fields", "figures"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field with a value of its own. `type` is Decimal, int, an Enum, or what a list holds."""

    name: str
    type: type
    is_list: bool
    term: Term


@dataclass(frozen=True, slots=True)
class SubBlock:
    """A field that holds a block of fields."""

    name: str
    block: type[msgspec.Struct]


Entry = Field | SubBlock


@cache
def entries(block: type[msgspec.Struct]) -> tuple[Entry, ...]:
    """Return what a block holds, in the order of its declaration."""
    hints = get_type_hints(block, include_extras=True)
    return tuple(_entry(name, hints[name]) for name in block.__struct_fields__)


def fields(block: type[msgspec.Struct] = Policy, *, under: str = "") -> Iterator[tuple[str, Field]]:
    """Walk every field of the policy with its path, e.g. `per_order.amount_max`."""
    for entry in entries(block):
        match entry:
            case SubBlock():
                yield from fields(entry.block, under=f"{under}{entry.name}.")
            case Field():
                yield f"{under}{entry.name}", entry


def figures(policy: Policy) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Walk every value as text in canonical form; lists sorted, single values as one text."""
    for path, _ in fields():
        value: Any = policy
        for name in path.split("."):
            value = getattr(value, name)
        yield path, tuple(sorted(map(_text, value if isinstance(value, tuple) else (value,))))


def _entry(name: str, hint: Any) -> Entry:
    if get_origin(hint) is not Annotated:
        return SubBlock(name, hint)
    value_type, term = get_args(hint)
    if get_origin(value_type) is tuple:
        return Field(name, _plain_type(get_args(value_type)[0]), is_list=True, term=term)
    return Field(name, _plain_type(value_type), is_list=False, term=term)


def _plain_type(value_type: Any) -> type:
    supertype = getattr(value_type, "__supertype__", value_type)  # a NewType of str is a str
    return supertype if isinstance(supertype, type) else str


def _text(value: Decimal | int | str | Enum) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    return plain(value) if isinstance(value, Decimal) else str(value)
