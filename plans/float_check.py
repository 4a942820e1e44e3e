"""Fail when money code makes a float: a literal, a conversion, a division that may round [C-104].

Read from the syntax tree, so that no import runs. A true division is allowed where it is exact: one
operand is provably a `Fraction`. In the ledger a slash between a folder and a name is a path. A
name that ends in `_S` holds seconds, which are no money.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
MONEY: Final = (
    "bot/domain/money.py",
    "bot/domain/tick.py",
    "bot/domain/ratio.py",
    "bot/portfolio/position.py",
    "bot/portfolio/fee.py",
    "bot/portfolio/delivery.py",
    "bot/portfolio/margin.py",
    "bot/intent/quantise.py",
    "bot/intent/classify.py",
    "bot/intent/build.py",
    "bot/venue/write.py",
    "bot/venue/order_request.py",
    "ledger",
)
_KEEPS: Final = frozenset({"abs", "max", "min", "sum"})  # exact in, exact out
_MAKES_FLOAT: Final = frozenset({"from_float", "truediv", "__truediv__"})
_EXACT_MATH: Final = frozenset({"comb", "factorial", "gcd", "isqrt", "lcm"})


def faults_of(text: str, *, name: str) -> list[str]:
    """Return a line for each place where this source may make a float."""
    tree = ast.parse(text, filename=name)
    exact = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and _is_fraction_type(node.returns)
    }
    found = list(_in_block(tree, known=frozenset(), exact=frozenset(exact)))
    return [f"{name}:{line}: {what}" for line, what in sorted(set(found))]


def _in_block(
    block: ast.AST, *, known: frozenset[str], exact: frozenset[str]
) -> Iterator[tuple[int, str]]:
    """Walk one module or function; `known` are the names that hold a Fraction there."""
    known = _names(block, known=known, exact=exact)
    seconds = {id(value) for value in _seconds(block)}
    for node in _own(block):
        if id(node) in seconds:
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _in_block(node, known=known, exact=exact)
        else:
            yield from _fault(node, known=known, exact=exact)


def _seconds(block: ast.AST) -> Iterator[ast.expr]:
    """Return the plain figures that are given to a name which says that it holds seconds."""
    for node in _own(block):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant() as value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant() as value):
                pass
            case _:
                continue
        if name.endswith("_S"):
            yield value


def _own(block: ast.AST) -> Iterator[ast.AST]:
    """Walk a block without entering functions within it, which it yields."""
    for child in ast.iter_child_nodes(block):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _own(child)


def _names(block: ast.AST, *, known: frozenset[str], exact: frozenset[str]) -> frozenset[str]:
    """Name what holds a Fraction in a block: by annotation, or by every assignment to it."""
    named = set(known)
    if isinstance(block, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        arguments = (*block.args.posonlyargs, *block.args.args, *block.args.kwonlyargs)
        named -= {a.arg for a in arguments}
        named |= {a.arg for a in arguments if _is_fraction_type(a.annotation)}
    doubtful: set[str] = set()
    for node in _own(block):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            pairs = _pairs(target, node.value)
            for name, value in pairs:
                is_exact = value is not None and _is_exact(
                    value, known=frozenset(named), exact=exact
                )
                (named if is_exact else doubtful).add(name)
    return frozenset(named - doubtful)


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[str, ast.expr | None]]:
    if isinstance(target, ast.Name):
        return [(target.id, value)]
    if isinstance(target, ast.Tuple):
        is_whole = isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts)
        values = value.elts if isinstance(value, ast.Tuple) and is_whole else None
        return [
            (part.id, values[n] if values else None)
            for n, part in enumerate(target.elts)
            if isinstance(part, ast.Name)
        ]
    return []


def _fault(
    node: ast.AST, *, known: frozenset[str], exact: frozenset[str]
) -> Iterator[tuple[int, str]]:
    match node:
        case ast.Constant(value=float() | complex() as value):
            yield node.lineno, f"the float {value!r}"
        case ast.Call(func=ast.Name(id="float")):
            yield node.lineno, "a conversion to float"
        case ast.Attribute(attr=attr) if attr in _MAKES_FLOAT:
            yield node.lineno, f"{attr} makes or takes a float"
        case ast.Attribute(value=ast.Name(id="float"), attr=attr):
            yield node.lineno, f"float.{attr} makes a float"
        case ast.Import(names=names) if any(alias.name == "math" for alias in names):
            yield node.lineno, "math works in floats"
        case ast.ImportFrom(module="math", names=names):
            for alias in names:
                if alias.name not in _EXACT_MATH:
                    yield node.lineno, f"math.{alias.name} works in floats"
        case ast.BinOp(op=ast.Div(), left=left, right=right):
            if not _is_path(right) and not any(
                _is_exact(side, known=known, exact=exact) for side in (left, right)
            ):
                yield node.lineno, "a division that may round: neither side is a Fraction"
        case ast.AugAssign(op=ast.Div()):
            yield node.lineno, "a division in place"
        case _:
            return


def _is_exact(node: ast.expr, *, known: frozenset[str], exact: frozenset[str]) -> bool:
    """Say whether an expression surely is a Fraction; what is not known is not."""
    match node:
        case ast.Name(id=name):
            return name in known
        case ast.Call(func=ast.Name(id="Fraction")):
            return True
        case ast.Call(func=ast.Name(id=name), args=args):
            kept = name in _KEEPS and any(_is_exact(a, known=known, exact=exact) for a in args)
            return kept or name in exact
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), left=left, right=right):
            return any(_is_exact(side, known=known, exact=exact) for side in (left, right))
        case ast.UnaryOp(operand=operand):
            return _is_exact(operand, known=known, exact=exact)
        case ast.IfExp(body=body, orelse=other):
            return all(_is_exact(part, known=known, exact=exact) for part in (body, other))
        case _:
            return False


def _is_path(right: ast.expr) -> bool:
    """A file's name after the slash: a text, or a constant called so."""
    match right:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.Name(id=name):
            return name.endswith("_NAME")
        case _:
            return False


def _is_fraction_type(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Name) and node.id == "Fraction"


def check(root: Path) -> list[str]:
    """Return every fault below a checkout; a named file that is gone is one."""
    found = []
    for name in MONEY:
        path = root / name
        files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        if not path.exists() or not files:
            found.append(f"{name}: money code was expected here")
            continue
        for file in files:
            where = file.relative_to(root).as_posix()
            found += faults_of(file.read_text(encoding="utf-8"), name=where)
    return found


def main() -> int:
    """Print the faults of this checkout, or of the one that is named; 1 when there are any."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    faults = check(root)
    sys.stderr.write("".join(f"{fault}\n" for fault in faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
