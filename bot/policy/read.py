"""Read the policy's text, number by number as it is written, and name every fault [C-003].

The text is composed to nodes and never constructed: nodes keep each number's own digits, repeated
keys and line numbers, and nothing of the file is ever executed or expanded.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from enum import Enum
from typing import Any, Final

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.policy.fault import Fault
from bot.policy.outline import Field, SubBlock, entries

__all__ = ["TEXT_MAX", "Reading", "read"]

TEXT_MAX: Final = 65_536
_ITEMS_MAX: Final = 64
_SHOWN_MAX: Final = 60

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_NUMBER_TAGS: Final = frozenset({"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"})
_PLAIN_TAGS: Final = frozenset(
    f"tag:yaml.org,2002:{kind}"
    for kind in ("str", "int", "float", "bool", "null", "timestamp", "merge", "map", "seq")
)


@dataclass(slots=True)
class Reading:
    """What came of one text: the lines of the fields read, and the faults.

    It grows while one text is read and is then taken apart: no value keeps it.
    """

    lines: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, node: Node | int, path: str, *, was: str, must: str, nearest: str = "") -> None:
        """Note a fault at a node, or at a line."""
        line = node if isinstance(node, int) else _line(node)
        self.faults.append(Fault(line, path, was[:_SHOWN_MAX], must, nearest))


def read(text: str, *, block: type[msgspec.Struct], reading: Reading) -> Any:
    """Return the block that the text holds, or None with at least one fault noted in `reading`."""
    root = _compose(text, reading)
    if root is None:
        return None
    value = _block(root, block=block, path="", reading=reading)
    return None if reading.faults else value


def _compose(text: str, reading: Reading) -> Node | None:
    whole = "the file"
    if len(text) > TEXT_MAX:
        reading.fault(1, whole, was=f"{len(text)} characters", must=f"at most {TEXT_MAX}")
        return None
    try:
        root: Node | None = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line = 1 if mark is None else mark.line + 1
        reading.fault(line, whole, was=str(error.problem), must="one YAML document")
    except (YAMLError, RecursionError, ValueError) as error:
        # Characters that YAML has no place for, and nesting deeper than the reader's stack.
        reading.fault(1, whole, was=type(error).__name__, must="one YAML document")
    else:
        if root is None:
            reading.fault(1, whole, was="empty", must="a policy")
        return root
    return None


def _block(node: Node, *, block: type[msgspec.Struct], path: str, reading: Reading) -> Any:
    known = {entry.name: entry for entry in entries(block)}
    if not isinstance(node, MappingNode) or not _is_untagged(node):
        reading.fault(node, path or "the file", was=_shown(node), must="a block of fields")
        return None
    values: dict[str, Any] = {}
    seen: set[str] = set()
    for key, value in node.value:
        name = _shown(key)
        at = f"{path}.{name}" if path else name
        entry = known.get(name)
        if entry is None:
            nearest = next(iter(get_close_matches(name, known, n=1)), "")
            reading.fault(key, at, was="unknown field", must="a known field", nearest=nearest)
        elif name in seen:
            first = reading.lines.get(at, 0)
            reading.fault(key, at, was="given twice", must=f"given once (first on line {first})")
        else:
            seen.add(name)
            reading.lines[at] = _line(key)
            if isinstance(entry, SubBlock):
                values[name] = _block(value, block=entry.block, path=at, reading=reading)
            else:
                values[name] = _value(value, entry=entry, path=at, reading=reading)
    for name in known:
        if name not in seen:
            at = f"{path}.{name}" if path else name
            line = reading.lines.get(path, _line(node))
            reading.fault(line, at, was="missing", must="given")
    return None if reading.faults else block(**values)


def _value(node: Node, *, entry: Field, path: str, reading: Reading) -> Any:
    if isinstance(node, ScalarNode) and not node.value and node.style is None:
        # An absent value has no place of its own: its mark is wherever the next thing stands.
        reading.fault(reading.lines[path], path, was="nothing", must="given")
        return None
    if not entry.is_list:
        return _single(node, entry=entry, path=path, reading=reading)
    if not isinstance(node, SequenceNode) or not _is_untagged(node):
        reading.fault(node, path, was=_shown(node), must="a list: [one, two]")
        return None
    if not 1 <= len(node.value) <= _ITEMS_MAX:
        must = f"1 to {_ITEMS_MAX} entries"
        reading.fault(node, path, was=f"{len(node.value)} entries", must=must)
        return None
    items: list[Any] = []
    for item in node.value:
        value = _single(item, entry=entry, path=path, reading=reading)
        if value is not None and value in items:
            reading.fault(item, path, was=f"{_shown(item)} twice", must="each entry once")
        items.append(value)
    return tuple(items)


def _single(node: Node, *, entry: Field, path: str, reading: Reading) -> Any:
    if not isinstance(node, ScalarNode) or not _is_untagged(node):
        reading.fault(node, path, was=_shown(node), must="a single value")
        return None
    if issubclass(entry.type, Enum):
        return _choice(node, choices=entry.type, path=path, reading=reading)
    if entry.type is str:
        if _WORD.fullmatch(node.value) is None:
            reading.fault(node, path, was=_shown(node), must="a name")
            return None
        return node.value
    return _number(node, entry=entry, path=path, reading=reading)


def _choice(node: ScalarNode, *, choices: type[Enum], path: str, reading: Reading) -> Any:
    known = {str(choice.value): choice for choice in choices}
    if node.value in known:
        return known[node.value]
    nearest = next(iter(get_close_matches(node.value, known, n=1)), "")
    must = f"one of {', '.join(known)}"
    reading.fault(node, path, was=_shown(node), must=must, nearest=nearest)
    return None


def _number(node: ScalarNode, *, entry: Field, path: str, reading: Reading) -> Any:
    is_whole = entry.type is int
    kind = "a whole number" if is_whole else "a number"
    is_written = node.style is None and node.tag in _NUMBER_TAGS and _NUMBER.fullmatch(node.value)
    if not is_written or (is_whole and "." in node.value):
        must = f"{kind}, in digits, in {entry.term.unit}"
        reading.fault(node, path, was=_shown(node), must=must)
        return None
    number, high = Decimal(node.value), entry.term.high
    if number <= 0:
        reading.fault(node, path, was=node.value, must="above 0")
        return None
    if high is not None and number > high:
        reading.fault(node, path, was=node.value, must=f"at most {high} {entry.term.unit}")
        return None
    return int(number) if is_whole else number


def _shown(node: Node) -> str:
    if isinstance(node, ScalarNode):
        quoted = f'"{node.value}"' if node.style in {"'", '"'} else str(node.value)
        return quoted[:_SHOWN_MAX] if _is_untagged(node) else f"{node.tag} {quoted}"
    return "a list" if isinstance(node, SequenceNode) else "a block"


def _is_untagged(node: Node) -> bool:
    return node.tag in _PLAIN_TAGS


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1
